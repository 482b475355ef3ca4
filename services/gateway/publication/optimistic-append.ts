import type { Commit, NewCommit } from '../../../shared/events/commit.ts'
import { fraction } from '../../../shared/kernel/entropy.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { CommandContext } from './command-context.ts'

type Contest = Readonly<{ context: CommandContext }>

/** What one look at the store decided: insert this, or be done with a result. */
export type Decision<Result> =
  | Readonly<{ insert: NewCommit; onInserted: (commit: NewCommit) => Result }>
  | Readonly<{ result: Result }>

/**
 * Looks, decides, inserts, and looks again when another writer took the version, until the
 * deadline. A conflict that a majority read does not show yet decides nothing: it is waited for.
 * @throws AuthError STORE_CONTENDED at the deadline; STORE_UNAVAILABLE when the fate of a write is
 * unknown.
 */
export const appendOptimistically = async <Result>(
  { context: { store, clock, entropy, deadlineMs, onAppended } }: Contest,
  look: () => Promise<Decision<Result>>,
): Promise<Result> => {
  const startedMs = clock.monotonicMs()
  for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, 64)) {
    const move = await look()
    if ('result' in move) return move.result
    const { insert, onInserted } = move
    const answer = await store.append(insert)
    if (answer.outcome === 'appended' || answer.newest?.claim === insert.claim) {
      onAppended(insert)
      return onInserted(insert)
    }
    if (clock.monotonicMs() - startedMs > deadlineMs) {
      throw new AuthError('STORE_CONTENDED', `${insert.id.s} is contended`, { retryAfterMs: 1_000 })
    }
    // Jitter, so that racing writers do not meet again; longer while the winner is not visible.
    const isVisible = (answer.newest?.id.v ?? -1) >= insert.id.v
    await clock.sleep(isVisible ? waitMs * fraction(entropy) : waitMs)
  }
}

/**
 * A newest commit with one's own claim is a win whose answer was lost (decision 0073: an own commit
 * is taken for another’s).
 */
export const isOwnCommit = (newest: Commit | null, claim: NewCommit['claim']): newest is Commit =>
  newest?.claim === claim
