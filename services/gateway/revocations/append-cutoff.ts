import type { NewCommit } from '../../../shared/events/commit.ts'
import type { Actor, AuthEvent, Origin, RevocationReason } from '../../../shared/events/event.ts'
import { event } from '../../../shared/events/event.ts'
import { newClaim } from '../../../shared/kernel/entropy.ts'
import type { Claim } from '../../../shared/kernel/ids.ts'
import { everyoneStream } from '../../../shared/kernel/ids.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import {
  type CutoffTarget,
  cutoffCommit,
  eventCommit,
  streamOfTarget,
} from '../../../shared/session/cutoff-commit.ts'
import { longestLifetimeMs, type SessionPolicy } from '../../../shared/session/session-policy.ts'
import {
  actorOfChange,
  appendOptimistically,
  type CommandContext,
  type Decision,
  isOwnCommit,
  type Publisher,
} from '../publication/index.ts'
import type { DeliveryDeps } from './delivery.ts'
import { type Delivery, deliver } from './delivery.ts'

export type Cut = Readonly<{
  target: CutoffTarget
  reason: RevocationReason
  origin: Origin
  /** Of who made a change that is settled now; without it, whoever acts in this context. */
  actor?: Actor | null
  alongside?: readonly AuthEvent[]
}>

/** What appending takes; the command line has no publisher, the relay publishes for it. */
export type CutoffDeps = Readonly<{ context: CommandContext; policy: SessionPolicy }>

/**
 * The longest access or sliding lifetime ever in force, kept on `all`, or this gateway's when that
 * is longer.
 */
export const longestInForce = async (store: EventStore, policy: SessionPolicy) => {
  const [everyone = null] = await store.heads([everyoneStream])
  return Math.max(everyone?.longestMs ?? 0, longestLifetimeMs(policy))
}

/** Whose commit it is, for one that others may have appended already, under newer ones too. */
export type Shared = Readonly<{ claim: Claim; made: () => Promise<NewCommit | null> }>

/** Appends one cutoff and says which commit it is; retries with jitter until the deadline. */
export const appendCutoff = async (
  deps: CutoffDeps,
  { target, reason, origin, alongside = [], ...told }: Cut,
  shared?: Shared,
): Promise<NewCommit> => {
  const {
    context: { store, storeClock },
    policy,
  } = deps
  const claim = shared?.claim ?? newClaim(deps.context.entropy)
  const stream = streamOfTarget(target)
  const sub = target.scope === 'subject' ? target.sub : null
  const actor = told.actor === undefined ? actorOfChange(deps, sub).actor : told.actor
  let tried: number | null = null
  // An insert whose answer was lost may lie under another's by now; made again, it would end the
  // sessions that began in between.
  const buried = async (): Promise<NewCommit | null> => {
    const [there] = tried === null ? [] : await store.read(stream, tried, 1)
    return there?.claim === claim ? there : null
  }
  const look = async (): Promise<Decision<NewCommit>> => {
    const longestMs = await longestInForce(store, policy)
    const [newest = null] = await store.heads([stream])
    const made = isOwnCommit(newest, claim) ? newest : ((await buried()) ?? (await shared?.made()))
    if (made) return { result: made }
    const now = storeClock.now()
    const command = { target, reason, now, claim, origin, actor, longestMs, alongside }
    const whole = cutoffCommit(newest, command)
    tried = whole.id.v
    return { insert: whole, onInserted: (commit) => commit }
  }
  return appendOptimistically(deps, look)
}

/** Ends every session of a subject, a client or everyone, in one commit however many there are. */
export const appendAndDeliverCutoff = async (
  deps: CutoffDeps & DeliveryDeps,
  cut: Cut,
): Promise<Delivery> => deliver(deps, await appendCutoff(deps, cut))

/**
 * Before a gateway signs: the longest access or sliding lifetime it may issue must be known to
 * every cutoff (decision 0073: everyone’s cutoff is forgotten before the tokens it ends).
 */
export const raiseLongestLifetime = async (
  deps: CutoffDeps & Readonly<{ publisher: Publisher }>,
): Promise<void> => {
  const {
    context: { store, storeClock, entropy },
    policy,
    publisher,
  } = deps
  const claim = newClaim(entropy)
  const longestMs = longestLifetimeMs(policy)
  const made = await appendOptimistically(deps, async (): Promise<Decision<NewCommit | null>> => {
    const [newest = null] = await store.heads([everyoneStream])
    if ((newest?.longestMs ?? 0) >= longestMs) return { result: null }
    const events = [event('LifetimeRaised', { longestMs })]
    const told = { events, now: storeClock.now(), claim, longestMs }
    return { insert: eventCommit(everyoneStream, newest, told), onInserted: (commit) => commit }
  })
  if (made) publisher.enqueue(made)
}
