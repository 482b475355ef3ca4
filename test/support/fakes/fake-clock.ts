import type { Clock } from '../../../shared/kernel/clock.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'

type Sleeper = Readonly<{ dueMs: number; wake: () => void }>

/** Time that stands still until the test moves it. */
export type FakeClock = Clock &
  Readonly<{
    /**
     * Moves both clocks on, waking sleepers in the order of their due times; each wakes at its own
     * instant.
     */
    advance(ms: number): Promise<void>
    /**
     * Moves both clocks on at once; whoever was due wakes late and once, as timers of a process do
     * that was asleep. A month takes no longer than its leaps.
     */
    leap(ms: number): Promise<void>
    /**
     * Moves wall time only, as an administrator or NTP does: durations do not change, nobody wakes.
     */
    jump(ms: number): void
    /** How many `sleep`s wait now. */
    sleeping(): number
  }>

/** Lets promises that are due settle, with what they start: two turns of the event loop. */
const settle = async (): Promise<void> => {
  await new Promise<void>((resolve) => setImmediate(resolve))
  await new Promise<void>((resolve) => setImmediate(resolve))
}

export const fakeClock = (startAt = 1_800_000_000_000): FakeClock => {
  let wallMs = startAt
  let elapsedMs = 0
  const sleepers = new Set<Sleeper>()

  const earliest = (untilMs: number): Sleeper | null => {
    let first: Sleeper | null = null
    for (const sleeper of sleepers) {
      if (sleeper.dueMs <= untilMs && (first === null || sleeper.dueMs < first.dueMs))
        first = sleeper
    }
    return first
  }
  const moveTo = (ms: number): void => {
    wallMs += ms - elapsedMs
    elapsedMs = ms
  }
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal?.aborted || ms <= 0) return resolve()
      const wake = (): void => {
        sleepers.delete(sleeper)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const sleeper = { dueMs: elapsedMs + ms, wake }
      sleepers.add(sleeper)
      signal?.addEventListener('abort', wake, { once: true })
    })

  return {
    now: () => wallMs as EpochMs,
    monotonicMs: () => elapsedMs,
    sleep,
    advance: async (ms) => {
      const goalMs = elapsedMs + ms
      await settle()
      for (let due = earliest(goalMs); due; due = earliest(goalMs)) {
        moveTo(Math.max(due.dueMs, elapsedMs))
        due.wake()
        await settle()
      }
      moveTo(goalMs)
    },
    leap: async (ms) => {
      await settle()
      moveTo(elapsedMs + ms)
      for (const { dueMs, wake } of [...sleepers]) if (dueMs <= elapsedMs) wake()
      await settle()
    },
    jump: (ms) => {
      wallMs += ms
    },
    sleeping: () => sleepers.size,
  }
}
