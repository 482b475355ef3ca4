import type { Commit } from '../../../shared/events/commit.ts'
import type { StreamId } from '../../../shared/kernel/ids.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'

const page = 256

/** The oldest commit of a stream from a version on of which `is` holds. */
export const findCommit = async (
  store: Pick<EventStore, 'read'>,
  [stream, version]: readonly [StreamId, number],
  is: (commit: Commit) => boolean,
): Promise<Commit | null> => {
  for (let from = version; ; from += page) {
    const commits = await store.read(stream, from, page)
    const found = commits.find(is)
    if (found || commits.length < page) return found ?? null
  }
}
