import type { Clock } from '../../kernel/clock.ts'
import { AuthError } from '../../kernel/errors.ts'
import { rememberNewest } from '../../kernel/remember-newest.ts'
import type { BearerClaims } from '../../tokens/claims.ts'
import { ageMs, type Instant, instantOf } from '../freshness/index.ts'
import type { Introspect, Introspection } from './remote-introspection.ts'

type Kept = Readonly<{ askedAt: Instant; answer: Promise<Introspection> }>
type Keeping = Readonly<{ clock: Clock; introspectionKeptMs: number; maxStalenessMs: number }>
const keptMax = 10_000

/** As `Introspect`; with `after`, by a question that was asked after it. */
export type CachedIntrospect = (
  token: string,
  claims: BearerClaims,
  after?: Instant,
) => Promise<Introspection>

/**
 * One question at a time for each token, its answer kept for `introspectionKeptMs` after the
 * question was *asked*: then it is never older than that. One that comes later than
 * `maxStalenessMs` is none, for whoever waited. Failures are not kept. A token alone may be
 * revoked, so sisters of one session do not borrow each other's answers; a session has one access
 * token at a time, so this costs nothing. Rejects as `introspect` does, and with GUARD_STALE for an
 * answer that is too old.
 */
export const cachedIntrospection = (
  introspect: Introspect,
  { clock, introspectionKeptMs, maxStalenessMs }: Keeping,
): CachedIntrospect => {
  const kept = new Map<string, Kept>()
  const ask = (token: string, claims: BearerClaims): Kept => {
    const { jti } = claims
    const asked: Kept = { askedAt: instantOf(clock), answer: introspect(token, claims) }
    rememberNewest(kept, jti, asked, keptMax)
    asked.answer.catch(() => {
      if (kept.get(jti) === asked) kept.delete(jti)
    })
    return asked
  }
  return async (token, claims, after) => {
    const found = kept.get(claims.jti)
    const isUsable =
      found !== undefined &&
      ageMs(found.askedAt, clock) < introspectionKeptMs &&
      (after === undefined || found.askedAt.monotonicMs > after.monotonicMs)
    const { askedAt, answer } = isUsable ? found : ask(token, claims)
    const known = await answer
    if (ageMs(askedAt, clock) < maxStalenessMs) return known
    throw new AuthError('GUARD_STALE', 'the introspection answered too late')
  }
}
