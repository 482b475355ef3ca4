import { systemClock } from '../../shared/kernel/clock.ts'

/**
 * What a test file may leave behind in its process, for files that share one: who comes next must
 * find it as a new process is.
 */
type Values = ReadonlyMap<string, unknown>
type Counts = ReadonlyMap<string, number>

/** Without uvu's, which this runner sets itself, and without Node's private ones. */
const ownNames = (owner: object): (string | symbol)[] =>
  Reflect.ownKeys(owner).filter((name) => !/^(UVU)?_/.test(String(name)))

const readInto = (values: Map<string, unknown>, owner: object, path: string): void => {
  for (const name of ownNames(owner)) {
    const described = Reflect.getOwnPropertyDescriptor(owner, name)
    if (described) values.set(`${path}${String(name)}`, described.get ?? described.value)
  }
}

/** Objects that all code shares, each with the path of its properties. */
const shared = (): (readonly [path: string, owner: object])[] => [
  ['', globalThis],
  ...Object.entries({ process, console, Math, JSON, Reflect, Atomics }).map(
    ([name, owner]): [string, object] => [`${name}.`, owner],
  ),
  ...ownNames(globalThis).flatMap((name): [string, object][] => {
    // Read, not described: Node loads many of its globals when they are first read.
    const value: unknown = Reflect.get(globalThis, name)
    if (typeof value !== 'function') return []
    const made: unknown = value.prototype
    const own: [string, object][] = [[`${String(name)}.`, value]]
    if (typeof made === 'object' && made !== null) own.push([`${String(name)}.prototype.`, made])
    return own
  }),
]

const globals = (): Values => {
  const values = new Map<string, unknown>()
  for (const [path, owner] of shared()) readInto(values, owner, path)
  values.set('process.exitCode', process.exitCode)
  values.set('the working folder', process.cwd())
  for (const [name, value] of Object.entries(process.env)) values.set(`process.env.${name}`, value)
  return values
}

/** LMDB's driver, which is no JavaScript, adds one a process when the first store opens. */
const isOfDriver = (listener: unknown): boolean =>
  typeof listener === 'function' &&
  listener.name === '' &&
  String(listener) === 'function () { [native code] }'

const listeners = (): Counts =>
  new Map(
    process.eventNames().map((name) => {
      const others = process.rawListeners(String(name)).filter((one) => !isOfDriver(one))
      return [`a listener of process for ${String(name)}`, others.length]
    }),
  )

/** What keeps the process at work: timers, sockets, servers, watched files. */
const atWork = (): Counts => {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return counts
}

const changed = (before: Values, after: Values): string[] => {
  const names: string[] = []
  for (const [name, value] of after) if (!Object.is(before.get(name), value)) names.push(name)
  for (const [name, value] of before) {
    if (!after.has(name) && value !== undefined) names.push(name)
  }
  return names
}

const added = (before: Counts, after: Counts): string[] =>
  [...after].filter(([name, count]) => count > (before.get(name) ?? 0)).map(([name]) => name)

const turn = (): Promise<void> => systemClock.sleep(2)
const patienceMs = 100

/** Of a file that left no trace, the next one finds what it found. */
let unchanged: Values | null = null

/** Reads the process as it is now; what it answers tells, later, what was left behind since. */
export const watchTraces = (): (() => Promise<string[]>) => {
  const before = { globals: unchanged ?? globals(), listeners: listeners(), atWork: atWork() }
  const stillAtWork = (): string[] => added(before.atWork, atWork())
  return async () => {
    // What is being closed is gone within a few turns, and what throws late throws in them.
    const startedMs = systemClock.monotonicMs()
    do await turn()
    while (stillAtWork().length > 0 && systemClock.monotonicMs() - startedMs < patienceMs)
    const otherGlobals = changed(before.globals, globals())
    unchanged = otherGlobals.length === 0 ? before.globals : null
    return [...stillAtWork(), ...added(before.listeners, listeners()), ...otherGlobals]
  }
}
