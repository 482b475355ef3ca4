import { systemClock } from '../../../shared/kernel/clock.ts'
import { Dice } from '../fakes/dice.ts'
import type { Fleet } from '../processes/fleet.ts'
import { until } from '../until.ts'
import { Actor } from './actor.ts'
import { Chronicle } from './chronicle.ts'
import { type Doors, doorsOf } from './doors.ts'
import { Faults } from './faults.ts'
import { described, type Kind, type Sequence, type Step } from './plan.ts'
import type { Seat } from './seat.ts'
import { recoveryMsMax, Settled } from './settled.ts'
import { openSite, type Servers, type Site } from './site.ts'
import type { Tally, Watcher } from './watcher.ts'

const actorCount = 4
const actorPauseMs = 400
/** A gateway asks the store each time, a guard nobody. */
const pauseMs = { guard: 60, gateway: 250 } as const
const secretsKept = 100
const newGuardEvery = 12

export type Recovery = Readonly<{ kind: Kind; what: string; alone: boolean; seconds: number }>
export type StormResult = Readonly<{
  sequences: number
  operations: number
  ended: number
  answers: Tally
  recoveries: readonly Recovery[]
  /** Processes that ended and were not asked to. */
  ends: readonly string[]
}>

/** A fleet, its users and what watches them, over as many sequences as one gives it. */
export class Storm {
  readonly #site: Site
  readonly #chronicle: Chronicle
  readonly #faults: Faults
  readonly #doors: Doors
  readonly #seats: Seat[] = []
  readonly #actors: readonly Actor[]
  readonly #dice: Dice
  readonly #over = new AbortController()
  readonly #settled: Settled
  readonly #recoveries: Recovery[] = []
  readonly #ends: string[]
  #loops: Promise<unknown> = Promise.resolve()
  #sequences = 0
  #operations = 0

  private constructor(site: Site, seed: string, chronicle: Chronicle, ends: string[]) {
    this.#site = site
    this.#chronicle = chronicle
    this.#ends = ends
    this.#dice = new Dice(`${seed} traffic`)
    this.#faults = new Faults(site)
    const { onViolation } = chronicle
    this.#doors = doorsOf(site, this.#dice, onViolation)
    const [seats, doors, dice] = [this.#seats, this.#doors, this.#dice]
    this.#settled = new Settled({ site, chronicle, doors, dice, seats })
    let kept = 0
    const secrets = {
      keepSecret: (text: string): void => {
        kept += 1
        if (kept <= secretsKept) site.fleet.keepSecret(text)
      },
    }
    const world = { site, dice: this.#dice, seats: this.#seats, onViolation, secrets }
    this.#actors = Array.from({ length: actorCount }, (_, n) => new Actor(world, `user${n}`))
  }

  static async open(
    fleet: Fleet,
    servers: Servers,
    seed: string,
    tell?: (line: string) => void,
  ): Promise<Storm> {
    const chronicle = new Chronicle(tell)
    const ends: string[] = []
    const onEnd = (said: string): void => {
      ends.push(said)
      chronicle.note(said)
    }
    const site = await openSite(fleet, servers, onEnd)
    const storm = new Storm(site, seed, chronicle, ends)
    storm.#begin()
    return storm
  }

  get seconds(): number {
    return this.#chronicle.seconds
  }

  #begin(): void {
    const { signal } = this.#over
    const forEver = async (pauseMs: number, work: () => Promise<unknown>): Promise<void> => {
      while (!signal.aborted) {
        await work()
        await systemClock.sleep(pauseMs, signal)
      }
    }
    const { guards, gateways } = this.#doors
    const watching = (pause: number) => (watcher: Watcher) =>
      forEver(pause, () => this.#lookAround(watcher))
    this.#loops = Promise.all([
      ...this.#actors.map((actor) => forEver(actorPauseMs, () => actor.step())),
      ...guards.map(watching(pauseMs.guard)),
      ...gateways.map(watching(pauseMs.gateway)),
    ])
    this.#loops.catch((error: unknown) => this.#chronicle.onViolation(String(error)))
  }

  async #lookAround(watcher: Watcher): Promise<void> {
    // Mostly at what happened of late, where doors may differ.
    const from = this.#dice.chance(70) ? this.#seats.slice(-20) : this.#seats
    if (from.length > 0) await watcher.look(this.#dice.pick(from))
  }

  /** @throws Error with the seed and what was done, when a claim breaks. */
  async play({ seed, steps }: Sequence): Promise<void> {
    this.#chronicle.note(`sequence ${seed}`)
    this.#sequences += 1
    try {
      await this.#recover(steps, await this.#perform(steps))
      await this.#settled.verify()
      if (this.#sequences % newGuardEvery === 0) await this.#settled.verifyWithNewGuard()
    } catch (error) {
      this.#chronicle.onViolation(error instanceof Error ? error.message : String(error))
    }
    if (this.#chronicle.violation !== null) throw await this.#broken(seed)
  }

  /** Answers the operation that was over last. */
  async #perform(steps: readonly Step[]): Promise<Step> {
    let last = steps[0]
    const running: Promise<void>[] = []
    for (const step of steps) {
      await systemClock.sleep(step.afterMs)
      this.#operations += 1
      this.#chronicle.note(`  ${described(step.operation)}`)
      const performed = this.#faults.perform(step.operation).then(() => {
        last = step
        this.#chronicle.note(`  over: ${described(step.operation)}`)
      })
      performed.catch(() => {}) // Met below, with the others.
      running.push(performed)
    }
    await Promise.all(running)
    if (!last) throw new Error('a sequence without steps')
    return last
  }

  async #recover(steps: readonly Step[], last: Step): Promise<void> {
    const endedS = this.seconds
    const services = [...this.#site.services.values()]
    const guards = services.filter(({ name }) => name.startsWith('guard'))
    const allReady = async (some: typeof services): Promise<boolean> => {
      if (this.#chronicle.violation !== null) return true
      const states = await Promise.all(some.map((service) => service.readiness()))
      return states.every((state) => state?.ready === true)
    }
    await until('guards are fresh', () => allReady(guards), recoveryMsMax)
    const seconds = this.seconds - endedS
    await until('all are ready', () => allReady(services), recoveryMsMax)
    const { kind } = last.operation
    const what = described(last.operation)
    this.#recoveries.push({ kind, what, alone: steps.length === 1, seconds })
    this.#chronicle.note(`  fresh after ${seconds.toFixed(2)} s`)
  }

  async #broken(seed: string): Promise<Error> {
    const states = await Promise.all(
      [...this.#site.services.values()].map(async (service) => {
        const state = await service.readiness()
        return `${service.name}: ${state?.said ?? 'no answer'}\n${service.said()}`
      }),
    )
    const told = `sequence ${seed}: ${this.#chronicle.violation}`
    return new Error(`${told}\n${this.#chronicle.tail()}\n${states.join('\n')}`)
  }

  /** The last look, with a guard that begins now. @throws Error when a claim breaks. */
  async end(): Promise<void> {
    await this.#settled.verifyWithNewGuard()
    if (this.#chronicle.violation !== null) throw await this.#broken('the end')
  }

  result(): StormResult {
    const answers = { asked: 0, accepted: 0, refused: 0, unavailable: 0 }
    for (const { tally } of [...this.#doors.guards, ...this.#doors.gateways]) {
      answers.asked += tally.asked
      answers.accepted += tally.accepted
      answers.refused += tally.refused
      answers.unavailable += tally.unavailable
    }
    return {
      sequences: this.#sequences,
      operations: this.#operations,
      ended: this.#seats.filter(({ ending }) => ending !== null).length,
      answers,
      recoveries: this.#recoveries,
      ends: this.#ends,
    }
  }

  async close(): Promise<void> {
    this.#over.abort()
    await this.#loops.catch(() => {})
    await this.#settled.close()
    await this.#site.close()
  }
}
