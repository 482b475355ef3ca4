import type { Commit, NewCommit } from '../../../shared/events/commit.ts'
import { fraction } from '../../../shared/kernel/entropy.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { Appended, Conflict } from '../../../shared/ports/event-store.ts'
import type { CommandContext } from './command-context.ts'

type AppendDeps = Readonly<{ context: CommandContext }>

/** What a command decided after it read the store: insert a commit, or answer without one. */
export type Decision<Result> =
  | Readonly<{ insert: NewCommit; onInserted: (commit: NewCommit) => Result }>
  | Readonly<{ result: Result }>

/** The commit as the store has it; `null` where another writer took the version. */
const storedOf = (answer: Appended | Conflict, insert: NewCommit): NewCommit | null => {
  if (answer.outcome === 'appended') return insert
  return isOwnCommit(answer.newest, insert.claim) ? answer.newest : null
}

/** Whether it is this very append whose answer was lost, and not that of another with its claim. */
const isSameAppend = (stored: NewCommit, { at, request, personal }: NewCommit): boolean =>
  stored.at === at && stored.request === request && stored.personal === personal

/**
 * Appends with optimistic concurrency: `decide` reads the store and says what to insert. If another
 * writer took the version, it is called again, until the deadline. When the winning commit is not
 * visible to a majority read yet, the loop waits longer before it reads again. `onInserted` gets
 * the commit as the store has it, with the request that asked for it and with what it says of
 * persons sealed: that one is to be published. Where several complete one change under a claim that
 * they share, it is the one of whoever was first. The log line is told what was decided, in clear.
 * @throws AuthError STORE_CONTENDED at the deadline; STORE_UNAVAILABLE when the fate of a write is
 * unknown.
 */
export const appendOptimistically = async <Result>(
  { context }: AppendDeps,
  decide: () => Promise<Decision<Result>>,
): Promise<Result> => {
  const { store, clock, entropy, deadlineMs, announcer, sealer, onAppended, request } = context
  const startedMs = clock.monotonicMs()
  for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, 64)) {
    const decision = await decide()
    if ('result' in decision) return decision.result
    const { insert: decided, onInserted } = decision
    const clear = request === undefined ? decided : { ...decided, request }
    const sealing = sealer?.seal(clear) ?? clear
    const insert = sealing instanceof Promise ? await sealing : sealing
    const telling = announcer?.prepare(insert) ?? null
    const answer = await store.append(insert, telling).finally(() => announcer?.appended(insert))
    if (telling && answer.outcome === 'appended' && answer.told) {
      announcer?.told(insert, telling, answer.told)
    }
    const stored = storedOf(answer, insert)
    if (stored) {
      // Otherwise a commit that shares the claim came first, and its `onAppended` was called
      // already.
      if (isSameAppend(stored, insert)) onAppended(clear)
      return onInserted(stored)
    }
    if (clock.monotonicMs() - startedMs > deadlineMs) {
      throw new AuthError('STORE_CONTENDED', `${insert.id.s} is contended`, { retryAfterMs: 1_000 })
    }
    // Random, so that racing writers do not meet again; in full while the winner is not visible.
    const newest = answer.outcome === 'conflict' ? answer.newest : null
    const isVisible = (newest?.id.v ?? -1) >= insert.id.v
    await clock.sleep(isVisible ? waitMs * fraction(entropy) : waitMs)
  }
}

/**
 * Whether the newest commit is the writer's own, by its claim: then the append succeeded and its
 * answer was lost (decision 0073: an own commit is taken for another’s).
 */
export const isOwnCommit = (newest: Commit | null, claim: NewCommit['claim']): newest is Commit =>
  newest?.claim === claim
