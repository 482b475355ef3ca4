import type { NewCommit, SlidingSession } from '../../../shared/events/commit.ts'
import type { Origin } from '../../../shared/events/event.ts'
import { newClaim } from '../../../shared/kernel/entropy.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { isLiveSliding } from '../../../shared/session/end-session.ts'
import { decideSlide } from '../../../shared/session/sliding-session.ts'
import { withSlidingStatusIndex } from '../../../shared/session/status-list-index.ts'
import type { SlidingClaims } from '../../../shared/tokens/claims.ts'
import { foundUser, isActiveUser, lookUpUser } from '../accounts/index.ts'
import { appendOptimistically, type Decision, isOwnCommit } from '../publication/index.ts'
import { readSessionAndCutoffs } from '../revocations/index.ts'
import { type CustomClaims, hookRequest, type SignedToken } from '../tokens/index.ts'
import type { SessionDeps } from './open-sessions.ts'

export type SlideRequest = Readonly<{ claims: SlidingClaims; origin: Origin; arrival: EpochMs }>
export type SlideResult =
  | Readonly<{ outcome: 'renewed'; token: SignedToken; untilClosed: boolean }>
  | Readonly<{ outcome: 'refused'; sessionDead: boolean }>
  | Readonly<{ outcome: 'inactive' }>

type SlideOutcome =
  | Readonly<{ session: SlidingSession; custom?: CustomClaims }>
  | 'dead'
  | 'unknown'
  | 'inactive'

/**
 * Renews a sliding token. The route verified its signature, `exp`, `refresh_exp` and kind before.
 * Reading the user appends a pending cutoff; then the session is read again (decision 0073: a
 * password written after the cutoff).
 */
export const slide = async (deps: SessionDeps, request: SlideRequest): Promise<SlideResult> => {
  const { claims } = request
  const outcome = await appendOptimistically(deps, slideDecision(deps, request))
  if (outcome === 'unknown') {
    const { sid, sub } = claims
    deps.context.logger.error({ sid, sub }, 'an authentic sliding token is not in the store')
  }
  if (outcome === 'inactive') return { outcome: 'inactive' }
  if (outcome === 'unknown' || outcome === 'dead') {
    return { outcome: 'refused', sessionDead: outcome === 'dead' }
  }
  const { session, custom } = outcome
  const token = deps.tokens.issuer.renewed(session, claims, custom)
  return { outcome: 'renewed', token, untilClosed: session.untilClosed ?? false }
}

const renewedOutcome = (session: SlidingSession, custom: CustomClaims | undefined): SlideOutcome =>
  custom ? { session, custom } : { session }

const slideDecision = (deps: SessionDeps, { claims, origin, arrival }: SlideRequest) => {
  const { policy, publisher } = deps
  const { store, entropy, storeClock } = deps.context
  const { hook, issuer, statusListIndex } = deps.tokens
  const { sid, sub, client_id: client, jti } = claims
  const claim = newClaim(entropy)
  let custom: Promise<CustomClaims> | undefined
  const readAndDecide = async (): Promise<Decision<SlideOutcome>> => {
    const [{ newest, cutoffs, tokenEnded }, user] = await Promise.all([
      readSessionAndCutoffs(store, { sid, sub, client, jti }),
      lookUpUser(deps, sub),
    ])
    if (user.state === 'changed') return readAndDecide()
    if (isOwnCommit(newest, claim) && isLiveSliding(newest)) {
      return { result: renewedOutcome(newest.session, await custom) }
    }
    const command = { jti, tokenEnded, arrival, now: storeClock.now(), claim, origin }
    const decision = decideSlide(newest, cutoffs, command, policy)
    if (decision.decide === 'refused') return { result: decision.why }
    if (!isActiveUser(deps, user)) return { result: 'inactive' }
    const person = foundUser(user)
    // A sliding token has no single successor to repeat, so each renewal asks the hook anew.
    if (hook.onRefresh && person) {
      const previous = issuer.customClaimsIn(claims)
      custom ??= hook.claims(
        hookRequest(person, { client, on: 'refresh', kind: 'sliding', previous }),
      )
    }
    const fresh = await custom
    if (decision.decide === 'same') return { result: renewedOutcome(decision.session, fresh) }
    const commit = withSlidingStatusIndex(decision.commit, statusListIndex)
    // Signed once before the append: if the token is too large, nothing was appended.
    issuer.renewed(commit.session, claims, fresh)
    const onInserted = (appended: NewCommit): SlideOutcome => {
      publisher.enqueue(appended)
      return renewedOutcome(commit.session, fresh)
    }
    return { insert: commit, onInserted }
  }
  return readAndDecide
}
