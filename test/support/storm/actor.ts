import { systemClock } from '../../../shared/kernel/clock.ts'
import type { Dice } from '../fakes/dice.ts'
import { type Reply, Visitor } from '../requests/visitor.ts'
import { type Ending, type Person, Seat } from './seat.ts'
import type { Site } from './site.ts'

export type World = Readonly<{
  site: Site
  dice: Dice
  seats: Seat[]
  /** A claim that broke. */
  onViolation: (said: string) => void
  /** Secrets that the fleet looks for in what its processes wrote; a sample of all tokens. */
  secrets: Readonly<{ keepSecret: (text: string) => void }>
}>

const seatsMax = 3
const now = (): number => systemClock.monotonicMs()
const answered = (asking: Promise<Reply>): Promise<Reply | null> => asking.catch(() => null)

const endingOf = (reply: Reply, by: string): Ending => ({
  atMs: now(),
  position: reply.headers.get('revocation-position'),
  by,
})

/**
 * One user, who logs in, refreshes and leaves in all the ways there are, while things break. An
 * answer that was lost leaves a debt: the end is asked for until somebody says that it is durable.
 */
export class Actor {
  readonly #world: World
  #person: Person | null = null
  #debts: Readonly<{ target: object; seats: readonly Seat[] }>[] = []
  #count = 0
  readonly #name: string

  constructor(world: World, name: string) {
    this.#world = world
    this.#name = name
  }

  /** One thing that a user does. */
  async step(): Promise<void> {
    const { dice } = this.#world
    if (!(await this.payDebts())) return
    const person = this.#person ?? (await this.#signUp())
    if (!person) return
    const live = this.#live(person)
    if (live.length < seatsMax && (live.length === 0 || dice.chance(40))) {
      return this.#login(person)
    }
    const seat = dice.pick(live)
    if (dice.chance(45)) return this.#refresh(seat)
    if (dice.chance(55)) return this.#logout(seat)
    if (dice.chance(35))
      return this.#byDesk({ scope: 'session', id: seat.visitor.access.sid }, [seat])
    if (dice.chance(40)) return this.#others(seat)
    if (dice.chance(50)) return this.#changePassword(seat)
    return this.#byDesk({ scope: 'subject', id: seat.visitor.access.sub }, live)
  }

  /** Whether nothing is owed any more. */
  async payDebts(): Promise<boolean> {
    const [debt] = this.#debts
    if (!debt) return true
    const reply = await this.#desk('/revocations', debt.target)
    if (reply?.status !== 200) return false
    this.#debts.shift()
    const ending = endingOf(reply, 'a debt')
    for (const seat of debt.seats) seat.ended(ending, seat.visitor)
    return this.#debts.length === 0
  }

  #live(person: Person): Seat[] {
    return this.#world.seats.filter((seat) => seat.person === person && seat.isLive)
  }

  get #gateway(): string {
    const { services } = this.#world.site
    const name = this.#world.dice.pick(['gateway-1', 'gateway-2'] as const)
    return services.get(name)?.url ?? ''
  }

  #desk(path: string, body: object): Promise<Reply | null> {
    const { authorization } = this.#world.site
    const visitor = new Visitor(this.#world.secrets)
    return answered(visitor.post(`${this.#gateway}${path}`, body, { authorization }))
  }

  async #signUp(): Promise<Person | null> {
    this.#count += 1
    const username = `${this.#name}-${this.#count}`
    const password = `pass word of ${username}`
    const reply = await this.#desk('/users', { username, password })
    if (reply?.status !== 201) return null
    this.#person = { username, password }
    return this.#person
  }

  async #login(person: Person): Promise<void> {
    const visitor = new Visitor(this.#world.secrets)
    const { username, password } = person
    const reply = await answered(visitor.post(`${this.#gateway}/login`, { username, password }))
    if (reply?.status === 401) this.#world.onViolation(`a good password of ${username} was refused`)
    if (reply?.status !== 200) return
    this.#count += 1
    this.#world.seats.push(new Seat(person, `${username}/${this.#count}`, visitor, now()))
  }

  async #refresh(seat: Seat): Promise<void> {
    const reply = await answered(seat.visitor.post(`${this.#gateway}/refresh`))
    if (reply && [401, 409].includes(reply.status)) {
      const said = `${reply.status} ${JSON.stringify(reply.body)}`
      this.#world.onViolation(`a live session (${seat.name}) was not refreshed: ${said}`)
    }
  }

  async #logout(seat: Seat): Promise<void> {
    const thief = seat.visitor.copy()
    seat.unsure()
    const reply = await answered(seat.visitor.post(`${this.#gateway}/logout`))
    if (reply?.status === 200) return seat.ended(endingOf(reply, 'logout'), thief)
    if (reply?.status === 401) {
      const said = `401 ${JSON.stringify(reply.body)}`
      this.#world.onViolation(`a live session (${seat.name}) could not log out: ${said}`)
    }
    this.#owe({ scope: 'session', id: thief.access.sid }, [seat], thief)
  }

  async #byDesk(target: object, seats: readonly Seat[]): Promise<void> {
    for (const seat of seats) seat.unsure()
    const reply = await this.#desk('/revocations', target)
    if (reply?.status !== 200) return this.#owe(target, seats)
    const ending = endingOf(reply, `the desk, ${JSON.stringify(target)}`)
    for (const seat of seats) seat.ended(ending, seat.visitor)
  }

  async #others(seat: Seat): Promise<void> {
    const live = this.#live(seat.person)
    const thief = seat.visitor.copy()
    const visitor = seat.visitor
    for (const one of live) one.unsure()
    const reply = await answered(visitor.post(`${this.#gateway}/revocations`, { scope: 'others' }))
    if (reply?.status !== 200) {
      return this.#owe({ scope: 'subject', id: thief.access.sub }, live, thief, seat)
    }
    const ending = endingOf(reply, 'log out the others')
    const kept = visitor.copy()
    for (const one of live) one.ended(ending, one === seat ? thief : one.visitor)
    // The cutoff stood and the store went away before the new session: 200, and cookies cleared.
    if (!kept.has('access')) return
    this.#world.seats.push(new Seat(seat.person, `${seat.name}+`, kept, now()))
  }

  async #changePassword(seat: Seat): Promise<void> {
    const { person } = seat
    const live = this.#live(person)
    const thief = seat.visitor.copy()
    const next = `${person.password}+`
    for (const one of live) one.unsure()
    const reply = await answered(
      seat.visitor.post(`${this.#gateway}/password`, {
        current_password: person.password,
        new_password: next,
      }),
    )
    if (reply?.status === 200) {
      person.password = next
      const ending = endingOf(reply, 'a password change')
      for (const one of live) one.ended(ending, one === seat ? thief : one.visitor)
      return
    }
    // Which of the two passwords is good nobody knows: this user is left, and another one comes.
    this.#person = null
    this.#owe({ scope: 'subject', id: thief.access.sub }, live, thief, seat)
  }

  #owe(target: object, seats: readonly Seat[], thief?: Visitor, of = seats[0]): void {
    if (thief && of) of.keep(thief)
    this.#debts.push({ target, seats })
  }
}
