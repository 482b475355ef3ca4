import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Clock } from '../clock.ts'
import type { Closable } from '../lifecycle.ts'
import { ownUtilization, type Utilization } from './event-loop-load.ts'

/** What V8 is asked for. */
export type CompiledCode = Readonly<{
  /** From now on a collection in a time of calm leaves alone what compiled code needs. */
  keep: () => void
  /**
   * Collects, once: everything that can be done without, in one pause of up to 0.15 s; where the
   * heap is large, only what nothing holds, and beside what else there is to do.
   */
  giveBack: () => Promise<void>
}>

type How = Readonly<{ type: 'major'; execution?: 'async'; flavor?: 'last-resort' }>
type Collect = (how: How) => Promise<void> | undefined

const asAside = { execution: 'async' } as const
/** Of a heap of 115 MB the pause took 0.28 s, of 300 MB half a second and more. */
const pausingMax = 64 * 1_024 * 1_024

/** The first major version of V8 (Node 24’s) that knows the flag; older ones would complain. */
const knownFrom = 13

/** Of this process, for all its threads; `null` where V8 cannot be asked. */
export const ownCompiledCode = (version: string = process.versions.v8): CompiledCode | null => {
  if (Number.parseInt(version, 10) < knownFrom) return null
  return {
    keep: () => setFlagsFromString('--no-memory-reducer-favors-memory'),
    giveBack: async () => {
      setFlagsFromString('--expose-gc')
      const collect = runInNewContext('gc') as Collect
      setFlagsFromString('--no-expose-gc')
      const isSmall = getHeapStatistics().used_heap_size <= pausingMax
      await collect({ type: 'major', ...(isSmall ? { flavor: 'last-resort' } : asAside) })
    },
  }
}

/** By then V8 has given back what the start took and nothing uses. */
const startMs = 20_000
const lookEveryMs = 60_000
/** Of the time of the event loop, 0 to 1. */
const calmBelow = 0.05
/** So many looks one after another, that is five minutes. */
const calmLooks = 5

/**
 * Keeps what V8 compiled through short times of calm. Eight seconds after it did much, V8 would
 * collect everything that it can do without: also the shapes of objects of which there is none
 * just then, and with them the compiled code that knows them. What came next was answered at the
 * speed of a fresh process for some ten seconds, with a fifth to a third fewer refreshes a second.
 * So that memory is given back after five minutes of calm instead.
 */
export const keepCompiledCode = (
  clock: Clock,
  code: CompiledCode | null = ownCompiledCode(),
  utilization: Utilization = ownUtilization(),
): Closable => {
  const stopping = new AbortController()
  const running = code ? run(code, { clock, utilization, signal: stopping.signal }) : null
  return {
    close: async () => {
      stopping.abort()
      await running
    },
  }
}

type Watching = Readonly<{ clock: Clock; utilization: Utilization; signal: AbortSignal }>

const run = async (code: CompiledCode, { clock, utilization, signal }: Watching): Promise<void> => {
  await clock.sleep(startMs, signal)
  if (!signal.aborted) code.keep()
  for (let calm = 0; !signal.aborted; ) {
    await clock.sleep(lookEveryMs, signal)
    calm = utilization() < calmBelow ? calm + 1 : 0
    // Once: what calm leaves alone stays collected until the next load.
    if (calm === calmLooks && !signal.aborted) await code.giveBack()
  }
}
