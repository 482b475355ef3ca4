/** What may still go wrong, or happen from outside; each takes one of its budget. */
export type Fault = 'lose' | 'refuse' | 'stale' | 'crash' | 'grace' | 'prune'
export type Budget = Record<Fault, number>

export type Side = 0 | 1

/**
 * Names of what calls read and write; two calls that meet in none of them commute. `session` and
 * `subject` are streams, `due` the revocations that the log must hear, `others` the other commits,
 * `tick` the relays' document, `users` the directory, `log` the revocations in the log, `time` the
 * clock, `grace` the clock where it moves by as much.
 */
export type Resource = string

export type Touches = Readonly<{ reads: readonly Resource[]; writes: readonly Resource[] }>

/** One end of a call: it goes well, its answer is lost, it is refused. */
export type Way<T> = Readonly<{ name: string; spends?: Fault; run: () => Promise<T> | T }>

export type Call<T> = Partial<Touches> &
  Readonly<{
    label: string
    ways: readonly Way<T>[]
    /** Always a point of the schedule, whatever commutes. */
    matters?: boolean
    /** What its answer tells whoever called; all of it without this. */
    shown?: (answer: T) => string
  }>

/** A request, a relay's run, or what a gateway's publisher does behind them. */
export type Actor = {
  readonly name: string
  readonly gateway: Side
  readonly kind: 'request' | 'relay' | 'publisher'
  /** All that it may ever read and write. */
  readonly may: Touches
  /** Everything that it was answered: its code is a function of this. */
  trail: string
  isDone: boolean
}

export const meet = (some: readonly Resource[], others: readonly Resource[]): boolean =>
  some.some((one) => others.includes(one))

/** Two writes commute here: each adds, or raises a greatest value. */
const grows = ['due', 'others', 'tick', 'own']
const ordered = (writes: readonly Resource[]): readonly Resource[] =>
  writes.filter((one) => !grows.includes(one))

/** Whether the order of the two can be seen. */
export const conflict = (a: Touches, b: Touches): boolean =>
  meet(ordered(a.writes), b.writes) || meet(a.writes, b.reads) || meet(a.reads, b.writes)
