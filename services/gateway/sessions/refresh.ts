import {
  isSliding,
  type NewCommit,
  type PairSession,
  type SessionState,
} from '../../../shared/events/commit.ts'
import { event } from '../../../shared/events/event.ts'
import { within } from '../../../shared/kernel/concurrency/within.ts'
import { tellsReuse } from '../../../shared/session/decide-refresh.ts'
import type { Opened } from '../../../shared/session/open-session.ts'
import { addSealedClaims } from '../../../shared/session/rotation.ts'
import { withAccessStatusIndex } from '../../../shared/session/status-list-index.ts'
import { foundUser, isActiveUser } from '../accounts/index.ts'
import { appendStandaloneEvent, type Decision, isOwnCommit } from '../publication/index.ts'
import { type CustomClaims, hookRequest, sealClaims, type TokenPair } from '../tokens/index.ts'
import {
  appendRefreshDecision,
  type JudgedRefresh,
  type RefreshRequest,
} from './append-refresh-decision.ts'
import type { SessionDeps } from './open-sessions.ts'

/** `token` is the refresh token as it came: its signature opens the sealed claims. */
export type RefreshWithToken = RefreshRequest & Readonly<{ token: string }>

export type RefreshResult =
  | Readonly<{
      outcome: 'refreshed'
      tokens: TokenPair
      refreshChanged: boolean
      /** Whether the cookies last until the browser closes. */
      untilClosed: boolean
    }>
  | Readonly<{ outcome: 'superseded' }>
  /**
   * Only where `sessionDead` is true may the answer clear cookies: a request that lost a race
   * keeps them.
   */
  | Readonly<{ outcome: 'refused'; sessionDead: boolean }>
  | Readonly<{ outcome: 'reused' }>
  /** The session lives, and its user is inactive or deleted: nothing was appended. */
  | Readonly<{ outcome: 'inactive' }>

type RefreshOutcome =
  | Readonly<{ kind: 'refreshed'; session: PairSession; commit: NewCommit; rotated: boolean }>
  /** This request ended the session. */
  | Readonly<{ kind: 'ended'; commit: NewCommit }>
  | Readonly<{ kind: 'inactive' }>
  | Readonly<{
      kind: 'not_appended'
      decision: Exclude<JudgedRefresh['decision'], { commit: NewCommit }>
    }>

/**
 * Rotates the refresh token of a session once, or says why not. The route verified the token's
 * signature, expiry and kind before.
 */
export const refresh = async (
  deps: SessionDeps,
  request: RefreshWithToken,
): Promise<RefreshResult> => {
  const outcome = await decideAndAppend(deps, request)
  const { publisher } = deps
  const { issuer } = deps.tokens
  const { claims, token } = request
  switch (outcome.kind) {
    case 'refreshed':
      publisher.enqueue(outcome.commit)
      return {
        outcome: 'refreshed',
        tokens: issuer.successor(outcome.session, claims, token),
        refreshChanged: outcome.rotated,
        untilClosed: outcome.session.untilClosed ?? false,
      }
    case 'inactive':
      return { outcome: 'inactive' }
    case 'ended':
      return publishEnd(deps, outcome.commit)
    case 'not_appended':
      return answerWithoutAppend(deps, request, outcome.decision)
  }
}

const decideAndAppend = (deps: SessionDeps, request: RefreshWithToken): Promise<RefreshOutcome> => {
  let hookClaims: Promise<CustomClaims> | null = null
  return appendRefreshDecision(deps, request, async ({ newest, claim, decision, user }) => {
    if (isOwnCommit(newest, claim) && newest.session)
      return { result: outcomeOfCommit(newest, newest.session) }
    // Reuse comes before the user's state: it ends the session also of an inactive user.
    const isAccepted = decision.decide === 'insert' || decision.decide === 'replay'
    if (isAccepted && !isActiveUser(deps, user)) return { result: { kind: 'inactive' } }
    const { hook } = deps.tokens
    const person = foundUser(user)
    if (decision.decide !== 'insert') return appendOf(decision)
    const commit = withStatusListIndex(deps, request, decision.commit)
    if (!hook.onRefresh || !person) return appendOf({ ...decision, commit })
    // Once a request, however often a conflict makes it decide again.
    hookClaims ??= hook.claims(
      hookRequest(person, {
        client: deps.sessions.client,
        on: 'refresh',
        kind: 'pair',
        previous: deps.tokens.issuer.customClaimsIn(request.claims),
      }),
    )
    return appendOf({
      ...decision,
      commit: withSealedClaims(deps, request, commit, await hookClaims),
    })
  })
}

/**
 * Adds a status-list index to the access token. That makes the token larger, so it is signed once
 * before the append: if it is too large, this throws and nothing was appended.
 */
const withStatusListIndex = (
  { tokens: { issuer, statusListIndex } }: SessionDeps,
  { claims, token }: RefreshWithToken,
  commit: Opened<PairSession>,
): Opened<PairSession> => {
  if (!statusListIndex) return commit
  const listed = withAccessStatusIndex(commit, statusListIndex)
  issuer.successor(listed.session, claims, token)
  return listed
}

/**
 * Adds the hook's claims to the commit, sealed, so that a replay answers the same claims (I1). The
 * tokens are signed once before the append: if one is too large, nothing was appended.
 */
const withSealedClaims = (
  { tokens: { issuer }, context: { entropy } }: SessionDeps,
  { claims, token }: RefreshWithToken,
  commit: Opened<PairSession>,
  custom: CustomClaims,
): Opened<PairSession> => {
  const { sid, access } = commit.session
  const place = { sid, jti: access.jti }
  const sealed = addSealedClaims(commit, sealClaims(custom, token, place, entropy))
  issuer.successor(sealed.session, claims, token)
  return sealed
}

const appendOf = (decision: JudgedRefresh['decision']): Decision<RefreshOutcome> => {
  if (decision.decide === 'insert') {
    return {
      insert: decision.commit,
      onInserted: (commit) => outcomeOfCommit(commit, commit.session),
    }
  }
  if (decision.decide === 'reuse' || decision.decide === 'revoked') {
    return { insert: decision.commit, onInserted: (commit) => ({ kind: 'ended', commit }) }
  }
  return { result: { kind: 'not_appended', decision } }
}

const outcomeOfCommit = (commit: NewCommit, session: SessionState | null): RefreshOutcome => {
  if (!session || isSliding(session) || session.status === 'dead') {
    return { kind: 'ended', commit }
  }
  const rotated = session.current.version === commit.id.v
  return { kind: 'refreshed', session, commit, rotated }
}

const publishEnd = async (
  { publisher, context: { clock, publishTimeoutMs } }: SessionDeps,
  commit: NewCommit,
): Promise<RefreshResult> => {
  const isReuse = tellsReuse(commit)
  const publishing = publisher.publish(commit).catch(() => {})
  await within(clock, publishTimeoutMs, publishing)
  return isReuse ? { outcome: 'reused' } : { outcome: 'refused', sessionDead: true }
}

const answerWithoutAppend = async (
  deps: SessionDeps,
  { claims, token, origin }: RefreshWithToken,
  decision: Extract<RefreshOutcome, { kind: 'not_appended' }>['decision'],
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
