import { existsSync, openSync, readSync } from 'node:fs'
import { cpuMs } from './cpu-time.ts'

const path = '/proc/thread-self/schedstat'
const statistics = existsSync(path) ? openSync(path, 'r') : null
const text = Buffer.alloc(96)

/** How long this thread was ready to run and had no processor, to the nanosecond. */
const queuedMs = (file: number): number => {
  const length = readSync(file, text, 0, text.length, 0)
  return Number(text.toString('latin1', 0, length).split(' ')[1]) / 1e6
}

/**
 * The wall's time without what this thread waited for a processor: what it ran, or waited for
 * anything else. The kernel books processor time once a tick, 4 ms on many machines, so that a
 * call that was merely interrupted looks like a pause of a tick; it books queues exactly. Where
 * there is no `/proc`, processor time it is.
 */
export const ranMs = (): number =>
  statistics === null ? cpuMs() : performance.now() - queuedMs(statistics)
