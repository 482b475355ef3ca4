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
import { readSessionAndCutoffs } from '../revocations/index.ts'
import type { SessionDeps } from './open-sessions.ts'

export type RefreshRequest = Readonly<{ claims: RefreshClaims; origin: Origin; arrival: EpochMs }>

export type JudgedRefresh = Readonly<{
  newest: Commit | null
  /** The user of the session. */
  user: UserLookup
  claim: Claim
  now: EpochMs
  /** Every decision but `look_up`, which `appendRefreshDecision` handles itself. */
  decision: Exclude<RefreshDecision, { decide: 'look_up' }>
  /** What the decision would be if this were the newest commit. */
  decideFor: (newest: Commit) => RefreshDecision
}>

const replacementPage = 64

/**
 * Reads the session's newest commit, the cutoffs and the user, decides what becomes of an authentic
 * refresh token, and appends what `decideAppend` makes of that decision. After each conflict it
 * reads and decides again, until the deadline. Reading the user appends a pending cutoff; then the
 * session is read again (decision 0073: a password written after the cutoff).
 */
export const appendRefreshDecision = async <Result>(
  deps: SessionDeps,
  { claims, origin, arrival }: RefreshRequest,
  decideAppend: (judged: JudgedRefresh) => Decision<Result> | Promise<Decision<Result>>,
  findUser: typeof lookUpUser = lookUpUser,
): Promise<Result> => {
  const { policy } = deps
  const { store, entropy, storeClock } = deps.context
  const { sid, sub, client_id: client, ver: version, jti } = claims
  const token = { version, jti }
  const ids = { access: newTokenId(entropy), refresh: newTokenId(entropy) }
  const claim = newClaim(entropy)
  let replacedAt: EpochMs | null | undefined
  const readAndDecide = async (): Promise<Decision<Result>> => {
    const [{ newest, cutoffs, tokenEnded }, user] = await Promise.all([
      readSessionAndCutoffs(store, { sid, sub, client, jti }),
      findUser(deps, sub),
    ])
    if (user.state === 'changed') return readAndDecide()
    const now = storeClock.now()
    const replacement = replacedAt === undefined ? {} : { replacedAt }
    const command: Refresh = { token, arrival, now, ids, claim, origin, tokenEnded, ...replacement }
    const decideFor = (head: Commit | null, overrides: Partial<Refresh> = {}): RefreshDecision =>
      decideRefresh(head, cutoffs, { ...command, ...overrides }, policy)
    const first = decideFor(newest)
    // A successor that was revoked by its id is not answered again.
    const isSuccessorRevoked =
      first.decide === 'replay' && (await isSuccessorEnded(store, first.session))
    const decision = isSuccessorRevoked ? decideFor(newest, { tokenEnded: true }) : first
    if (decision.decide === 'look_up') {
      replacedAt = await findReplacement(deps, sessionStream(sid), decision.version)
      return readAndDecide()
    }
    return decideAppend({ newest, user, claim, now, decision, decideFor })
  }
  return appendOptimistically(deps, readAndDecide)
}

const isSuccessorEnded = async (store: EventStore, { current }: PairSession): Promise<boolean> => {
  const [ended = null] = await store.heads([tokenStream(current.token.jti)])
  return ended !== null
}

/**
 * Reads from the stream when the refresh token of `version` was replaced. Needed only after more
 * rotations than the newest commit remembers.
 */
export const findReplacement = async (
  { context: { store } }: Readonly<{ context: CommandContext }>,
  stream: StreamId,
  version: number,
): Promise<EpochMs | null> => {
  const later = []
  for (let from = version + 1; ; from += replacementPage) {
    const page = await store.read(stream, from, replacementPage)
    later.push(...page)
    const instant = replacementInstant(version, later)
    if (instant !== 'read_on') return instant
    if (page.length < replacementPage) return null
  }
}
