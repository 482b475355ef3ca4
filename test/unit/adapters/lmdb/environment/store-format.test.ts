import type { Key } from 'lmdb'
import { lmdbEventStore } from '../../../../../shared/adapters/lmdb/commits/event-store.ts'
import { openLmdb } from '../../../../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { lmdbEventLog } from '../../../../../shared/adapters/lmdb/log/event-log.ts'
import { lmdbBlacklistView } from '../../../../../shared/adapters/lmdb/views/blacklist-view.ts'
import { lmdbSessionList } from '../../../../../shared/adapters/lmdb/views/session-list.ts'
import type { CommitId, NewCommit, Published } from '../../../../../shared/events/commit.ts'
import type { SessionEntry } from '../../../../../shared/events/session-entry.ts'
import { systemClock as clock } from '../../../../../shared/kernel/clock.ts'
import { isAuthError } from '../../../../../shared/kernel/errors.ts'
import type { EpochMs, StreamId } from '../../../../../shared/kernel/ids.ts'
import { silentLogger as logger } from '../../../../../shared/kernel/logger.ts'
import type { ViewEntry } from '../../../../../shared/ports/blacklist-view.ts'
import type { EventStore } from '../../../../../shared/ports/event-store.ts'
import { aCommit } from '../../../../support/fakes/builders.ts'
import { assert, claims } from '../../../../support/suite.ts'
import { inTempFolder } from '../../../../support/temp-folder.ts'
import {
  type OlderStore,
  storeOfFormat2,
  writeOlderStore,
} from '../../../../support/worlds/older-lmdb.ts'

const rowsOf = ({ databases }: OlderStore, name: string) => databases[name] ?? []
const older = storeOfFormat2()
const ever = Number.MAX_SAFE_INTEGER as EpochMs

/** Every commit as format 2 had it, with what was kept beside it. */
const commits = rowsOf(older, 'commits').map(([key, value], index) => {
  const [, state] = rowsOf(older, 'commits.states')[index] ?? []
  const { published } = state as Readonly<{ published: Published | null }>
  const [s, v] = key as [StreamId, number]
  return { id: { s, v }, commit: { ...(value as NewCommit), published } }
})

const idsOf = (found: readonly Readonly<{ id: CommitId }>[]): readonly string[] =>
  found.map(({ id: { s, v } }) => `${s}:${v}`).sort()

const unpublished = commits.filter(({ commit }) => commit.published === null)
const ofKind = (kind: NewCommit['kind']) => unpublished.filter((one) => one.commit.kind === kind)

const holdsAll = async (store: EventStore): Promise<void> => {
  for (const { id, commit } of commits) assert.equal(await store.read(id.s, id.v, 1), [commit])
  for (const [key, v] of rowsOf(older, 'commits.newest')) {
    const [head] = await store.heads([key as StreamId])
    assert.equal(head?.id, { s: key, v })
  }
  assert.equal(idsOf(await store.unpublishedOthers(ever, 100)), idsOf(ofKind('o')))
  assert.equal(idsOf((await store.relayScan(100)).revocations), idsOf(ofKind('r')))
}

const opened = async <T>(path: string, work: (store: EventStore) => Promise<T>): Promise<T> => {
  const env = await openLmdb({ path, clock, logger })
  try {
    return await work(lmdbEventStore(env))
  } finally {
    await env.close()
  }
}

/** As a crash leaves it after the heads of some streams were moved. */
const halfMoved = (): OlderStore => {
  const moved = rowsOf(older, 'commits.newest').slice(0, 3)
  const isMoved = (key: Key, v: unknown): boolean =>
    moved.some(([stream, newest]) => String([stream, newest]) === String([key, v].flat()))
  const heads = moved.map(([stream, v]): readonly [Key, unknown] => {
    const found = rowsOf(older, 'commits.states').find(
      ([key]) => String(key) === String([stream, v]),
    )
    return [stream, { v, state: found?.[1] }]
  })
  return {
    format: { product: 'curfew', format: 3, former: 2 },
    databases: {
      ...older.databases,
      commits: [...rowsOf(older, 'commits'), ...heads],
      'commits.newest': rowsOf(older, 'commits.newest').slice(3),
      'commits.states': rowsOf(older, 'commits.states').filter(
        ([key]) => !isMoved((key as Key[])[0] as Key, (key as Key[])[1]),
      ),
    },
  }
}

const refusal = async (path: string): Promise<Readonly<{ code: string; message: string }>> => {
  try {
    await opened(path, async () => {})
  } catch (error) {
    if (isAuthError(error)) return error
    throw error
  }
  throw new Error('it opened')
}

claims('a store of format 2', {
  'holds all its commits, marks and lists when it is opened, and takes more': () =>
    inTempFolder('format2', async (path) => {
      await writeOlderStore(path, older)
      await opened(path, holdsAll)
      await opened(path, async (store) => {
        await holdsAll(store)
        const [stream, v] = rowsOf(older, 'commits.newest')[0] as [StreamId, number]
        const next = aCommit({ s: stream, v: v + 1 })
        assert.equal(await store.append(next), { outcome: 'appended' })
        assert.is((await store.append(next)).outcome, 'conflict')
      })
    }),

  'is pruned as it would have been': () =>
    inTempFolder('format2', async (path) => {
      await writeOlderStore(path, older)
      await opened(path, async (store) => {
        const expired = rowsOf(older, 'commits.expiring').map(([key]) => (key as Key[]).slice(1))
        assert.is(await store.prune(ever, 0 as EpochMs, 100), expired.length)
        const isLeft = ({ id: { s, v } }: (typeof commits)[number]): boolean =>
          !expired.some((key) => String(key) === String([s, v]))
        for (const [stream] of rowsOf(older, 'commits.newest')) {
          const s = stream as StreamId
          const left = commits.filter((one) => one.id.s === s && isLeft(one))
          assert.equal(
            await store.read(s, 0, 100),
            left.map(({ commit }) => commit),
          )
          assert.equal(await store.heads([s]), [left.at(-1)?.commit ?? null])
        }
      })
    }),

  'keeps log, session list and view': () =>
    inTempFolder('format2', async (path) => {
      await writeOlderStore(path, older)
      const env = await openLmdb({ path, clock, logger })
      const log = lmdbEventLog(env, { revocationRetentionMs: 86_400_000 })
      for (const [offset, record] of rowsOf(older, 'log.events')) {
        const { value } = record as Readonly<{ value: string }>
        const partition = { topic: 'auth.events', partition: 0 } as const
        assert.is((await log.recordAt(partition, offset as number))?.value, value)
      }
      const [[, session] = [], [, entry] = []] = [
        rowsOf(older, 'sessions')[0],
        rowsOf(older, 'view')[0],
      ]
      const { sub } = session as SessionEntry
      assert.equal(await lmdbSessionList(env).page(sub, null, 10), [session])
      assert.equal(await lmdbBlacklistView(env).find([(entry as ViewEntry).key]), [entry])
      await log.close()
      await env.close()
    }),

  'goes on where a crash stopped its upgrade': () =>
    inTempFolder('format2', async (path) => {
      await writeOlderStore(path, halfMoved())
      await opened(path, holdsAll)
    }),

  'and every other format but its own is refused by name': () =>
    inTempFolder('format2', async (path) => {
      for (const format of [1, 4]) {
        await writeOlderStore(path, { ...older, format: { product: 'curfew', format } })
        const { code, message } = await refusal(path)
        assert.is(code, 'DATA_INVALID')
        assert.match(message, `has format ${format}; this version knows 3`)
      }
    }),
})
