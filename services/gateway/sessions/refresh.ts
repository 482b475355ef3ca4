import {
  isSliding,
  type NewCommit,
  type PairSession,
  type SessionState,
} from '../../../shared/events/commit.ts'
import { event } from '../../../shared/events/event.ts'
import { tellsReuse } from '../../../shared/session/decide-refresh.ts'
import { withListedAccess } from '../../../shared/session/listing.ts'
import type { Opened } from '../../../shared/session/open-session.ts'
import { withSealed } from '../../../shared/session/rotate.ts'
import { isWelcome, personIn } from '../accounts/user-lookup.ts'
import type { GatewayParts } from '../parts.ts'
import { isOwn, type Move } from '../publication/optimistic-append.ts'
import { tellAside } from '../publication/standalone-event.ts'
import { type CustomClaims, hookRequest } from '../tokens/claims-hook.ts'
import { sealClaims } from '../tokens/sealed-claims.ts'
import type { TokenPair } from '../tokens/token-issuer.ts'
import { type Judged, judgeRefresh, type RefreshRequest } from './judge-refresh.ts'

/** `token` is the presented token itself, which opens what its rotation sealed. */
export type Presented = RefreshRequest & Readonly<{ token: string }>

export type RefreshResult =
  | Readonly<{
      outcome: 'refreshed'
      tokens: TokenPair
      refreshChanged: boolean
      /** Whether its cookies go with the browser. */
      untilClosed: boolean
    }>
  | Readonly<{ outcome: 'superseded' }>
  /** `sessionDead`: only then may the answer clear cookies; a loser of a race keeps its own. */
  | Readonly<{ outcome: 'refused'; sessionDead: boolean }>
  | Readonly<{ outcome: 'reused' }>
  /** The session lives, its user is inactive or gone: nothing changed. */
  | Readonly<{ outcome: 'inactive' }>

type Settled =
  | Readonly<{ settled: 'won'; session: PairSession; commit: NewCommit; rotated: boolean }>
  /** The session ended by this very request. */
  | Readonly<{ settled: 'ended'; commit: NewCommit }>
  | Readonly<{ settled: 'inactive' }>
  | Readonly<{ settled: 'decided'; decision: Exclude<Judged['decision'], { commit: NewCommit }> }>

/**
 * One rotation of a session, or why not. The token's signature, expiry and kind were verified
 * before.
 */
export const refresh = async (parts: GatewayParts, request: Presented): Promise<RefreshResult> => {
  const settled = await settle(parts, request)
  const { publisher, tokens } = parts
  const { claims, token } = request
  switch (settled.settled) {
    case 'won':
      publisher.hand(settled.commit)
      return {
        outcome: 'refreshed',
        tokens: tokens.successor(settled.session, claims, token),
        refreshChanged: settled.rotated,
        untilClosed: settled.session.untilClosed ?? false,
      }
    case 'inactive':
      return { outcome: 'inactive' }
    case 'ended':
      return ended(parts, settled.commit)
    case 'decided':
      return decided(parts, request, settled.decision)
  }
}

const settle = (parts: GatewayParts, request: Presented): Promise<Settled> => {
  let asked: Promise<CustomClaims> | null = null
  return judgeRefresh(parts, request, async ({ newest, claim, decision, who }) => {
    if (isOwn(newest, claim) && newest.session) return { result: wonBy(newest, newest.session) }
    // What the session deserves comes first: a reuse ends it, whoever its user is by now.
    const isGranted = decision.decide === 'insert' || decision.decide === 'replay'
    if (isGranted && !isWelcome(parts, who)) return { result: { settled: 'inactive' } }
    const { hook } = parts
    const person = personIn(who)
    if (decision.decide !== 'insert') return moveOf(decision)
    const commit = listed(parts, request, decision.commit)
    if (!hook.onRefresh || !person) return moveOf({ ...decision, commit })
    // Once a request, however often it looks again.
    asked ??= hook.claims(
      hookRequest(person, {
        client: parts.client,
        on: 'refresh',
        kind: 'pair',
        previous: parts.tokens.customIn(request.claims),
      }),
    )
    return moveOf({ ...decision, commit: sealed(parts, request, commit, await asked) })
  })
}

/** A list makes the token larger: signed once before the append, one too large consumes nothing. */
const listed = (
  { tokens, lister }: GatewayParts,
  { claims, token }: Presented,
  commit: Opened<PairSession>,
): Opened<PairSession> => {
  if (!lister) return commit
  const whole = withListedAccess(commit, lister)
  tokens.successor(whole.session, claims, token)
  return whole
}

/**
 * Claims that only this answer knew would differ from those of a replay (I1), so the commit holds
 * them, sealed. Its tokens are signed once before the append: a token too large consumes nothing.
 */
const sealed = (
  { tokens, entropy }: GatewayParts,
  { claims, token }: Presented,
  commit: Opened<PairSession>,
  custom: CustomClaims,
): Opened<PairSession> => {
  const { sid, access } = commit.session
  const place = { sid, jti: access.jti }
  const whole = withSealed(commit, sealClaims(custom, token, place, entropy))
  tokens.successor(whole.session, claims, token)
  return whole
}

const moveOf = (decision: Judged['decision']): Move<Settled> => {
  if (decision.decide === 'insert') {
    return { insert: decision.commit, won: (commit) => wonBy(commit, commit.session) }
  }
  if (decision.decide === 'reuse' || decision.decide === 'revoked') {
    return { insert: decision.commit, won: (commit) => ({ settled: 'ended', commit }) }
  }
  return { result: { settled: 'decided', decision } }
}

const wonBy = (commit: NewCommit, session: SessionState | null): Settled => {
  if (!session || isSliding(session) || session.status === 'dead') {
    return { settled: 'ended', commit }
  }
  const rotated = session.current.version === commit.id.v
  return { settled: 'won', session, commit, rotated }
}

const ended = async (
  { publisher, clock, publishTimeoutMs }: GatewayParts,
  commit: NewCommit,
): Promise<RefreshResult> => {
  const isReuse = tellsReuse(commit)
  const timer = new AbortController()
  await Promise.race([
    publisher.publish(commit).catch(() => {}),
    clock.sleep(publishTimeoutMs, timer.signal),
  ])
  timer.abort()
  return isReuse ? { outcome: 'reused' } : { outcome: 'refused', sessionDead: true }
}

const decided = async (
  parts: GatewayParts,
  { claims, token, origin }: Presented,
  decision: Extract<Settled, { settled: 'decided' }>['decision'],
): Promise<RefreshResult> => {
  const { sub, sid, jti, ver: version } = claims
  switch (decision.decide) {
    case 'replay':
      await tellAside(parts, event('GraceReplayed', { sub, sid, jti, version, ...origin }))
      return {
        outcome: 'refreshed',
        tokens: parts.tokens.successor(decision.session, claims, token),
        refreshChanged: true,
        untilClosed: decision.session.untilClosed ?? false,
      }
    case 'superseded':
      return { outcome: 'superseded' }
    case 'refused':
      if (decision.why === 'unknown') {
        parts.logger.error({ sid, sub, version }, 'an authentic refresh token is not in the store')
      }
      return { outcome: 'refused', sessionDead: decision.why === 'dead' }
  }
}
