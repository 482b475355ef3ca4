import type { Budget } from './calls.ts'
import { type Broken, Fleet } from './fleet.ts'
import { History } from './history.ts'
import { graceMs } from './premises.ts'
import { brokenNow, designedReading, type Reading } from './promises.ts'
import type { Task } from './requests.ts'
import { type Choice, Scheduler } from './scheduler.ts'
import { snapshotOf } from './snapshot.ts'

export type Bounds = Readonly<{
  tasks: readonly Task[]
  budget: Partial<Budget>
  /** Fewer states than these say that hardly anything happened. */
  least: number
  /** A logout that was answered before anything begins, and is not in the log. */
  isPending?: boolean
}>
export type Build = Broken & Readonly<{ reading?: Partial<Reading> }>

/** One schedule of the real code, from the start. */
export class DrivenRun {
  readonly #scheduler: Scheduler
  readonly #fleet: Fleet
  readonly #history: History
  readonly #build: Build
  readonly #tasks: readonly Task[]
  readonly #isPending: boolean
  broken = ''
  key = ''

  constructor({ tasks, budget, isPending = false }: Bounds, build: Build) {
    this.#scheduler = new Scheduler(budget)
    this.#fleet = new Fleet(this.#scheduler, build)
    this.#history = new History(this.#fleet.makers)
    this.#build = build
    this.#tasks = tasks
    this.#isPending = isPending
  }

  get way(): readonly string[] {
    return this.#scheduler.way
  }

  async begin(): Promise<void> {
    await this.#fleet.begin(this.#isPending)
    if (this.#isPending) this.#history.loggedOut(this.#scheduler.now())
    const run = { fleet: this.#fleet, history: this.#history }
    for (const task of this.#tasks) {
      const name = `g${task.gateway} ${task.name}`
      const actor = this.#scheduler.actor(name, task.gateway, task.kind, task.may)
      this.#scheduler.start(actor, () => task.run(run, actor))
    }
    await this.#settle()
  }

  choices(): readonly Choice[] {
    return [...this.#scheduler.choices(), ...this.#outside()]
  }

  async take(index: number): Promise<void> {
    const choice = this.choices()[index]
    if (!choice) throw new Error('the real code did otherwise than before')
    await choice.take()
    await this.#settle()
  }

  async #settle(): Promise<void> {
    await this.#scheduler.settle()
    const { mistake } = this.#scheduler
    if (mistake !== undefined) throw new Error(mistake)
    const now = await snapshotOf(this.#fleet)
    const reading = { ...designedReading, ...this.#build.reading }
    this.broken = brokenNow(now, this.#fleet.records, this.#history, reading)
    this.key = `${now.key}#${this.#history.key}#${this.#scheduler.key()}`
  }

  #outside(): readonly Choice[] {
    const scheduler = this.#scheduler
    const { budget } = scheduler
    const outside = (label: string, fault: keyof Budget, change: () => void): Choice => ({
      by: 'outside',
      take: async () => {
        budget[fault] -= 1
        scheduler.way.push(label)
        change()
      },
    })
    const found: Choice[] = []
    if (budget.crash > 0) {
      for (const side of [0, 1] as const) {
        if (!scheduler.isAtWork(side)) continue
        found.push(outside(`g${side} crashes`, 'crash', () => scheduler.crash(side)))
      }
    }
    if (budget.grace > 0) {
      found.push(outside('the grace is over', 'grace', () => scheduler.passes(graceMs)))
    }
    const { records } = this.#fleet
    for (let at = records.start + 1; budget.prune > 0 && at <= records.end; at += 1) {
      found.push(outside(`the log begins at ${at}`, 'prune', () => records.prune(at)))
    }
    return found
  }
}
