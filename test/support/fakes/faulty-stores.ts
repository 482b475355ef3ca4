import type { Commit } from '../../../shared/events/commit.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { StreamId } from '../../../shared/kernel/ids.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import { cutoffsOf } from '../../../shared/session/cutoffs-in-force.ts'

/** `port` with some of its methods replaced. */
export const replacing = <Port extends object>(port: Port, changed: Partial<Port>): Port =>
  new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(changed, name) ?? Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })

type Sessions = Map<StreamId, Commit[]>

/** Session streams kept beside the store, where `append` is whatever the test makes of it. */
const withOwnSessions = (
  store: EventStore,
  appendTo: (sessions: Sessions) => EventStore['append'],
): EventStore => {
  const sessions: Sessions = new Map()
  const isSession = (stream: StreamId): boolean => stream.startsWith('s/')
  const append = appendTo(sessions)
  return replacing<EventStore>(store, {
    heads: async (streams) => {
      const heads = await store.heads(streams)
      return streams.map((stream, index) =>
        isSession(stream) ? (sessions.get(stream)?.at(-1) ?? null) : (heads[index] ?? null),
      )
    },
    read: async (stream, from, limit) =>
      isSession(stream)
        ? (sessions.get(stream) ?? []).filter(({ id }) => id.v >= from).slice(0, limit)
        : store.read(stream, from, limit),
    append: (commit) => (isSession(commit.id.s) ? append(commit) : store.append(commit)),
  })
}

/**
 * Reads the newest commit, waits, then writes: what an `append` is that checks and inserts in two
 * steps (Simple-JWT's blacklist does). The last writer of a version wins.
 */
export const tornAppends = (store: EventStore, clock: Clock): EventStore =>
  withOwnSessions(store, (sessions) => async (commit) => {
    const { s, v } = commit.id
    const newest = sessions.get(s)?.at(-1) ?? null
    if (v !== (newest?.id.v ?? -1) + 1) return { outcome: 'conflict', newest }
    await clock.sleep(2)
    const others = (sessions.get(s) ?? []).filter(({ id }) => id.v !== v)
    sessions.set(s, [...others, { ...commit, published: null }])
    return { outcome: 'appended' }
  })

/** Appends without looking at the version: every writer wins, one after another. */
export const blindAppends = (store: EventStore): EventStore =>
  withOwnSessions(store, (sessions) => async (commit) => {
    const stream = sessions.get(commit.id.s) ?? []
    const id = { ...commit.id, v: (stream.at(-1)?.id.v ?? -1) + 1 }
    sessions.set(commit.id.s, [...stream, { ...commit, id, published: null }])
    return { outcome: 'appended' }
  })

/** Knows no cutoff of a subject: what a gateway is that does not read them. */
export const blindToCutoffs = (store: EventStore): EventStore =>
  replacing<EventStore>(store, {
    heads: async (streams) => {
      const heads = await store.heads(streams)
      return heads.map((head, index) => (streams[index]?.startsWith('u/') ? null : head))
    },
  })

/**
 * A new session gets the cutoffs of its insert instead of those read before its password was
 * verified (decision 0073: a login verifies, then reads the cutoffs).
 */
export const bornAtInsert = (store: EventStore): EventStore =>
  replacing<EventStore>(store, {
    append: async (commit) => {
      const { session } = commit
      if (!session || commit.id.v !== 0) return store.append(commit)
      const owners: StreamId[] = [`u/${session.sub}`, `c/${session.client}`, 'all']
      const [subject = null, client = null, everyone = null] = await store.heads(owners)
      const epoch = cutoffsOf(subject, client, everyone)
      return store.append({ ...commit, session: { ...session, epoch } })
    },
  })

/**
 * `port` whose `method` fails once: with its work undone (`before`), or done and only the answer
 * lost (`after`). Calls that `concerns` does not take pass.
 */
export const failingOnce = <Port extends object>(
  port: Port,
  method: keyof Port,
  when: 'before' | 'after',
  concerns: (first: unknown) => boolean = () => true,
): Port => {
  let isDue = true
  return new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      if (name !== method) return member.bind(target)
      return async (...args: unknown[]): Promise<unknown> => {
        const fails = isDue && concerns(args[0])
        if (fails) isDue = false
        if (fails && when === 'before') throw new AuthError('STORE_UNAVAILABLE', 'told to fail')
        const answer: unknown = await Reflect.apply(member, target, args)
        if (fails) throw new AuthError('STORE_UNAVAILABLE', 'told to lose the answer')
        return answer
      }
    },
  })
}
