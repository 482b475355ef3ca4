import type { SlidingSession } from '../../../shared/events/commit.ts'
import type { Origin } from '../../../shared/events/event.ts'
import { newClaim } from '../../../shared/kernel/entropy.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { isLiveSliding } from '../../../shared/session/end-session.ts'
import { withListedSliding } from '../../../shared/session/listing.ts'
import { decideSlide } from '../../../shared/session/sliding.ts'
import type { SlidingClaims } from '../../../shared/tokens/claims.ts'
import { foundUser, isActiveUser, lookUpUser } from '../accounts/index.ts'
import { appendOptimistically, type Decision, isOwnCommit } from '../publication/index.ts'
import { readStanding } from '../revocations/index.ts'
import { type CustomClaims, hookRequest, type SignedToken } from '../tokens/index.ts'
import type { SessionDeps } from './session-deps.ts'

export type SlideRequest = Readonly<{ claims: SlidingClaims; origin: Origin; arrival: EpochMs }>
export type SlideResult =
  | Readonly<{ outcome: 'renewed'; token: SignedToken; untilClosed: boolean }>
  | Readonly<{ outcome: 'refused'; sessionDead: boolean }>
  | Readonly<{ outcome: 'inactive' }>

type Settled =
  | Readonly<{ session: SlidingSession; custom?: CustomClaims }>
  | 'dead'
  | 'unknown'
  | 'inactive'

/**
 * Renews a sliding token. Its signature, `exp`, `refresh_exp` and kind were verified before.
 * A change of the account that was interrupted before its cutoff is completed first (decision 0073:
 * a password written after the cutoff).
 */
export const slide = async (deps: SessionDeps, request: SlideRequest): Promise<SlideResult> => {
  const { claims } = request
  const settled = await appendOptimistically(deps, lookFor(deps, request))
  if (settled === 'unknown') {
    const { sid, sub } = claims
    deps.context.logger.error({ sid, sub }, 'an authentic sliding token is not in the store')
  }
  if (settled === 'inactive') return { outcome: 'inactive' }
  if (settled === 'unknown' || settled === 'dead') {
    return { outcome: 'refused', sessionDead: settled === 'dead' }
  }
  const { session, custom } = settled
  const token = deps.tokens.issuer.renewed(session, claims, custom)
  return { outcome: 'renewed', token, untilClosed: session.untilClosed ?? false }
}

const told = (session: SlidingSession, custom: CustomClaims | undefined): Settled =>
  custom ? { session, custom } : { session }

const lookFor = (deps: SessionDeps, { claims, origin, arrival }: SlideRequest) => {
  const {
    context: { store, entropy, storeClock },
    policy,
    publisher,
    tokens: { hook, issuer, statusListIndex },
  } = deps
  const { sid, sub, client_id: client, jti } = claims
  const claim = newClaim(entropy)
  let custom: Promise<CustomClaims> | undefined
  const look = async (): Promise<Decision<Settled>> => {
    const [{ newest, cutoffs, tokenEnded }, who] = await Promise.all([
      readStanding(store, { sid, sub, client, jti }),
      lookUpUser(deps, sub),
    ])
    if (who.state === 'changed') return look()
    if (isOwnCommit(newest, claim) && isLiveSliding(newest)) {
      return { result: told(newest.session, await custom) }
    }
    const command = { jti, tokenEnded, arrival, now: storeClock.now(), claim, origin }
    const decision = decideSlide(newest, cutoffs, command, policy)
    if (decision.decide === 'refused') return { result: decision.why }
    if (!isActiveUser(deps, who)) return { result: 'inactive' }
    const person = foundUser(who)
    // No promise of one successor here: each renewal is told what holds now, also in one second.
    if (hook.onRefresh && person) {
      const previous = issuer.customIn(claims)
      custom ??= hook.claims(
        hookRequest(person, { client, on: 'refresh', kind: 'sliding', previous }),
      )
    }
    const fresh = await custom
    if (decision.decide === 'same') return { result: told(decision.session, fresh) }
    const commit = withListedSliding(decision.commit, statusListIndex)
    // Signed once before the append: a token too large consumes nothing.
    issuer.renewed(commit.session, claims, fresh)
    const won = (): Settled => {
      publisher.enqueue(commit)
      return told(commit.session, fresh)
    }
    return { insert: commit, onInserted: won }
  }
  return look
}
