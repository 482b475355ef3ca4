import { type Bounds, type Build, DrivenRun } from './driven-run.ts'

export type DrivenlyExplored = Readonly<{
  states: number
  /** Runs from the start; each is one order of the real code's calls, or the beginning of one. */
  runs: number
  /** Orders that were followed to their end. */
  schedules: number
  /** The first promise that is broken, and what was done until then; empty = none. */
  broken: string
  way: readonly string[]
}>

/**
 * `fewest turns`: orders with few changes of turn come first, so what is found broken is told in
 * the simplest way there is. `any`: the fewest runs, where nothing is expected to break.
 */
export type Order = 'fewest turns' | 'any'

type Path = Readonly<{ steps: readonly number[]; turns: number; by: string }>

/** Paths with few changes of turn come first, and of these the newest. */
class Frontier {
  readonly #byTurns: Path[][] = [[{ steps: [], turns: 0, by: '' }]]

  add(path: Path): void {
    const bucket = this.#byTurns[path.turns] ?? []
    this.#byTurns[path.turns] = bucket
    bucket.push(path)
  }

  next(): Path | undefined {
    for (const bucket of this.#byTurns) {
      const path = bucket?.pop()
      if (path) return path
    }
    return undefined
  }
}

class Exploration {
  readonly #bounds: Bounds
  readonly #build: Build
  readonly #seen = new Set<string>()
  readonly #frontier = new Frontier()
  #runs = 0
  #schedules = 0

  readonly #order: Order

  constructor(bounds: Bounds, build: Build, order: Order) {
    this.#bounds = bounds
    this.#build = build
    this.#order = order
  }

  async explore(statesMax: number): Promise<DrivenlyExplored> {
    for (let path = this.#frontier.next(); path; path = this.#frontier.next()) {
      const run = await this.#begun(path)
      const broken = await this.#follow(run, path)
      if (broken !== '') return this.#found(broken, run.way)
      if (this.#seen.size > statesMax) throw new Error(`more than ${statesMax} states`)
    }
    return this.#found('', [])
  }

  async #begun({ steps }: Path): Promise<DrivenRun> {
    this.#runs += 1
    const run = new DrivenRun(this.#bounds, this.#build)
    await run.begin()
    for (const index of steps) await run.take(index)
    return run
  }

  /** Goes on from `path` with whose turn it is, and leaves the other choices for later. */
  async #follow(run: DrivenRun, path: Path): Promise<string> {
    let { steps, by } = path
    const { turns } = path
    while (!this.#seen.has(run.key)) {
      this.#seen.add(run.key)
      if (run.broken !== '') return run.broken
      const choices = run.choices()
      if (choices.length === 0) this.#schedules += 1
      const isAny = this.#order === 'any' || by === ''
      const goesOn = isAny ? choices.length - 1 : choices.findIndex((one) => one.by === by)
      for (const [index, choice] of choices.entries()) {
        if (index === goesOn) continue
        const more = isAny || choice.by === by ? 0 : 1
        this.#frontier.add({ steps: [...steps, index], turns: turns + more, by: choice.by })
      }
      if (goesOn < 0) break
      by = choices[goesOn]?.by ?? ''
      steps = [...steps, goesOn]
      await run.take(goesOn)
    }
    return ''
  }

  #found(broken: string, way: readonly string[]): DrivenlyExplored {
    const [states, runs, schedules] = [this.#seen.size, this.#runs, this.#schedules]
    return { states, runs, schedules, broken, way }
  }
}

/**
 * Every order of the calls of the real code, each state once. What has begun cannot be copied, so
 * each order is run again from the start. @throws Error above `statesMax`: then nothing is proven.
 */
export const exploreDriven = async (
  bounds: Bounds,
  build: Build,
  order: Order,
  statesMax = 20_000,
): Promise<DrivenlyExplored> => {
  const { stackTraceLimit } = Error
  // Answers that are errors come by the thousand, and nobody reads their stacks.
  Error.stackTraceLimit = 0
  try {
    return await new Exploration(bounds, build, order).explore(statesMax)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
