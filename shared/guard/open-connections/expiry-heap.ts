/** What lies in a `DueHeap`; `place` is the heap's own. */
export type Expiring = { readonly until: number; place: number }

const absent = -1

/**
 * A binary heap by `until` that gives up any member at once: each knows its place. Cost of `add`
 * and `delete`: the logarithm of the size; nothing of what was deleted is held.
 */
export class ExpiryHeap<Member extends Expiring> {
  readonly #members: Member[] = []

  get size(): number {
    return this.#members.length
  }

  /** The one that is due first. */
  get first(): Member | undefined {
    return this.#members[0]
  }

  has(member: Member): boolean {
    return this.#members[member.place] === member
  }

  /** All of them now, in no order; what is added or deleted meanwhile does not change it. */
  all(): readonly Member[] {
    return [...this.#members]
  }

  add(member: Member): void {
    this.#put(member, this.#members.length)
    this.#rise(member)
  }

  /** Whether it was there. */
  delete(member: Member): boolean {
    if (!this.has(member)) return false
    const { place } = member
    const last = this.#members.pop() as Member
    member.place = absent
    if (last !== member) {
      this.#put(last, place)
      this.#rise(last)
      this.#sink(last)
    }
    return true
  }

  #put(member: Member, place: number): void {
    this.#members[place] = member
    member.place = place
  }

  #swap(one: Member, other: Member): void {
    const { place } = one
    this.#put(one, other.place)
    this.#put(other, place)
  }

  #rise(member: Member): void {
    while (member.place > 0) {
      const parent = this.#members[(member.place - 1) >> 1] as Member
      if (parent.until <= member.until) return
      this.#swap(member, parent)
    }
  }

  #sink(member: Member): void {
    for (;;) {
      const left = this.#members[2 * member.place + 1]
      const right = this.#members[2 * member.place + 2]
      const earlier = left && right && right.until < left.until ? right : left
      if (earlier === undefined || earlier.until >= member.until) return
      this.#swap(member, earlier)
    }
  }
}
