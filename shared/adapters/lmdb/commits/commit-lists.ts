import type { Database, Key } from 'lmdb'
import type { CommitId, NewCommit } from '../../../events/commit.ts'
import {
  type RevocationInForce,
  revocationInForceOf,
  type StatusListEntry,
  statusListEntryOf,
} from '../../../events/status-list-entry.ts'
import type { EpochMs } from '../../../kernel/ids.ts'
import type { EventStore } from '../../../ports/event-store.ts'
import type { LmdbEnvironment } from '../environment/lmdb-environment.ts'

const pageSize = 1_000

type Methods = Pick<EventStore, 'listAfter' | 'listed' | 'standingEnds'>

/** What a commit adds to the lists. */
export type ListedCommit = Readonly<{
  listed: ReturnType<typeof statusListEntryOf>
  standing: ReturnType<typeof revocationInForceOf>
}>

/** What status lists are made of, kept beside the commits; for whoever holds the write lock. */
export type CommitLists = Readonly<{
  insert(id: CommitId, listed: ListedCommit): void
  remove(commit: NewCommit): void
  /** The commits whose revocations must still be remembered at `at`. */
  standingIds(at: EpochMs): Iterable<CommitId>
  methods: Methods
}>

export const openCommitLists = (env: LmdbEnvironment): CommitLists => {
  /** `[list, stream, version]`. */
  const listed: Database<StatusListEntry, Key> = env.database('commits.listed')
  /** `[until, stream, version]` of revocations. */
  const standing: Database<RevocationInForce, Key> = env.database('commits.standing')
  const methods: Methods = {
    listAfter: (name) =>
      env.read(() => {
        // Behind every commit of `name`: a stream begins with a letter.
        const [key] = listed.getKeys({ start: [name, '\u{10ffff}'], limit: 1 })
        return key === undefined ? null : (key as [string])[0]
      }),
    listed: (list, after, limit) =>
      env.read(() => {
        const start = after ? [list, after.s, after.v] : [list]
        const end = [list, '\u{10ffff}']
        if (limit <= 0) return []
        const range = { start, end, exclusiveStart: after !== null, limit }
        return [...listed.getRange(range)].map(({ value }) => value)
      }),
    standingEnds: async function* (at) {
      const pageFrom = (start: Key) =>
        env.read(() => [...standing.getRange({ start, limit: pageSize })])
      let page = await pageFrom([at + 1])
      yield page.map(({ value }) => value)
      for (let last = page.at(-1); last && page.length === pageSize; last = page.at(-1)) {
        page = await pageFrom(last.key) // Which comes again as the first.
        yield page.map(({ value }) => value)
      }
    },
  }
  return {
    insert: ({ s, v }, { listed: found, standing: end }) => {
      if (found) listed.putSync([found.listing.list, s, v], found.token)
      if (end) standing.putSync([end.until, s, v], end.end)
    },
    remove: (commit) => {
      const { s, v } = commit.id
      const found = statusListEntryOf(commit)
      if (found) listed.removeSync([found.listing.list, s, v])
      const end = revocationInForceOf(commit)
      if (end) standing.removeSync([end.until, s, v])
    },
    standingIds: function* (at) {
      for (const { value } of standing.getRange({ start: [at + 1] })) yield value.id
    },
    methods,
  }
}
