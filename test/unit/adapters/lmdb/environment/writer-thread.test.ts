import { writeFile } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { lmdbEventStore } from '../../../../../shared/adapters/lmdb/commits/event-store.ts'
import { openLmdb } from '../../../../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { spawnWriter } from '../../../../../shared/adapters/lmdb/environment/spawn-writer.ts'
import { systemClock as clock } from '../../../../../shared/kernel/clock.ts'
import { isAuthError } from '../../../../../shared/kernel/errors.ts'
import { silentLogger as logger } from '../../../../../shared/kernel/logger.ts'
import { aRevocationCommit } from '../../../../support/fakes/builders.ts'
import { assert, claims } from '../../../../support/suite.ts'
import { inTempFolder } from '../../../../support/temp-folder.ts'
import { byThread } from '../../../../support/worlds/lmdb-writers.ts'

type LmdbEnvironment = Awaited<ReturnType<typeof openLmdb>>

const onFiles = (
  work: (env: LmdbEnvironment, path: string) => Promise<void>,
  { writerThread = true } = {},
): Promise<void> =>
  inTempFolder('thread', async (path) => {
    const env = await openLmdb({ path, clock, logger, ...(writerThread ? byThread : {}) })
    try {
      await work(env, path)
    } finally {
      await env.close()
    }
  })

const outcomesOf = (settled: readonly PromiseSettledResult<unknown>[]): string[] =>
  settled.map((one) =>
    one.status === 'fulfilled'
      ? JSON.stringify(one.value)
      : isAuthError(one.reason)
        ? one.reason.code
        : String(one.reason),
  )

claims('the thread that writes', {
  'answers each of many callers, and what it answered is read at once': () =>
    onFiles(async (env) => {
      const store = lmdbEventStore(env)
      const commits = Array.from({ length: 700 }, () => aRevocationCommit())
      await Promise.all(
        commits.map(async (commit) => {
          assert.equal(await store.append(commit), { outcome: 'appended' })
          const [head] = await store.heads([commit.id.s])
          assert.is(head?.claim, commit.claim)
        }),
      )
      const again = await Promise.all(commits.map((commit) => store.append(commit)))
      for (const [index, answer] of again.entries()) {
        assert.is(answer.outcome, 'conflict')
        assert.is(answer.outcome === 'conflict' && answer.newest?.claim, commits[index]?.claim)
      }
    }),

  'writes all that was asked for before it is closed': () =>
    inTempFolder('thread', async (path) => {
      const env = await openLmdb({ path, clock, logger, ...byThread })
      const store = lmdbEventStore(env)
      const commits = Array.from({ length: 50 }, () => aRevocationCommit())
      const answers = Promise.all(commits.map((commit) => store.append(commit)))
      await env.close()
      for (const answer of await answers) assert.equal(answer, { outcome: 'appended' })
      const late = await Promise.allSettled([store.append(aRevocationCommit())])
      assert.equal(outcomesOf(late), ['STORE_UNAVAILABLE'])
      const next = await openLmdb({ path, clock, logger })
      const heads = await lmdbEventStore(next).heads(commits.map(({ id }) => id.s))
      assert.ok(heads.every((head, index) => head?.claim === commits[index]?.claim))
      await next.close()
    }),

  'says so when it has ended: nothing waits for ever, and nothing is acknowledged': () =>
    onFiles(
      async (_env, path) => {
        const writer = await spawnWriter({ path, logger })
        // No operation has this name; an error of the thread keeps its code.
        const unknown = await Promise.allSettled([writer.run('commits', 'none', [], () => null)])
        assert.equal(outcomesOf(unknown), ['INTERNAL'])
        assert.is(writer.state, 'good')
        // Some are refused before what was asked for earlier is durable. What follows is sent too.
        for (let turn = 0; turn < 400; turn += 1) {
          const asked = ['agree', 'none'].map(async (operation, turns) => {
            for (let left = turns; left > 0; left -= 1) await setImmediate()
            return writer.run('commits', operation, [`n${turn}`, 'v'], () => null)
          })
          assert.equal(outcomesOf(await Promise.allSettled(asked)), ['"v"', 'INTERNAL'])
        }
        const waiting = writer.run('commits', 'agree', ['name', 'value'], () => null)
        await writer.close()
        assert.is(await waiting, 'value')
        assert.is(writer.state, 'broken')
        const late = await Promise.allSettled([writer.run('commits', 'agree', [], () => null)])
        assert.equal(outcomesOf(late), ['STORE_UNAVAILABLE'])
      },
      { writerThread: false },
    ),

  'opens what another one may: a folder that is none is refused as without a thread': () =>
    inTempFolder('thread', async (dir) => {
      const path = `${dir}/absent/below`
      await writeFile(`${dir}/file`, '')
      const refused = await Promise.allSettled([spawnWriter({ path: `${dir}/file/below`, logger })])
      assert.equal(outcomesOf(refused), ['STORE_UNAVAILABLE'])
      const made = await openLmdb({ path, clock, logger, ...byThread })
      assert.is(made.healthy(), true)
      await made.close()
    }),
})
