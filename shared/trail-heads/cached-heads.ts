import type { Clock } from '../kernel/clock.ts'
import { AuthError } from '../kernel/errors.ts'
import type { KnownHead, TrailHeads } from '../ports/trail-heads.ts'

const keptMs = 10_000
/** A thousand guards ask from some sixty heads a minute: a head is signed once a second. */
const answersMax = 512

type Kept = Readonly<{ answer: Promise<string | null>; askedMs: number }>

/**
 * Answers who asks from the same head within ten seconds alike, so that many guards cost few
 * proofs. Of more different questions than 512 in ten seconds the next one is OVERLOADED.
 */
export const cachedHeads = (heads: TrailHeads, clock: Clock): TrailHeads => {
  const kept = new Map<string, Kept>()
  const forgetOld = (nowMs: number): void => {
    for (const [key, { askedMs }] of kept) {
      if (nowMs - askedMs < keptMs) return
      kept.delete(key)
    }
  }
  const ask = (key: string, known: KnownHead | null, askedMs: number): Promise<string | null> => {
    const answer = heads.newest(known)
    const one = { answer, askedMs }
    kept.set(key, one)
    const forget = () => kept.get(key) === one && kept.delete(key)
    // What failed is asked again, and so is a trail of which nothing is signed yet.
    answer.then((text) => text === null && forget(), forget)
    return answer
  }
  return {
    newest: async (known) => {
      const key = known === null ? '' : `${known.size} ${known.origin}`
      const nowMs = clock.monotonicMs()
      forgetOld(nowMs)
      const found = kept.get(key)
      if (found) return found.answer
      if (kept.size < answersMax) return ask(key, known, nowMs)
      const retryAfterMs = keptMs
      throw new AuthError('OVERLOADED', 'Too many heads are asked about.', { retryAfterMs })
    },
  }
}
