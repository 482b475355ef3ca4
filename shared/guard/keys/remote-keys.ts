import type { Clock } from '../../kernel/clock.ts'
import { AuthError } from '../../kernel/errors.ts'
import { type ParsedJwks, parseJwks, type VerifyKey } from '../../tokens/keys/index.ts'
import { errorWithCauses, type OnAlarm } from '../api/alarm.ts'
import { type Fetch, guardFetch } from '../http-client/index.ts'
import type { KeySource } from './key-source.ts'

export type RemoteKeysOptions = Readonly<{
  /** The gateway's `/.well-known/jwks.json`. */
  url: URL
  clock: Clock
  fetch?: Fetch
  timeoutMs?: number
  onAlarm?: OnAlarm
  /** How the set is read; the gateway's own rules without it. */
  parse?: (text: string) => ParsedJwks
}>

type Keys = ReadonlyMap<string, VerifyKey>

const bytesMax = 64 * 1024
/**
 * Between two fetches, however many unknown key ids come: a storm of forged tokens is no storm of
 * requests.
 */
const quietMs = 30_000
/** While there is no key at all, a shorter wait: nobody can log in to this service until then. */
const quietMsWithoutKeys = 1_000
/**
 * After this the set is fetched anew without being asked: a key that was taken out must stop to
 * count.
 */
const ageMsMax = 300_000
const mediaTypes = /^application\/(?:jwk-set\+json|json)\s*(?:;|$)/i

/** The objects of `known` for keys that did not change: a guard keeps what one of them verified. */
const keptWhereSame = (fetched: Keys, known: Keys | null): Keys =>
  new Map(
    [...fetched].map(([kid, key]) => {
      const same = known?.get(kid)
      return [kid, same && same.alg === key.alg && same.key.equals(key.key) ? same : key]
    }),
  )

/**
 * The gateway's public keys, fetched when the guard starts, when an unknown key id comes (one
 * request at a time, at most one in 30 s) and every 5 minutes. A fetch that fails, redirects, is
 * late (2 s), larger than 64 KiB, or holds a private, symmetric, repeated or no key changes
 * nothing: the last good set stays. Cost: no network per token.
 *
 * @example
 * const keys = remoteKeys({
 *   url: new URL('https://auth.example/.well-known/jwks.json'),
 *   clock: systemClock,
 * })
 */
export const remoteKeys = ({
  url,
  clock,
  fetch = globalThis.fetch,
  timeoutMs = 2_000,
  onAlarm = () => {},
  parse = parseJwks,
}: RemoteKeysOptions): KeySource => {
  let keys: Keys | null = null
  let running: Promise<void> | null = null
  let triedAt = Number.NEGATIVE_INFINITY

  const load = async (): Promise<void> => {
    const init = { headers: { accept: 'application/jwk-set+json, application/json' } }
    const answer = await guardFetch({ fetch, clock, url, init, timeoutMs, bytesMax })
    const { status, contentType, text } = answer
    if (status !== 200 || !mediaTypes.test(contentType)) {
      throw new AuthError('KEYS_INVALID', `${url.href} answered ${status} ${contentType}`)
    }
    const parsed = parse(text)
    if (!parsed.ok) throw new AuthError('KEYS_INVALID', `${url.href}: ${parsed.problem}`)
    keys = keptWhereSame(parsed.keys, keys)
  }
  const alarm = (error: unknown): void =>
    onAlarm({ kind: 'keys_failed', detail: errorWithCauses(error) })
  const idleMs = (): number => clock.monotonicMs() - triedAt

  const refresh = (): Promise<void> => {
    if (running !== null) return running
    if (idleMs() < (keys === null ? quietMsWithoutKeys : quietMs)) return Promise.resolve()
    triedAt = clock.monotonicMs()
    running = load()
      .catch(alarm)
      .finally(() => {
        running = null
      })
    return running
  }

  return {
    ready: () => keys !== null,
    refresh,
    get: (kid) => {
      if (keys !== null && idleMs() > ageMsMax) void refresh()
      return keys?.get(kid)
    },
  }
}

const keysRetryMs = 1_000

/**
 * Asks for keys every second until there are some. A guard without keys is not ready, so nobody
 * calls it, so no token would ever make it ask.
 */
export const fetchUntilReady = async (
  keys: KeySource,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> => {
  while (!keys.ready() && !signal.aborted) {
    await clock.sleep(keysRetryMs, signal)
    await keys.refresh()
  }
}
