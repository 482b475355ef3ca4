import {
  isSliding,
  type NewCommit,
  type PairSession,
  type SessionState,
} from '../../shared/events/commit.ts'
import { event } from '../../shared/events/event.ts'
import { isOwn, type Move } from './append.ts'
import { type Judged, judgeRefresh, type RefreshRequest } from './judge-refresh.ts'
import type { GatewayParts } from './parts.ts'
import { tellAside } from './tell-aside.ts'
import type { TokenPair } from './token-desk.ts'

export type RefreshResult =
  | Readonly<{ outcome: 'refreshed'; tokens: TokenPair; refreshChanged: boolean }>
  | Readonly<{ outcome: 'superseded' }>
  /** `sessionDead`: only then may the answer clear cookies; a loser of a race keeps its own. */
  | Readonly<{ outcome: 'refused'; sessionDead: boolean }>
  | Readonly<{ outcome: 'reused' }>

type Settled =
  | Readonly<{ settled: 'won'; session: PairSession; commit: NewCommit; rotated: boolean }>
  | Readonly<{ settled: 'reused'; commit: NewCommit }>
  | Readonly<{ settled: 'decided'; decision: Exclude<Judged['decision'], { commit: NewCommit }> }>

/**
 * One rotation of a session, or why not. The token's signature, expiry and kind were verified
 * before.
 */
export const refresh = async (
  parts: GatewayParts,
  request: RefreshRequest,
): Promise<RefreshResult> => {
  const settled = await settle(parts, request)
  const { publisher, tokens } = parts
  const { claims } = request
  switch (settled.settled) {
    case 'won':
      publisher.hand(settled.commit)
      return {
        outcome: 'refreshed',
        tokens: tokens.successor(settled.session, claims),
        refreshChanged: settled.rotated,
      }
    case 'reused':
      return reused(parts, request, settled.commit)
    case 'decided':
      return decided(parts, request, settled.decision)
  }
}

const settle = (parts: GatewayParts, request: RefreshRequest): Promise<Settled> =>
  judgeRefresh(parts, request, ({ newest, claim, decision }) =>
    isOwn(newest, claim) && newest.session
      ? { result: wonBy(newest, newest.session) }
      : moveOf(decision),
  )

const moveOf = (decision: Judged['decision']): Move<Settled> => {
  if (decision.decide === 'insert') {
    return { insert: decision.commit, won: (commit) => wonBy(commit, commit.session) }
  }
  if (decision.decide === 'reuse') {
    return { insert: decision.commit, won: (commit) => ({ settled: 'reused', commit }) }
  }
  return { result: { settled: 'decided', decision } }
}

const wonBy = (commit: NewCommit, session: SessionState | null): Settled => {
  if (!session || isSliding(session) || session.status === 'dead') {
    return { settled: 'reused', commit }
  }
  const rotated = session.current.version === commit.id.v
  return { settled: 'won', session, commit, rotated }
}

const reused = async (
  { publisher, logger, clock, publishTimeoutMs }: GatewayParts,
  { claims }: RefreshRequest,
  commit: NewCommit,
): Promise<RefreshResult> => {
  logger.warn({ sid: claims.sid, sub: claims.sub }, 'a refresh token was reused: session ended')
  const timer = new AbortController()
  await Promise.race([
    publisher.publish(commit).catch(() => {}),
    clock.sleep(publishTimeoutMs, timer.signal),
  ])
  timer.abort()
  return { outcome: 'reused' }
}

const decided = async (
  parts: GatewayParts,
  { claims, origin }: RefreshRequest,
  decision: Extract<Settled, { settled: 'decided' }>['decision'],
): Promise<RefreshResult> => {
  const { sub, sid, jti, ver: version } = claims
  switch (decision.decide) {
    case 'replay':
      await tellAside(parts, event('GraceReplayed', { sub, sid, jti, version, ...origin }))
      return {
        outcome: 'refreshed',
        tokens: parts.tokens.successor(decision.session, claims),
        refreshChanged: true,
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
