import {
  type Commit,
  type Epoch,
  isSliding,
  type NewCommit,
  type PairSession,
} from '../../../shared/events/commit.ts'
import { noOrigin } from '../../../shared/events/event.ts'
import type { EpochMs, TokenId } from '../../../shared/kernel/ids.ts'
import { noCutoffs } from '../../../shared/session/cutoffs-in-force.ts'
import {
  decideRefresh,
  type Refresh,
  type RefreshDecision,
} from '../../../shared/session/decide-refresh.ts'
import { isLivePair, type LivePair } from '../../../shared/session/end-session.ts'
import { openSession } from '../../../shared/session/open-session.ts'
import type { SessionPolicy } from '../../../shared/session/session-policy.ts'
import { aClaim, aClient, aJti, aSid, aSub, noon } from '../../support/fakes/builders.ts'

export const secondMs = 1_000
export const dayMs = 86_400_000
export const at = (ms: number): EpochMs => (noon + ms) as EpochMs

export const policyWith = (over: Partial<SessionPolicy> = {}): SessionPolicy => ({
  accessLifetimeMs: 900 * secondMs,
  refreshLifetimeMs: 3 * dayMs,
  slidingLifetimeMs: 300 * secondMs,
  slidingRefreshLifetimeMs: dayMs,
  sessionMaxLifetimeMs: 30 * dayMs,
  graceMs: 10 * secondMs,
  rotate: true,
  blacklistAfterRotation: true,
  ...over,
})

/** As a store gives it back. */
export const stored = (commit: NewCommit): Commit => ({ ...commit, published: null })

/** @throws Error when the commit holds no live session: a mistake of the test. */
export const live = (commit: NewCommit): LivePair => {
  const kept = stored(commit)
  if (!isLivePair(kept)) throw new Error('the commit holds no live session of a pair')
  return kept
}

export const sessionOf = (commit: NewCommit): PairSession => {
  if (!commit.session || isSliding(commit.session)) throw new Error('the commit holds no session')
  return commit.session
}

export type Presented = Readonly<{ version: number; jti: TokenId }>

/** The refresh token that a commit left current. */
export const currentOf = (commit: NewCommit): Presented => {
  const { current } = sessionOf(commit)
  return { version: current.version, jti: current.token.jti }
}

export const opened = (epoch: Epoch = noCutoffs, policy = policyWith()): Commit => {
  const ids = { access: aJti(), refresh: aJti() }
  const owner = { sid: aSid(), sub: aSub(), client: aClient, epoch }
  const when = { arrival: at(0), now: at(0) }
  return stored(openSession({ ...owner, ...when, ids, claim: aClaim(), origin: noOrigin }, policy))
}

export type Asked = Readonly<{
  token: Presented
  /** Milliseconds after noon, when the request came. */
  arrival: number
  /** When it is decided; at its arrival, unless it waited in the gateway. */
  now?: number
  cutoffs?: Epoch
  policy?: SessionPolicy
  replacedAt?: EpochMs | null
  tokenEnded?: boolean
}>

export const ask = (newest: Commit | null, asked: Asked): RefreshDecision => {
  const { token, arrival, now = arrival, cutoffs = noCutoffs, policy = policyWith() } = asked
  const request: Refresh = {
    token,
    arrival: at(arrival),
    now: at(now),
    ids: { access: aJti(), refresh: aJti() },
    claim: aClaim(),
    origin: { address: '192.0.2.7', agent: 'curl/8' },
    tokenEnded: asked.tokenEnded ?? false,
    ...(asked.replacedAt === undefined ? {} : { replacedAt: asked.replacedAt }),
  }
  return decideRefresh(newest, cutoffs, request, policy)
}

/** The commit that a decision inserts. @throws Error when it decides otherwise. */
export const inserted = (decision: RefreshDecision): Commit => {
  if (decision.decide !== 'insert') throw new Error(`decided ${decision.decide}, not insert`)
  return stored(decision.commit)
}

/**
 * Refreshes with the current token at each of the instants, in order; the commits, oldest first.
 */
export const refreshedAt = (
  newest: Commit,
  instants: readonly number[],
  policy: SessionPolicy = policyWith(),
): readonly Commit[] => {
  const commits = [newest]
  for (const arrival of instants) {
    const last = commits.at(-1) ?? newest
    commits.push(inserted(ask(last, { token: currentOf(last), arrival, policy })))
  }
  return commits
}

/** The element that a test put there itself. */
export const nth = <T>(list: readonly T[], index: number): T => {
  const found = list.at(index)
  if (found === undefined) throw new Error(`there is no element ${index}`)
  return found
}
