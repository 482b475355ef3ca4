import type { Commit, CommitId, NewCommit } from '../../events/commit.ts'
import { isInScope, liveSessionOf } from '../../events/live-session.ts'
import {
  revocationInForceOf,
  type StatusListEntry,
  statusListEntryOf,
} from '../../events/status-list-entry.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { EpochMs, LogId, StreamId } from '../../kernel/ids.ts'
import type { EventStore, RelayState } from '../../ports/event-store.ts'
import { deepFreeze } from './deep-freeze.ts'

const byId = (a: CommitId, b: CommitId): number => (a.s === b.s ? a.v - b.v : a.s < b.s ? -1 : 1)
const oldestFirst = (a: Commit, b: Commit): number => a.at - b.at || byId(a.id, b.id)
const neverTicked: RelayState = {
  t: 0 as EpochMs,
  logId: null,
  acknowledged: null,
  closed: 0 as EpochMs,
}
const expired = ({ expiresAt }: NewCommit, at: EpochMs): boolean =>
  expiresAt !== null && expiresAt <= at

/** `head` is the newest version of the commit's stream. */
const prunable = (commit: Commit, head: number, at: EpochMs, before: EpochMs): boolean => {
  const { s, v } = commit.id
  // Only of sessions: in other streams an old commit may hold the cutoff that is still in force.
  const superseded = s.startsWith('s/') && v <= head - 2
  const listed = (statusListEntryOf(commit)?.until ?? 0) > at
  const older = superseded && commit.at < before && !listed
  return commit.published !== null && (expired(commit, at) || older)
}

/** The answer of each question about lists, out of all commits in the order of their ids. */
const listMethods = (
  sorted: () => readonly Commit[],
): Pick<EventStore, 'listAfter' | 'listed' | 'standingEnds'> => ({
  listAfter: async (name) => {
    const names = sorted().flatMap((commit) => statusListEntryOf(commit)?.listing.list ?? [])
    return names.filter((one) => one > name).sort()[0] ?? null
  },
  listed: async (list, after, limit) =>
    sorted()
      .flatMap((commit): readonly StatusListEntry[] => {
        const found = statusListEntryOf(commit)
        return found?.listing.list === list ? [found.token] : []
      })
      .filter(({ id }) => after === null || byId(id, after) > 0)
      .slice(0, limit),
  standingEnds: async function* (at) {
    const found = sorted().flatMap((commit) => revocationInForceOf(commit) ?? [])
    yield found.filter(({ until }) => until > at).map(({ end }) => end)
  },
})

const liveSessionsOf = (newest: () => readonly Commit[]): EventStore['liveSessions'] =>
  async function* (whose, at) {
    const sessions = newest().flatMap(({ session }) => session ?? [])
    const wanted = sessions.filter((session) => isInScope(session, whose))
    yield wanted.flatMap((session) => liveSessionOf(session, at))
  }

type Place = Readonly<{ logId: LogId; offset: number }>

type Told = Readonly<{ commit: Commit; place: Place }>

const publishedInForce = (commits: readonly Commit[], at: EpochMs): readonly Told[] =>
  commits.flatMap((commit) => {
    const { logId, offset } = commit.published ?? {}
    const until = revocationInForceOf(commit)?.until ?? 0
    if (logId === undefined || offset === undefined || offset === null || until <= at) return []
    return [{ commit, place: { logId, offset } }]
  })

/** What the log must hear again, and how low the rest lies. */
const standing = (
  told: readonly Told[],
  inForce: LogId | null,
  logStart: number,
): Readonly<{ lost: readonly Commit[]; low: number | null }> => {
  if (inForce === null) return { lost: [], low: null }
  const isHeld = ({ place: { logId, offset } }: Told): boolean =>
    logId === inForce && offset >= logStart
  const offsets = told.filter(isHeld).map(({ place }) => place.offset)
  return {
    lost: told.filter((one) => !isHeld(one)).map(({ commit }) => commit),
    low: offsets.length === 0 ? null : Math.min(...offsets),
  }
}

const lowestBelow = (told: readonly Told[], logId: LogId, offset: number): readonly Commit[] =>
  told
    .filter(({ place }) => place.logId === logId && place.offset < offset)
    .sort((a, b) => a.place.offset - b.place.offset)
    .map(({ commit }) => commit)

const until = (commits: readonly Commit[], before: EpochMs): readonly Commit[] =>
  commits.filter(({ at }) => at < before)

type TickMethods = Pick<EventStore, 'noteAcknowledged' | 'noteClosed' | 'renewLogId'>

const tickKeeper = (clock: Clock): TickMethods & { advance(): RelayState } => {
  let tick = neverTicked
  return {
    advance: () => {
      tick = { ...tick, t: Math.max(clock.now(), tick.t) as EpochMs }
      return tick
    },
    noteAcknowledged: async (logId, at) => {
      const raises = tick.acknowledged === null || at.offset > tick.acknowledged.offset
      if (logId === tick.logId && raises) tick = deepFreeze({ ...tick, acknowledged: at })
    },
    noteClosed: async (logId, t) => {
      if (logId === tick.logId && t > tick.closed) tick = { ...tick, closed: t }
    },
    renewLogId: async (expected, next) => {
      if (tick.logId !== null && tick.logId !== expected) return tick.logId
      tick = { ...neverTicked, t: tick.t, logId: next }
      return next
    },
  }
}

/**
 * The executable model that the other event stores are compared with: every question is answered by
 * looking at all commits. Nothing survives the process, so "survives a crash" is not promised here.
 */
export const openMemoryEventStore = ({ clock }: Readonly<{ clock: Clock }>): EventStore => {
  const streams = new Map<StreamId, Commit[]>()
  const agreements = new Map<string, string>()
  const { advance, ...tickMethods } = tickKeeper(clock)

  const newest = (stream: StreamId): Commit | null => streams.get(stream)?.at(-1) ?? null
  const all = (): Commit[] => [...streams.values()].flat()
  const unpublished = (kind: Commit['kind']): Commit[] =>
    all()
      .filter((commit) => commit.published === null && commit.kind === kind)
      .sort(oldestFirst)
  const remove = ({ s, v }: CommitId): void => {
    const left = (streams.get(s) ?? []).filter((commit) => commit.id.v !== v)
    if (left.length > 0) streams.set(s, left)
    else streams.delete(s)
  }

  return {
    ...tickMethods,
    ...listMethods(() => all().sort((a, b) => byId(a.id, b.id))),
    heads: async (names) => names.map(newest),
    liveSessions: liveSessionsOf(() => [...streams.values()].flatMap((one) => one.at(-1) ?? [])),
    read: async (stream, from, limit) =>
      (streams.get(stream) ?? []).filter(({ id }) => id.v >= from).slice(0, limit),
    append: async (commit) => {
      const { s, v } = commit.id
      const head = newest(s)
      if (v !== (head?.id.v ?? -1) + 1) return { outcome: 'conflict', newest: head }
      streams.set(s, [...(streams.get(s) ?? []), deepFreeze({ ...commit, published: null })])
      return { outcome: 'appended' }
    },
    relayScan: async (limit, logStart = 0) => {
      const tick = advance()
      const { lost, low } = standing(publishedInForce(all(), tick.t), tick.logId, logStart)
      const due = [...unpublished('r'), ...lost]
      return { tick, revocations: due.slice(0, limit), more: due.length > limit, low }
    },
    publishedBelow: async (...[logId, offset, at, limit]) =>
      lowestBelow(publishedInForce(all(), at), logId, offset).slice(0, limit),
    unpublishedOthers: async (before, limit) => until(unpublished('o'), before).slice(0, limit),
    revocationsAfter: async (after, at, limit) =>
      all()
        .filter((commit) => commit.kind === 'r' && !expired(commit, at))
        .sort((a, b) => byId(a.id, b.id))
        .filter(({ id }) => after === null || byId(id, after) > 0)
        .slice(0, limit),
    markPublished: async (logId, marks) => {
      for (const { id, offset } of marks) {
        const marked = (commit: Commit): Commit =>
          commit.id.v === id.v ? deepFreeze({ ...commit, published: { logId, offset } }) : commit
        const stream = streams.get(id.s)
        if (stream) streams.set(id.s, stream.map(marked))
      }
    },
    agree: async (name, value, instead) => {
      const agreed = agreements.get(name)
      if (agreed !== undefined && agreed !== instead) return agreed
      agreements.set(name, value)
      return value
    },
    prune: async (at, before, limit) => {
      const doomed = all()
        .filter((commit) => prunable(commit, newest(commit.id.s)?.id.v ?? 0, at, before))
        .slice(0, limit)
      for (const { id } of doomed) remove(id)
      return doomed.length
    },
    close: async () => {},
  }
}
