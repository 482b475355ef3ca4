import type { Clock } from '../../kernel/clock.ts'
import { AuthError } from '../../kernel/errors.ts'
import type { EpochMs } from '../../kernel/ids.ts'
import type { Checkpoint } from '../../tlog/checkpoint.ts'
import { parseVerifierKey } from '../../tlog/note-key.ts'
import type { ComparedHeads } from '../../trail-heads/compare-heads.ts'
import { parseHeads } from '../../trail-heads/head-answer.ts'
import { headUrl } from '../../trail-heads/head-query.ts'
import { HeadTracker } from '../../trail-heads/head-tracker.ts'
import type { OnAlarm } from '../api/alarm.ts'
import type { TrailSight, TrailWitness } from '../api/trail-sight.ts'
import { basicCredentials, type FetchOnce, guardFetch } from '../http-client/index.ts'

export type WitnessTrailOptions = Readonly<{
  /** The gateway's `/audit/head`. */
  url: URL
  /** Read at each look, as `secret` is. */
  clientId: string
  secret: string
  /** Verifier keys of the trail; those that the first answer names, without any. */
  auditKeys?: readonly string[]
  clock: Clock
  onAlarm: OnAlarm
  everyMs?: number
  fetch?: FetchOnce
}>

/**
 * The part of `everyMs` that is waited first, until there is a head; each next wait is twice as
 * long.
 */
const firstPart = 1 / 16
const timeoutMs = 5_000
const bytesMax = 256 * 1024

/** @throws AuthError CONFIG_INVALID for what is no verifier key */
export const checkAuditKeys = (keys: readonly string[]): void => {
  for (const key of keys) {
    try {
      parseVerifierKey(key)
    } catch (cause) {
      throw new AuthError('CONFIG_INVALID', `auditKeys: ${(cause as Error).message}`, { cause })
    }
  }
}

const isSame = (one: Checkpoint | null, other: Checkpoint | null): boolean =>
  one?.size === other?.size && one?.origin === other?.origin

/**
 * Keeps the newest head of the trail in memory, and once a minute asks for the next one, which must
 * go on from it. What does not is an alarm, `trail_disputed`, each time; no check of a token waits
 * for it or changes by it. A look that fails is told by `sight` alone. Close it before the guard.
 * @throws AuthError CONFIG_INVALID for `auditKeys` that are no verifier keys
 */
export const witnessTrail = (options: WitnessTrailOptions): TrailWitness => {
  const { url, clock, onAlarm, everyMs = 60_000, fetch = globalThis.fetch } = options
  const { auditKeys = [] } = options
  checkAuditKeys(auditKeys)
  const followed = new HeadTracker(auditKeys)
  const stop = new AbortController()
  let state: TrailSight['state'] | null = null
  let seenAt: EpochMs | null = null
  let grownMs: number | null = null

  const dispute = ({ state, head }: ComparedHeads): void => {
    const { kept } = followed
    const shown = head ? `${head.origin} ${head.size} ${head.root.toString('base64')}` : 'a head'
    const from = kept ? `${kept.origin} ${kept.size} ${kept.root.toString('base64')}` : 'none'
    const detail = `${state}: the trail shows ${shown}, and this guard saw ${from}`
    onAlarm({ kind: 'trail_disputed', detail })
  }
  const look = async (): Promise<void> => {
    const authorization = `Basic ${basicCredentials(options.clientId, options.secret)}`
    const init = { headers: { authorization } }
    const asking = headUrl(url, followed.known())
    const answer = await guardFetch({ fetch, clock, url: asking, init, timeoutMs, bytesMax })
    // Nothing is signed yet, or no trail is kept any more.
    if (answer.status === 404 && followed.kept === null) return
    const heads = answer.status === 200 ? parseHeads(answer.text) : null
    if (heads === null) {
      state = 'unreachable'
      return
    }
    const before = followed.kept
    const judged = followed.take(heads)
    state = judged.state
    if (!isSame(before, followed.kept)) grownMs = clock.monotonicMs()
    if (state === 'consistent') seenAt = clock.now()
    else dispute(judged)
  }
  const run = async (): Promise<void> => {
    // A trail that just begins has no head for a second or two.
    for (let waitMs = everyMs * firstPart; !stop.signal.aborted; waitMs *= 2) {
      await look().catch(() => {
        state = 'unreachable'
      })
      await clock.sleep(followed.kept ? everyMs : Math.min(waitMs, everyMs), stop.signal)
    }
  }
  const running = run()
  return {
    sight: () => {
      const { kept } = followed
      const head = kept && { ...kept, root: kept.root.toString('base64') }
      const ageMs = grownMs === null ? null : clock.monotonicMs() - grownMs
      return state && { state, head, seenAt, ageMs }
    },
    close: async () => {
      stop.abort()
      await running
    },
  }
}
