import type { Commit, PairSession } from '../../../shared/events/commit.ts'
import type { Origin } from '../../../shared/events/event.ts'
import { newClaim, newTokenId } from '../../../shared/kernel/entropy.ts'
import {
  type Claim,
  type EpochMs,
  type StreamId,
  sessionStream,
  tokenStream,
} from '../../../shared/kernel/ids.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import {
  decideRefresh,
  type Refresh,
  type RefreshDecision,
  replacementInstant,
} from '../../../shared/session/decide-refresh.ts'
import type { RefreshClaims } from '../../../shared/tokens/claims.ts'
import { lookUpUser, type UserLookup } from '../accounts/index.ts'
import { appendOptimistically, type CommandContext, type Decision } from '../publication/index.ts'
import { readStanding } from '../revocations/index.ts'
import type { SessionDeps } from './session-deps.ts'

export type RefreshRequest = Readonly<{ claims: RefreshClaims; origin: Origin; arrival: EpochMs }>

export type Judged = Readonly<{
  newest: Commit | null
  /** Whose session it is. */
  who: UserLookup
  claim: Claim
  now: EpochMs
  /** Every decision but `look_up`, which is answered before. */
  decision: Exclude<RefreshDecision, { decide: 'look_up' }>
  /** What would be decided if this were the newest commit. */
  decideOn: (newest: Commit) => RefreshDecision
}>

const lookUpPage = 64

/**
 * Judges an authentic refresh token by the newest commit and the cutoffs, and does what `act` makes
 * of the decision; anew after each lost race, until the deadline. A change of the account that was
 * interrupted before its cutoff is completed first (decision 0073: a password written after the
 * cutoff).
 */
export const judgeRefresh = async <Result>(
  deps: SessionDeps,
  { claims, origin, arrival }: RefreshRequest,
  act: (judged: Judged) => Decision<Result> | Promise<Decision<Result>>,
  whose: typeof lookUpUser = lookUpUser,
): Promise<Result> => {
  const {
    context: { store, entropy, storeClock },
    policy,
  } = deps
  const { sid, sub, client_id: client, ver: version, jti } = claims
  const token = { version, jti }
  const ids = { access: newTokenId(entropy), refresh: newTokenId(entropy) }
  const claim = newClaim(entropy)
  let replacedAt: EpochMs | null | undefined
  const look = async (): Promise<Decision<Result>> => {
    const [{ newest, cutoffs, tokenEnded }, who] = await Promise.all([
      readStanding(store, { sid, sub, client, jti }),
      whose(deps, sub),
    ])
    if (who.state === 'changed') return look()
    const now = storeClock.now()
    const known = replacedAt === undefined ? {} : { replacedAt }
    const command: Refresh = { token, arrival, now, ids, claim, origin, tokenEnded, ...known }
    const decideOn = (head: Commit | null, over: Partial<Refresh> = {}): RefreshDecision =>
      decideRefresh(head, cutoffs, { ...command, ...over }, policy)
    const decide = (over: Partial<Refresh> = {}): RefreshDecision => decideOn(newest, over)
    const first = decide()
    // A successor that was named is not given out again.
    const isNamed = first.decide === 'replay' && (await isEnded(store, first.session))
    const decision = isNamed ? decide({ tokenEnded: true }) : first
    if (decision.decide === 'look_up') {
      replacedAt = await findReplacement(deps, sessionStream(sid), decision.version)
      return look()
    }
    return act({ newest, who, claim, now, decision, decideOn })
  }
  return appendOptimistically(deps, look)
}

const isEnded = async (store: EventStore, { current }: PairSession): Promise<boolean> => {
  const [ended = null] = await store.heads([tokenStream(current.token.jti)])
  return ended !== null
}

/**
 * When a version's token was replaced, read from the stream: rare, after more rotations than are
 * carried along.
 */
export const findReplacement = async (
  { context: { store } }: Readonly<{ context: CommandContext }>,
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
