import type { NewCommit } from '../../../shared/events/commit.ts'
import {
  type Actor,
  type AuthEvent,
  event,
  type Origin,
  type RevocationReason,
} from '../../../shared/events/event.ts'
import { newClaim } from '../../../shared/kernel/entropy.ts'
import { type Claim, everyoneStream } from '../../../shared/kernel/ids.ts'
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

export type Cutoff = Readonly<{
  target: CutoffTarget
  reason: RevocationReason
  origin: Origin
  /** Who caused the change whose pending cutoff this is; without it, the actor of this context. */
  actor?: Actor | null
  alongside?: readonly AuthEvent[]
  /** Gets the newest cutoff of the target before another one is appended; may throw. */
  onNewest?: (cutoff: number) => void
}>

/** What appending uses. No publisher: for the command line the relay publishes. */
export type CutoffDeps = Readonly<{ context: CommandContext; policy: SessionPolicy }>

/**
 * The longest lifetime of an access or sliding token that was ever set: the one that the stream
 * `all` remembers, or this gateway's if that is longer.
 */
export const longestLifetimeInForce = async (store: EventStore, policy: SessionPolicy) => {
  const [everyone = null] = await store.heads([everyoneStream])
  return Math.max(everyone?.longestMs ?? 0, longestLifetimeMs(policy))
}

/**
 * For a commit that another process may have appended already: its claim, and how to find it, also
 * below newer commits.
 */
export type SharedClaim = Readonly<{ claim: Claim; findCommit: () => Promise<NewCommit | null> }>

/** Appends one cutoff and returns its commit. Retries on conflict, with jitter, to the deadline. */
export const appendCutoff = async (
  deps: CutoffDeps,
  { target, reason, origin, alongside = [], onNewest, ...given }: Cutoff,
  shared?: SharedClaim,
): Promise<NewCommit> => {
  const { policy } = deps
  const { store, storeClock } = deps.context
  const claim = shared?.claim ?? newClaim(deps.context.entropy)
  const stream = streamOfTarget(target)
  const sub = target.scope === 'subject' ? target.sub : null
  const actor = given.actor === undefined ? actorOfChange(deps, sub).actor : given.actor
  let triedVersion: number | null = null
  // The answer to an append may have been lost, and another commit may lie above it by now. A
  // second cutoff would end the sessions that began in between, so the first one is looked for.
  const findBuriedCommit = async (): Promise<NewCommit | null> => {
    const [found] = triedVersion === null ? [] : await store.read(stream, triedVersion, 1)
    return found?.claim === claim ? found : null
  }
  const readAndDecide = async (): Promise<Decision<NewCommit>> => {
    const longestMs = await longestLifetimeInForce(store, policy)
    const [newest = null] = await store.heads([stream])
    const ownCommit = isOwnCommit(newest, claim)
      ? newest
      : ((await findBuriedCommit()) ?? (await shared?.findCommit()))
    if (ownCommit) return { result: ownCommit }
    onNewest?.(newest?.cutoff ?? -1)
    const now = storeClock.now()
    const command = { target, reason, now, claim, origin, actor, longestMs, alongside }
    const commit = cutoffCommit(newest, command)
    triedVersion = commit.id.v
    return { insert: commit, onInserted: (commit) => commit }
  }
  return appendOptimistically(deps, readAndDecide)
}

/**
 * Notes the longest lifetime that this gateway may give a token on the stream `all`, before it
 * signs one: a cutoff must be remembered for as long as any token that it ends (decision 0073:
 * everyone’s cutoff is forgotten before the tokens it ends).
 */
export const raiseLongestLifetime = async (
  deps: CutoffDeps & Readonly<{ publisher: Publisher }>,
): Promise<void> => {
  const { policy, publisher } = deps
  const { store, storeClock, entropy } = deps.context
  const claim = newClaim(entropy)
  const longestMs = longestLifetimeMs(policy)
  const appended = await appendOptimistically(
    deps,
    async (): Promise<Decision<NewCommit | null>> => {
      const [newest = null] = await store.heads([everyoneStream])
      if ((newest?.longestMs ?? 0) >= longestMs) return { result: null }
      const events = [event('LifetimeRaised', { longestMs })]
      const raise = { events, now: storeClock.now(), claim, longestMs }
      return { insert: eventCommit(everyoneStream, newest, raise), onInserted: (commit) => commit }
    },
  )
  if (appended) publisher.enqueue(appended)
}
