import type { NewCommit, SessionState } from '../../shared/events/commit.ts'
import { event, type Origin } from '../../shared/events/event.ts'
import { newClaim, newTokenId } from '../../shared/kernel/entropy.ts'
import { type EpochMs, type StreamId, sessionStream } from '../../shared/kernel/ids.ts'
import {
  decideRefresh,
  type Refresh,
  type RefreshDecision,
  replacementInstant,
} from '../../shared/session/decide-refresh.ts'
import type { RefreshClaims } from '../../shared/tokens/claims.ts'
import { settleDue } from './accounts.ts'
import { contend, isOwn, type Move } from './append.ts'
import { readStanding } from './cutoffs.ts'
import type { GatewayParts } from './parts.ts'
import { tellAside } from './tell-aside.ts'
import type { TokenPair } from './token-desk.ts'

export type RefreshRequest = Readonly<{ claims: RefreshClaims; origin: Origin; arrival: EpochMs }>
export type RefreshResult =
  | Readonly<{ outcome: 'refreshed'; tokens: TokenPair; refreshChanged: boolean }>
  | Readonly<{ outcome: 'superseded' }>
  /** `sessionDead`: only then may the answer clear cookies; a loser of a race keeps its own. */
  | Readonly<{ outcome: 'refused'; sessionDead: boolean }>
  | Readonly<{ outcome: 'reused' }>

type Settled =
  | Readonly<{ settled: 'won'; session: SessionState; commit: NewCommit; rotated: boolean }>
  | Readonly<{ settled: 'reused'; commit: NewCommit }>
  | Readonly<{ settled: 'decided'; decision: Exclude<RefreshDecision, { commit: NewCommit }> }>

const lookUpPage = 64

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

const settle = async (parts: GatewayParts, request: RefreshRequest): Promise<Settled> => {
  const { store, directory, entropy, storeClock, policy } = parts
  const { claims, origin, arrival } = request
  const owner = { sid: claims.sid, sub: claims.sub, client: claims.client_id }
  const ids = { access: newTokenId(entropy), refresh: newTokenId(entropy) }
  const claim = newClaim(entropy)
  const command: Refresh = {
    token: { version: claims.ver, jti: claims.jti },
    arrival,
    now: storeClock.now(),
    ids,
    claim,
    origin,
  }
  let replacedAt: EpochMs | null | undefined
  const look = async (): Promise<Move<Settled>> => {
    const [{ newest, cutoffs }, user] = await Promise.all([
      readStanding(store, owner),
      directory.bySub(claims.sub),
    ])
    if (user?.due) {
      await settleDue(parts, user)
      return look()
    }
    if (isOwn(newest, claim) && newest.session) return { result: wonBy(newest, newest.session) }
    const now = storeClock.now()
    const asked = { ...command, now, ...(replacedAt === undefined ? {} : { replacedAt }) }
    const decision = decideRefresh(newest, cutoffs, asked, policy)
    if (decision.decide === 'look_up') {
      replacedAt = await lookUp(parts, sessionStream(claims.sid), decision.version)
      return look()
    }
    return moveOf(decision)
  }
  return contend(parts, look)
}

const moveOf = (decision: RefreshDecision): Move<Settled> => {
  if (decision.decide === 'insert') {
    return { insert: decision.commit, won: (commit) => wonBy(commit, commit.session) }
  }
  if (decision.decide === 'reuse') {
    return { insert: decision.commit, won: (commit) => ({ settled: 'reused', commit }) }
  }
  return { result: { settled: 'decided', decision } }
}

const wonBy = (commit: NewCommit, session: SessionState | null): Settled => {
  if (!session || session.status === 'dead') return { settled: 'reused', commit }
  const rotated = session.current.version === commit.id.v
  return { settled: 'won', session, commit, rotated }
}

/**
 * When a version's token was replaced, read from the stream: rare, after more rotations than are
 * carried along.
 */
const lookUp = async (
  { store }: GatewayParts,
  stream: StreamId,
  version: number,
): Promise<EpochMs | null> => {
  const later = []
  for (let from = version + 1; ; from += lookUpPage) {
    const page = await store.read(stream, from, lookUpPage)
    later.push(...page)
    const instant = replacementInstant(version, later)
    if (instant !== 'read_on') return instant
    if (page.length < lookUpPage) return null
  }
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
    case 'look_up':
      throw new Error('a look-up is answered before it is decided')
  }
}
