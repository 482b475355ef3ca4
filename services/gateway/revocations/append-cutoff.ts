import type { NewCommit } from '../../../shared/events/commit.ts'
import type { Actor, AuthEvent, Origin, RevocationReason } from '../../../shared/events/event.ts'
import { event } from '../../../shared/events/event.ts'
import { newClaim } from '../../../shared/kernel/entropy.ts'
import type { Claim } from '../../../shared/kernel/ids.ts'
import { everyoneStream } from '../../../shared/kernel/ids.ts'
import {
  type CutOffTarget,
  cutOff,
  remark,
  streamOfTarget,
} from '../../../shared/session/cut-off.ts'
import { longestLifetimeMs, type SessionPolicy } from '../../../shared/session/policy.ts'
import type { GatewayParts } from '../parts.ts'
import { actOn } from '../publication/actor-of-change.ts'
import { contend, isOwn, type Move } from '../publication/optimistic-append.ts'
import { type Delivery, deliver } from './delivery.ts'

export type Cut = Readonly<{
  target: CutOffTarget
  reason: RevocationReason
  origin: Origin
  /** Of who made a change that is settled now; without it, whoever acts with these parts. */
  actor?: Actor | null
  alongside?: readonly AuthEvent[]
}>

/** What appending takes; the command line has no publisher, the relay publishes for it. */
export type Appending = Pick<
  GatewayParts,
  'store' | 'clock' | 'storeClock' | 'entropy' | 'deadlineMs' | 'policy' | 'act' | 'onAppended'
>

/**
 * The longest access or sliding lifetime ever in force, kept on `all`, or this gateway's when that
 * is longer.
 */
export const longestInForce = async (store: GatewayParts['store'], policy: SessionPolicy) => {
  const [everyone = null] = await store.heads([everyoneStream])
  return Math.max(everyone?.longestMs ?? 0, longestLifetimeMs(policy))
}

/** Whose commit it is, for one that others may have appended already, under newer ones too. */
export type Shared = Readonly<{ claim: Claim; made: () => Promise<NewCommit | null> }>

/** Appends one cutoff and says which commit it is; retries with jitter until the deadline. */
export const appendCutOff = async (
  parts: Appending,
  { target, reason, origin, alongside = [], ...told }: Cut,
  shared?: Shared,
): Promise<NewCommit> => {
  const { store, storeClock, policy } = parts
  const claim = shared?.claim ?? newClaim(parts.entropy)
  const stream = streamOfTarget(target)
  const sub = target.scope === 'subject' ? target.sub : null
  const actor = told.actor === undefined ? actOn(parts, sub).actor : told.actor
  let tried: number | null = null
  // An insert whose answer was lost may lie under another's by now; made again, it would end the
  // sessions that began in between.
  const buried = async (): Promise<NewCommit | null> => {
    const [there] = tried === null ? [] : await store.read(stream, tried, 1)
    return there?.claim === claim ? there : null
  }
  const look = async (): Promise<Move<NewCommit>> => {
    const longestMs = await longestInForce(store, policy)
    const [newest = null] = await store.heads([stream])
    const made = isOwn(newest, claim) ? newest : ((await buried()) ?? (await shared?.made()))
    if (made) return { result: made }
    const now = storeClock.now()
    const command = { target, reason, now, claim, origin, actor, longestMs, alongside }
    const whole = cutOff(newest, command)
    tried = whole.id.v
    return { insert: whole, won: (commit) => commit }
  }
  return contend(parts, look)
}

/** Ends every session of a subject, a client or everyone, in one commit however many there are. */
export const cutOffNow = async (parts: GatewayParts, cut: Cut): Promise<Delivery> =>
  deliver(parts, await appendCutOff(parts, cut))

/**
 * Before a gateway signs: the longest access or sliding lifetime it may issue must be known to
 * every cutoff (decision 0073: everyone’s cutoff is forgotten before the tokens it ends).
 */
export const raiseLongestLifetime = async (
  parts: Appending & Pick<GatewayParts, 'publisher'>,
): Promise<void> => {
  const { store, storeClock, entropy, policy, publisher } = parts
  const claim = newClaim(entropy)
  const longestMs = longestLifetimeMs(policy)
  const made = await contend(parts, async (): Promise<Move<NewCommit | null>> => {
    const [newest = null] = await store.heads([everyoneStream])
    if ((newest?.longestMs ?? 0) >= longestMs) return { result: null }
    const events = [event('LifetimeRaised', { longestMs })]
    const told = { events, now: storeClock.now(), claim, longestMs }
    return { insert: remark(everyoneStream, newest, told), won: (commit) => commit }
  })
  if (made) publisher.hand(made)
}
