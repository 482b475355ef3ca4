import type { EpochMs } from '../kernel/ids.ts'
import { everyoneStream } from '../kernel/ids.ts'
import type { EventStore } from '../ports/event-store.ts'
import type { SessionPolicy } from '../session/session-policy.ts'

const agreedName = 'longest-session'

/** The greatest age that a session was ever allowed; noted from an instant on. */
export type LongestSession = Readonly<{ ms: number; since: EpochMs }>

type Policy = Pick<SessionPolicy, 'sessionMaxLifetimeMs'>
const parsed = (text: string): LongestSession => JSON.parse(text) as LongestSession

/**
 * Notes in the store the greatest age that this gateway lets a session have, before any begins:
 * who asks what lived long ago must know how far back to look, when the setting is another one by
 * then. It is known of all time in a store that no gateway has prepared yet, so this comes before
 * anything is appended to the stream `all`.
 */
export const noteLongestSession = async (
  store: Pick<EventStore, 'agree' | 'heads'>,
  { sessionMaxLifetimeMs: ms }: Policy,
  now: EpochMs,
): Promise<void> => {
  const [prepared] = await store.heads([everyoneStream])
  const own: LongestSession = { ms, since: prepared ? now : (0 as EpochMs) }
  let known = await store.agree(agreedName, JSON.stringify(own))
  while (parsed(known).ms < ms) {
    known = await store.agree(agreedName, JSON.stringify({ ...parsed(known), ms }), known)
  }
}

/** What gateways noted; a store of older ones has nothing, and takes these settings from now on. */
export const longestSession = async (
  store: Pick<EventStore, 'agree'>,
  { sessionMaxLifetimeMs: ms }: Policy,
  now: EpochMs,
): Promise<LongestSession> => {
  const known = parsed(await store.agree(agreedName, JSON.stringify({ ms, since: now })))
  return { ...known, ms: Math.max(known.ms, ms) }
}
