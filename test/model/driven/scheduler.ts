import type { EpochMs } from '../../../shared/kernel/ids.ts'
import {
  type Actor,
  type Budget,
  type Call,
  conflict,
  meet,
  type Resource,
  type Side,
  type Touches,
  type Way,
} from './calls.ts'
import { digestOf } from './digest.ts'
import { startMs } from './start-ms.ts'

const nothing: Budget = {
  lose: 0,
  refuse: 0,
  stale: 0,
  crash: 0,
  grace: 0,
  prune: 0,
}

type Waiting = Readonly<{
  actor: Actor
  since: number
  call: Call<unknown>
  resolve: (answer: unknown) => void
  reject: (error: unknown) => void
}>

/** `by`: whose turn it is. */
export type Choice = Readonly<{ by: string; take: () => Promise<void> }>

const touchesOf = ({ reads = [], writes = [] }: Call<unknown>): Touches => ({ reads, writes })

/** Lets every promise that is due settle, with what it starts. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/**
 * Holds every call of a port until it is released, one at a time: what the real code does in
 * between is one atomic step. While it is `open`, calls pass.
 */
export class Scheduler {
  readonly actors: Actor[] = []
  readonly budget: Budget
  /** What was released, in order, for people. */
  readonly way: string[] = []
  readonly #waiting: Waiting[] = []
  readonly #hasGrace: boolean
  readonly #dead = new Set<Side>()
  /** What each gateway's shared parts (publisher, identity, clock) went through, in order. */
  readonly #shared: [string, string] = ['', '']
  isOpen = true
  /** What `may` of an actor leaves out: then the exploration leaves orders out. */
  mistake: string | undefined
  nowMs = startMs

  constructor(budget: Partial<Budget>) {
    this.#hasGrace = (budget.grace ?? 0) > 0
    this.budget = { ...nothing, ...budget }
  }

  now(): EpochMs {
    return this.nowMs as EpochMs
  }

  actor(name: string, gateway: Side, kind: Actor['kind'], may: Touches): Actor {
    const actor: Actor = { name, gateway, kind, may, trail: '', isDone: false }
    this.actors.push(actor)
    return actor
  }

  /** Time passes, once the world has begun. */
  passes(ms: number): void {
    if (!this.isOpen) this.nowMs += ms
  }

  isDead(gateway: Side): boolean {
    return this.#dead.has(gateway)
  }

  async call<T>(actor: Actor, call: Call<T>): Promise<T> {
    if (this.isOpen) return (call.ways[0] as Way<T>).run()
    const { reads, writes } = touchesOf(call as Call<unknown>)
    const isDeclared =
      reads.every((one) => actor.may.reads.includes(one) || actor.may.writes.includes(one)) &&
      writes.every((one) => actor.may.writes.includes(one))
    // The real code would take it for trouble of the port's.
    if (!isDeclared) this.mistake ??= `${actor.name} was not said to do this: ${call.label}`
    return new Promise<T>((resolve, reject) => {
      const waiting: Waiting = {
        actor,
        since: this.nowMs,
        call: call as Call<unknown>,
        resolve: resolve as (answer: unknown) => void,
        reject,
      }
      this.#waiting.push(waiting)
    })
  }

  /** Runs `work` as `actor`; it is done when `work` is. Errors of the real code are answers. */
  start(actor: Actor, work: () => Promise<void>): void {
    work()
      .catch((error: Error) => {
        actor.trail += `!${error.message}`
      })
      .finally(() => {
        actor.isDone = true
      })
  }

  /** A gateway that is killed: what it waits for never comes. */
  crash(gateway: Side): void {
    this.#dead.add(gateway)
    for (const waiting of this.#waiting.filter(({ actor }) => actor.gateway === gateway)) {
      this.#drop(waiting)
    }
  }

  /** What waits and may be released; what commutes with all else was released before. */
  choices(): Choice[] {
    return this.#waiting.flatMap((waiting) =>
      this.#waysOf(waiting).map((way) => ({
        by: waiting.actor.name,
        take: () => this.#release(waiting, way),
      })),
    )
  }

  /** Goes on until each that waits could be seen to come before or after something else. */
  async settle(): Promise<void> {
    await settled()
    for (let next = this.#unseen(); next; next = this.#unseen()) {
      const [way] = this.#waysOf(next)
      if (way) await this.#release(next, way)
    }
  }

  isAtWork(gateway: Side): boolean {
    if (this.#dead.has(gateway)) return false
    const mine = ({ gateway: side }: Actor): boolean => side === gateway
    return (
      this.#waiting.some(({ actor }) => mine(actor)) ||
      this.actors.some((one) => mine(one) && one.kind !== 'publisher' && !one.isDone)
    )
  }

  /** Of whoever is still at work, since only that can matter. */
  key(): string {
    const gateways = ([0, 1] as const).map((side) =>
      this.isAtWork(side) ? this.#shared[side] : this.#dead.has(side) ? 'dead' : '',
    )
    const waiting = new Map<Actor, string>()
    for (const { actor, call, since } of this.#waiting) {
      waiting.set(actor, `${waiting.get(actor) ?? ''};${call.label}${this.#hasGrace ? since : ''}`)
    }
    const trails = this.actors.map((actor) =>
      actor.isDone || this.#dead.has(actor.gateway)
        ? (waiting.get(actor) ?? '')
        : `${actor.kind === 'publisher' ? '' : actor.trail}${waiting.get(actor) ?? ''}`,
    )
    return `${gateways}|${trails}|${Object.values(this.budget)}|${this.nowMs}`
  }

  /** When it was, where that can matter: milliseconds tell instants apart, and decide nothing. */
  #stamp({ reads }: Call<unknown>): string {
    return this.#hasGrace || reads?.includes('time') ? `@${this.nowMs}` : ''
  }

  #drop(waiting: Waiting): void {
    const at = this.#waiting.indexOf(waiting)
    if (at >= 0) this.#waiting.splice(at, 1)
  }

  #waysOf({ call }: Waiting): readonly Way<unknown>[] {
    return call.ways.filter(({ spends }) => spends === undefined || this.budget[spends] > 0)
  }

  #unseen(): Waiting | undefined {
    return this.#waiting.find((waiting) => this.#isUnseen(waiting))
  }

  #isUnseen(waiting: Waiting): boolean {
    const { actor, call } = waiting
    const ways = this.#waysOf(waiting)
    if (call.matters || ways.length !== 1 || ways[0]?.spends !== undefined) return false
    const mine = touchesOf(call)
    if (meet(mine.reads, this.#outside())) return false
    const hasMore = this.#waiting.some((one) => one !== waiting && one.actor === actor)
    if (hasMore && conflict(mine, actor.may)) return false
    return this.actors.every(
      (other) => other === actor || this.#isOver(other) || !conflict(mine, other.may),
    )
  }

  #isOver(actor: Actor): boolean {
    const { gateway, kind, isDone } = actor
    if (this.#dead.has(gateway)) return true
    return kind === 'publisher' ? !this.isAtWork(gateway) : isDone
  }

  /** What may change without any of the actors. */
  #outside(): readonly Resource[] {
    const { grace, prune } = this.budget
    return [...(grace > 0 ? ['time', 'grace'] : []), ...(prune > 0 ? ['log'] : [])]
  }

  async #release(waiting: Waiting, { name, spends, run }: Way<unknown>): Promise<void> {
    const { actor, call, resolve, reject } = waiting
    this.#drop(waiting)
    if (spends !== undefined) this.budget[spends] -= 1
    this.way.push(`${actor.name}: ${call.label}${name && `, ${name}`}`)
    const { told, answer } = await this.#outcomeOf(call, run, resolve, reject)
    const step = `,${digestOf(`${call.label}/${name}/${told}`)}${this.#stamp(call)}`
    actor.trail += step
    const isPrivate = actor.kind === 'request' && touchesOf(call).writes.length === 0
    if (!isPrivate) this.#shared[actor.gateway] += `,${actor.name}${step}`
    answer()
    await settled()
  }

  async #outcomeOf(
    { shown = String }: Call<unknown>,
    run: Way<unknown>['run'],
    resolve: Waiting['resolve'],
    reject: Waiting['reject'],
  ): Promise<Readonly<{ told: string; answer: () => void }>> {
    try {
      const found = await run()
      return { told: shown(found), answer: () => resolve(found) }
    } catch (error) {
      return { told: `!${(error as Error).message}`, answer: () => reject(error) }
    }
  }
}
