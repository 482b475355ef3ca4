import {
  createGuard,
  type FeedSink,
  type Guard,
  type KeySource,
  type RevocationFeed,
  systemClock,
} from '../../shared/guard/index.ts'
import type { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import { sharedNowMs } from '../support/shared-clock.ts'
import { patienceMs } from './guard-watch.ts'

/** A guard that says when a revocation came into force: no polling, no grain. */
export type ObservedGuard = Readonly<{
  guard: Guard
  /** Resolves with the instant at which the guard took in the end of `sid`, and refused `token`. */
  refusal: (token: string, sid: string, waitMs?: number) => Promise<number>
}>

type Options = Readonly<{
  issuer: string
  audience: string | readonly string[]
  keys: KeySource
  feed: RevocationFeed
  parts: Lifecycle
}>

/** Resolves when the guard is ready. */
export const openObservedGuard = async (options: Options): Promise<ObservedGuard> => {
  const { issuer, audience, keys, feed, parts } = options
  const waiting = new Map<string, (atMs: number) => void>()
  const observed: RevocationFeed = {
    open: (sink: FeedSink) =>
      feed.open({
        ...sink,
        onItems: (items) => {
          sink.onItems(items)
          const atMs = sharedNowMs()
          for (const item of items) {
            if (item.kind === 'revocation') waiting.get(item.revocation.key)?.(atMs)
          }
        },
      }),
    close: () => feed.close(),
  }
  const clock = systemClock
  const common = { issuer, audience, keys, feed: observed, clock }
  const guard = await parts.use(createGuard({ ...common, onStale: 'deny' }))
  await guard.start()
  while (!guard.ready()) await clock.sleep(20)
  const refusal: ObservedGuard['refusal'] = async (token, sid, waitMs = patienceMs) => {
    const key = `sid:${sid}`
    const arrival = new Promise<number>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`nothing in ${waitMs} ms`)), waitMs)
      waiting.set(key, (atMs) => {
        clearTimeout(late)
        resolve(atMs)
      })
    })
    const before = await guard.check(token)
    if (before.outcome !== 'accepted') throw new Error(`the guard is ${before.outcome}`)
    const atMs = await arrival
    waiting.delete(key)
    const after = await guard.check(token)
    if (after.outcome !== 'refused') throw new Error('the guard heard of it and did not refuse')
    return atMs
  }
  return { guard, refusal }
}
