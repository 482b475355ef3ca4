import type { Clock } from '../../kernel/clock.ts'
import type { RateLimits, RateRule } from '../../ports/rate-limits.ts'

const keysMax = 100_000

type Window = Readonly<{ taken: number; endsMs: number }>

/** `windows` is how many are held now, for who watches their bound. */
export type MemoryRateLimits = RateLimits & Readonly<{ windows: () => number }>

/** A few a call: more than begin, so that what is over goes as fast as it came. */
const droppedPerCall = 4

/**
 * Fixed windows that begin with their first attempt, by the clock that never jumps
 * (rate-limiter-flexible's memory limiter reads the wall clock by itself, so setting the host's
 * time would open every window). What is over is dropped as others begin, from the oldest on, so
 * there are as many as began within the longest window; beyond 100,000 (about 20 MB) the oldest is
 * forgotten, over or not. Who can make that many keys can so regain points; limits that must not
 * give way need a rule with a key that an attacker cannot choose.
 */
export const openMemoryRateLimits = ({ clock }: Readonly<{ clock: Clock }>): MemoryRateLimits => {
  const windows = new Map<string, Window>()
  const idOf = (rule: RateRule, key: string): string => `${rule.name}\n${key}`
  const open = (id: string): Window | undefined => {
    const window = windows.get(id)
    return window && window.endsMs > clock.monotonicMs() ? window : undefined
  }
  const dropEnded = (): void => {
    let dropped = 0
    for (const [id, { endsMs }] of windows) {
      // A longer window in front holds shorter ones up until it ends.
      if (endsMs > clock.monotonicMs() || dropped === droppedPerCall) return
      windows.delete(id)
      dropped += 1
    }
  }
  const begin = (id: string, windowMs: number): Window => {
    // Deleted first, so that insertion order, by which the oldest is found, is the order of
    // beginning.
    windows.delete(id)
    dropEnded()
    const oldest = windows.size >= keysMax ? windows.keys().next().value : undefined
    if (oldest !== undefined) windows.delete(oldest)
    return { taken: 0, endsMs: clock.monotonicMs() + windowMs }
  }
  return {
    take: async (rule, key) => {
      const id = idOf(rule, key)
      const window = open(id) ?? begin(id, rule.windowMs)
      const allowed = window.taken < rule.points
      windows.set(id, allowed ? { ...window, taken: window.taken + 1 } : window)
      const retryAfterMs = allowed ? 0 : Math.ceil(window.endsMs - clock.monotonicMs())
      return { allowed, retryAfterMs }
    },
    giveBack: async (rule, key) => {
      const id = idOf(rule, key)
      const window = open(id)
      if (window && window.taken > 0) windows.set(id, { ...window, taken: window.taken - 1 })
    },
    windows: () => windows.size,
    close: async () => {
      windows.clear()
    },
  }
}
