import { signal } from '@preact/signals'
import type { AuditEventBody } from '../../../gateway/answers.ts'
import { Ring } from './ring.ts'

export const rowsMax = 1_000
/** Rows are drawn together, so that a fast stream leaves time for everything else. */
const drawEveryMs = 200

/**
 * Events as a list shows them, newest first: at most `rowsMax`, however many come. While it is
 * held, what comes is counted and kept aside.
 */
export class LiveList {
  readonly rows = signal<readonly AuditEventBody[]>([])
  /** How many came since it is held; more than are kept, perhaps. */
  readonly heldCount = signal(0)
  readonly isHeld = signal(false)
  readonly #shown = new Ring<AuditEventBody>(rowsMax)
  readonly #held = new Ring<AuditEventBody>(rowsMax)
  readonly #ids = new Set<string>()
  #timer: ReturnType<typeof setTimeout> | null = null

  /** In the order in which they came. */
  add(events: readonly AuditEventBody[]): void {
    const fresh = events.filter(({ id }) => !this.#ids.has(id))
    for (const { id } of fresh) this.#ids.add(id)
    if (fresh.length === 0) return
    this.#held.add([...fresh].reverse())
    this.heldCount.value += fresh.length
    this.#forgetIds()
    if (!this.isHeld.value) this.#timer ??= setTimeout(() => this.#draw(), drawEveryMs)
  }

  /** A page of older ones, newest first. */
  addOlder(events: readonly AuditEventBody[]): void {
    const fresh = events.filter(({ id }) => !this.#ids.has(id))
    for (const { id } of fresh) this.#ids.add(id)
    this.#shown.addOlder(fresh)
    this.rows.value = this.#shown.items
  }

  hold(isHeld: boolean): void {
    this.isHeld.value = isHeld
    if (!isHeld) this.#draw()
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #draw(): void {
    this.#timer = null
    if (this.isHeld.value || this.heldCount.value === 0) return
    this.#shown.add(this.#held.items)
    this.#held.clear()
    this.heldCount.value = 0
    this.rows.value = this.#shown.items
  }

  /** Ids are kept as long as their events are. */
  #forgetIds(): void {
    if (this.#ids.size <= 4 * rowsMax) return
    this.#ids.clear()
    for (const { id } of [...this.#shown.items, ...this.#held.items]) this.#ids.add(id)
  }
}
