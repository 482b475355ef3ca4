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
import { foundUser, isActiveUser } from '../accounts/index.ts'
import { appendStandaloneEvent, type Decision, isOwnCommit } from '../publication/index.ts'
import { type CustomClaims, hookRequest, sealClaims, type TokenPair } from '../tokens/index.ts'
import { type Judged, judgeRefresh, type RefreshRequest } from './judge-refresh.ts'
import type { SessionDeps } from './session-deps.ts'

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
export const refresh = async (deps: SessionDeps, request: Presented): Promise<RefreshResult> => {
  const settled = await settle(deps, request)
  const {
    publisher,
    tokens: { issuer },
  } = deps
  const { claims, token } = request
  switch (settled.settled) {
    case 'won':
      publisher.enqueue(settled.commit)
      return {
        outcome: 'refreshed',
        tokens: issuer.successor(settled.session, claims, token),
        refreshChanged: settled.rotated,
        untilClosed: settled.session.untilClosed ?? false,
      }
    case 'inactive':
      return { outcome: 'inactive' }
    case 'ended':
      return ended(deps, settled.commit)
    case 'decided':
      return decided(deps, request, settled.decision)
  }
}

const settle = (deps: SessionDeps, request: Presented): Promise<Settled> => {
  let asked: Promise<CustomClaims> | null = null
  return judgeRefresh(deps, request, async ({ newest, claim, decision, who }) => {
    if (isOwnCommit(newest, claim) && newest.session)
      return { result: wonBy(newest, newest.session) }
    // What the session deserves comes first: a reuse ends it, whoever its user is by now.
    const isGranted = decision.decide === 'insert' || decision.decide === 'replay'
    if (isGranted && !isActiveUser(deps, who)) return { result: { settled: 'inactive' } }
    const {
      tokens: { hook },
    } = deps
    const person = foundUser(who)
    if (decision.decide !== 'insert') return moveOf(decision)
    const commit = listed(deps, request, decision.commit)
    if (!hook.onRefresh || !person) return moveOf({ ...decision, commit })
    // Once a request, however often it looks again.
    asked ??= hook.claims(
      hookRequest(person, {
        client: deps.sessions.client,
        on: 'refresh',
        kind: 'pair',
        previous: deps.tokens.issuer.customIn(request.claims),
      }),
    )
    return moveOf({ ...decision, commit: sealed(deps, request, commit, await asked) })
  })
}

/** A list makes the token larger: signed once before the append, one too large consumes nothing. */
const listed = (
  { tokens: { issuer, statusListIndex } }: SessionDeps,
  { claims, token }: Presented,
  commit: Opened<PairSession>,
): Opened<PairSession> => {
  if (!statusListIndex) return commit
  const whole = withListedAccess(commit, statusListIndex)
  issuer.successor(whole.session, claims, token)
  return whole
}

/**
 * Claims that only this answer knew would differ from those of a replay (I1), so the commit holds
 * them, sealed. Its tokens are signed once before the append: a token too large consumes nothing.
 */
const sealed = (
  { tokens: { issuer }, context: { entropy } }: SessionDeps,
  { claims, token }: Presented,
  commit: Opened<PairSession>,
  custom: CustomClaims,
): Opened<PairSession> => {
  const { sid, access } = commit.session
  const place = { sid, jti: access.jti }
  const whole = withSealed(commit, sealClaims(custom, token, place, entropy))
  issuer.successor(whole.session, claims, token)
  return whole
}

const moveOf = (decision: Judged['decision']): Decision<Settled> => {
  if (decision.decide === 'insert') {
    return { insert: decision.commit, onInserted: (commit) => wonBy(commit, commit.session) }
  }
  if (decision.decide === 'reuse' || decision.decide === 'revoked') {
    return { insert: decision.commit, onInserted: (commit) => ({ settled: 'ended', commit }) }
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
  { publisher, context: { clock, publishTimeoutMs } }: SessionDeps,
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
  deps: SessionDeps,
  { claims, token, origin }: Presented,
  decision: Extract<Settled, { settled: 'decided' }>['decision'],
): Promise<RefreshResult> => {
  const { sub, sid, jti, ver: version } = claims
  switch (decision.decide) {
    case 'replay':
      await appendStandaloneEvent(
        deps,
        event('GraceReplayed', { sub, sid, jti, version, ...origin }),
      )
      return {
        outcome: 'refreshed',
        tokens: deps.tokens.issuer.successor(decision.session, claims, token),
        refreshChanged: true,
        untilClosed: decision.session.untilClosed ?? false,
      }
    case 'superseded':
      return { outcome: 'superseded' }
    case 'refused':
      if (decision.why === 'unknown') {
        deps.context.logger.error(
          { sid, sub, version },
          'an authentic refresh token is not in the store',
        )
      }
      return { outcome: 'refused', sessionDead: decision.why === 'dead' }
  }
}
