import {
  type Commit,
  isSliding,
  type NewCommit,
  type PairSession,
} from '../../../shared/events/commit.ts'
import { newClaim } from '../../../shared/kernel/entropy.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import type { UserChange, UserDirectory } from '../../../shared/ports/user-directory.ts'
import { bornAtInsert } from '../../support/fakes/faulty-stores.ts'
import { seededEntropy } from '../../support/fakes/seeded-entropy.ts'
import type { Part } from './fleet.ts'
import { premises } from './premises.ts'

/** Every head and page as `change` makes it. */
const reading = (store: EventStore, change: (commit: Commit) => Commit): EventStore => ({
  ...store,
  heads: async (streams) => (await store.heads(streams)).map((one) => one && change(one)),
  read: async (...given) => (await store.read(...given)).map(change),
  append: async (commit) => {
    const answer = await store.append(commit)
    const isLost = answer.outcome === 'conflict' && answer.newest !== null
    return isLost ? { ...answer, newest: change(answer.newest as Commit) } : answer
  },
})

const entropy = seededEntropy('broken')
const nobodys = newClaim(entropy)

/** A store that does not say whose a commit is. */
export const withoutClaims: Part<'store'> = (store) =>
  reading(store, (commit) => ({ ...commit, claim: nobodys }))

/** Of the refresh tokens that were replaced lately only the last is within its grace. */
export const graceOfTheLast: Part<'store'> = (store) =>
  reading(store, (commit) => {
    const { session } = commit
    if (!session || isSliding(session)) return commit
    const isUsed = commit.id.v > session.current.version
    const recent: PairSession['recent'] = session.recent.map((one, index, all) =>
      index === all.length - 1 && !isUsed ? one : { ...one, at: 0 as EpochMs },
    )
    return { ...commit, session: { ...session, recent } }
  })

/** What was within the grace when it came is judged by the time that it waited beside. */
export const judgedLate: Part<'store'> = (store, { scheduler }) => ({
  ...store,
  heads: async (streams) => {
    const askedMs = scheduler.nowMs
    const heads = await store.heads(streams)
    const waitedMs = scheduler.nowMs - askedMs
    return heads.map((head) => head && withEarlier(head, waitedMs))
  },
})

const withEarlier = (commit: Commit, ms: number): Commit => {
  const { session } = commit
  if (!session || isSliding(session)) return commit
  const recent = session.recent.map((one) => ({ ...one, at: (one.at - ms) as EpochMs }))
  return { ...commit, session: { ...session, recent } }
}

/** Looks whether the version is free, and writes in a second step. */
export const tornInserts: Part<'store'> = (store, { scheduler, actor }) => ({
  ...store,
  append: async (commit) => {
    const [newest = null] = await store.heads([commit.id.s])
    if (newest && newest.id.v >= commit.id.v) return { outcome: 'conflict', newest }
    await scheduler.call<void>(actor, {
      label: 'write what was looked at',
      matters: true,
      ways: [{ name: '', run: () => {} }],
    })
    return store.append(commit)
  },
})

/** The last writer of a version wins. */
export const overwriting: Part<'database'> = (store) => {
  const session: Commit[] = []
  const isHere = ({ s }: { s: string }): boolean => s === premises.first.id.s
  return {
    ...store,
    heads: async (streams) => {
      const heads = await store.heads(streams)
      return heads.map((head, index) =>
        isHere({ s: streams[index] ?? '' }) ? (session.at(-1) ?? null) : head,
      )
    },
    read: async (stream, from, limit) =>
      isHere({ s: stream })
        ? session.filter(({ id }) => id.v >= from)
        : store.read(stream, from, limit),
    append: async (commit) => {
      if (!isHere(commit.id)) return store.append(commit)
      session[commit.id.v] = { ...commit, published: null }
      return { outcome: 'appended' }
    },
  }
}

/** The log hears of a revocation before the store does. */
export const publishedFirst: Part<'store'> = (store, { publisher }) => ({
  ...store,
  append: async (commit) => {
    if (commit.kind === 'r')
      await publisher()
        .publish(commit)
        .catch(() => {})
    return store.append(commit)
  },
})

/** Whoever asked is answered while the insert is under way. */
export const answeredFirst: Part<'store'> = (store) => ({
  ...store,
  append: async (commit) => {
    store.append(commit).catch(() => {})
    return { outcome: 'appended' }
  },
})

/** Marked as published where it would come to lie, then published. */
export const markedFirst: Part<'log'> = (log, { ports, actor, database }) =>
  actor.kind !== 'publisher'
    ? log
    : {
        ...log,
        publish: async (records) => {
          const { logId } = (await database.relayScan(1)).tick
          const ids = records.flatMap(({ topic, headers }) =>
            topic === 'auth.revocations' ? [headers['ce_id'] ?? ''] : [],
          )
          const marks = ids.map((id) => {
            const [s = '', v = ''] = [id.slice(0, id.indexOf(':')), id.split(':')[1]]
            return { id: { s: s as Commit['id']['s'], v: Number(v) }, offset: 1 }
          })
          if (logId && marks.length > 0) await ports.store.markPublished(logId, marks)
          return log.publish(records)
        },
      }

/** Cutoffs, and what sessions carry of them, by a clock and not by versions. */
export const cutoffsByClock =
  (granularity: number, aheadMs: readonly [number, number]): Part<'store'> =>
  (store, { scheduler, actor }) => {
    const instant = (): number =>
      Math.floor((scheduler.now() + aheadMs[actor.gateway]) / granularity)
    const cut = (commit: NewCommit): NewCommit => ({
      ...commit,
      cutoff: instant(),
      events: commit.events.map((event) =>
        event.type === 'TokenRevoked'
          ? { ...event, data: { ...event.data, cutoff: instant() } }
          : event,
      ),
    })
    return {
      ...store,
      append: (commit) => {
        const { session, cutoff, id } = commit
        if (cutoff >= 0) return store.append(cut(commit))
        if (!session || id.v > 0) return store.append(commit)
        const epoch = { ...session.epoch, sub: instant() }
        return store.append({ ...commit, session: { ...session, epoch } })
      },
    }
  }

export const epochAtInsert: Part<'store'> = (store) => bornAtInsert(store)

/** The cutoff comes first, and the new hash when that is done. */
export const hashLast: Part<'directory'> = (directory) => {
  const waiting = new Map<string, UserChange>()
  return {
    ...directory,
    change: (sub, { passwordHash, ...change }, options) => {
      if (passwordHash !== undefined) waiting.set(sub, { passwordHash })
      return directory.change(sub, change, options)
    },
    settle: async (sub, claim) => {
      await directory.settle(sub, claim)
      await directory.change(sub, waiting.get(sub) ?? {})
    },
  }
}

/** Who meets work that is due does not see it. */
export const dueUnseen: Part<'directory'> = (directory): UserDirectory => ({
  ...directory,
  bySub: async (sub) => {
    const user = await directory.bySub(sub)
    return user && { ...user, due: null }
  },
})
