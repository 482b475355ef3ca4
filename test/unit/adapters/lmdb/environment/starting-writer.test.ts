import { lmdbEventStore } from '../../../../../shared/adapters/lmdb/commits/event-store.ts'
import {
  type OpenWriter,
  openLmdb,
} from '../../../../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { spawnWriter } from '../../../../../shared/adapters/lmdb/environment/spawn-writer.ts'
import { StartingWriter } from '../../../../../shared/adapters/lmdb/environment/starting-writer.ts'
import type { Writer } from '../../../../../shared/adapters/lmdb/environment/writer.ts'
import { systemClock as clock } from '../../../../../shared/kernel/clock.ts'
import { isAuthError } from '../../../../../shared/kernel/errors.ts'
import { silentLogger as logger } from '../../../../../shared/kernel/logger.ts'
import { aRevocationCommit } from '../../../../support/fakes/builders.ts'
import { assert, claims } from '../../../../support/suite.ts'
import { inTempFolder } from '../../../../support/temp-folder.ts'
import { until } from '../../../../support/until.ts'

type Told = { by: string[]; hasStarted: boolean }

/** A writer that says which of the two wrote. */
const telling = (name: string, writer: Writer, told: Told): Writer => ({
  get state() {
    return writer.state
  },
  run: (...call) => {
    told.by.push(name)
    return writer.run(...call)
  },
  close: () => writer.close(),
})

const startingWith =
  (told: Told, start: typeof spawnWriter): OpenWriter =>
  (inline, options) => {
    const starting = async (): Promise<Writer> => {
      const writer = await start(options)
      told.hasStarted = true
      return telling('thread', writer, told)
    }
    return new StartingWriter(telling('inline', inline, told), { ...options, start: starting })
  }

const newlyTold = (): Told => ({ by: [], hasStarted: false })

claims('the writer of a service that starts', {
  'writes at once, then by its thread, and all of it in the order in which it was asked': () =>
    inTempFolder('starting', async (path) => {
      const told = newlyTold()
      const openWriter = startingWith(told, spawnWriter)
      const env = await openLmdb({ path, clock, logger, openWriter })
      const store = lmdbEventStore(env)
      const commits: ReturnType<typeof aRevocationCommit>[] = []
      const answers: Promise<unknown>[] = []
      const settled: number[] = []
      await until('the thread has written', async () => {
        const index = commits.push(aRevocationCommit()) - 1
        const commit = commits[index]
        if (commit) answers.push(store.append(commit).then(() => settled.push(index)))
        return told.by.filter((by) => by === 'thread').length > 20
      })
      await Promise.all(answers)
      assert.equal(
        settled,
        commits.map((_, index) => index),
      )
      assert.is(told.by[0], 'inline')
      assert.is(told.by.lastIndexOf('inline') < told.by.indexOf('thread'), true)
      const heads = await store.heads(commits.map(({ id }) => id.s))
      assert.ok(heads.every((head, index) => head?.claim === commits[index]?.claim))
      await env.close()
    }),

  'is closed before its thread starts, and while it does, with all written that was asked for':
    () =>
      inTempFolder('starting', async (path) => {
        for (const isStarting of [false, true]) {
          const told = newlyTold()
          let hasBegun = false
          const openWriter = startingWith(told, (options) => {
            hasBegun = true
            return spawnWriter(options)
          })
          const env = await openLmdb({ path, clock, logger, openWriter })
          const store = lmdbEventStore(env)
          if (isStarting) await until('its thread starts', async () => hasBegun)
          const commit = aRevocationCommit()
          const appended = store.append(commit)
          await env.close()
          assert.equal(await appended, { outcome: 'appended' })
          assert.is(told.hasStarted, isStarting)
          const next = await openLmdb({ path, clock, logger })
          const [head] = await lmdbEventStore(next).heads([commit.id.s])
          assert.is(head?.claim, commit.claim)
          await next.close()
        }
      }),

  'writes nothing any more when its thread does not start, and says so': () =>
    inTempFolder('starting', async (path) => {
      const told = newlyTold()
      const refused = (): Promise<Writer> => Promise.reject(new Error('no thread'))
      const openWriter = startingWith(told, refused)
      const env = await openLmdb({ path, clock, logger, openWriter })
      const store = lmdbEventStore(env)
      assert.is(env.healthy(), true)
      await until('it has not started', async () => !env.healthy())
      const answer = await store.append(aRevocationCommit()).catch((error: unknown) => error)
      assert.ok(isAuthError(answer, 'STORE_UNAVAILABLE'), String(answer))
      await env.close()
    }),
})
