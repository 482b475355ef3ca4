import { commitRecords } from '../../../../../services/gateway/publication/commit-records.ts'
import { openLmdb } from '../../../../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { jointEventStore } from '../../../../../shared/adapters/lmdb/joint/joint-event-store.ts'
import { lmdbEventLog } from '../../../../../shared/adapters/lmdb/log/event-log.ts'
import type { NewCommit } from '../../../../../shared/events/commit.ts'
import { silentLogger as logger } from '../../../../../shared/kernel/logger.ts'
import type { EventStore, Telling } from '../../../../../shared/ports/event-store.ts'
import {
  aCommit,
  aCutoffCommit,
  aListedCommit,
  aLogId,
  anEventsRing,
  aRevocationCommit,
  aRing,
  later,
  source,
} from '../../../../support/fakes/builders.ts'
import { Dice } from '../../../../support/fakes/dice.ts'
import { fakeClock } from '../../../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../../../support/suite.ts'
import { inTempFolder } from '../../../../support/temp-folder.ts'
import { byThread } from '../../../../support/worlds/lmdb-writers.ts'

const encoder = { source, ring: aRing(), events: anEventsRing() }
const logId = aLogId()
const tellingOf = (commit: NewCommit, id = logId): Telling => ({
  logId: id,
  ...commitRecords(commit, encoder),
})

/** Every database of the store and the log. */
const names = [
  ...['commits', 'commits.newest', 'commits.states', 'commits.unpublished'],
  ...['commits.revocations', 'commits.expiring', 'commits.superseded', 'commits.listed'],
  ...['commits.standing', 'commits.told', 'ticks', 'log', 'log.events', 'log.revocations'],
]

const openFiles = async (path: string, writer = {}) => {
  const env = await openLmdb({ path, clock: fakeClock(), logger, ...writer })
  const log = lmdbEventLog(env, { revocationRetentionMs: 1 })
  const store = jointEventStore(env, () => [log])
  await store.renewLogId(null, logId)
  const contents = () =>
    env.read(() => names.map((name) => [name, [...env.database(name).getRange()]] as const))
  const close = async (): Promise<void> => {
    await log.close()
    await env.close()
  }
  return { env, log, store, contents, close }
}
type Files = Awaited<ReturnType<typeof openFiles>>

const inFiles = (work: (files: Files) => Promise<void>, writer = {}): Promise<void> =>
  inTempFolder('joint', async (path) => {
    const files = await openFiles(path, writer)
    try {
      await work(files)
    } finally {
      await files.close()
    }
  })

/** Commits of every kind; some streams go on, some versions are taken. */
const drawn = (dice: Dice): NewCommit[] => {
  const commits: NewCommit[] = []
  for (let index = 0; index < 40; index += 1) {
    const at = later(index)
    const makes = [
      () => aCommit({ at }),
      () => aRevocationCommit({ at }),
      () => aCutoffCommit({ at }),
      () => aListedCommit({ list: '7', idx: index }, { at }),
    ]
    const earlier = commits.length > 0 && dice.chance(60) ? dice.pick(commits) : null
    const next = earlier && { s: earlier.id.s, v: earlier.id.v + dice.below(3) }
    const made = dice.pick(makes)()
    commits.push(next ? { ...made, id: next } : made)
  }
  return commits
}

/** Append, publication and mark, each by itself. */
const inThreeSteps = async ({ store, log }: Files, commit: NewCommit): Promise<string> => {
  const { outcome } = await store.append(commit)
  if (outcome !== 'appended') return outcome
  const { records, revocation } = tellingOf(commit)
  const offsets = await log.publish(records)
  const offset = revocation ? (offsets[revocation.index] ?? null) : null
  if (revocation && offset !== null) {
    await store.noteAcknowledged(logId, { offset, id: revocation.id })
  }
  await store.markPublished(logId, [{ id: commit.id, offset }])
  return outcome
}

const appendTold = (store: EventStore, commit: NewCommit, id = logId) =>
  store.append(commit, tellingOf(commit, id))

claims('a store that tells its log of what it appends', {
  'leaves the files as append, publication and mark leave them, whatever is drawn': async () => {
    for (const [seed, writer] of [{}, byThread, {}, byThread].entries()) {
      const commits = drawn(new Dice(`joint-${seed}`))
      await inFiles(
        (joint) =>
          inFiles(async (steps) => {
            for (const commit of commits) {
              const { outcome } = await appendTold(joint.store, commit)
              assert.is(outcome, await inThreeSteps(steps, commit))
            }
            assert.equal(await joint.contents(), await steps.contents())
          }),
        writer,
      )
    }
  },

  'answers the offsets, and its log has the records there': () =>
    inFiles(async ({ store, log }) => {
      const commits = Array.from({ length: 30 }, () => aRevocationCommit())
      const answers = await Promise.all(commits.map((commit) => appendTold(store, commit)))
      for (const [index, answer] of answers.entries()) {
        const commit = commits[index] as NewCommit
        const told = answer.outcome === 'appended' ? answer.told : undefined
        for (const [nth, { topic, key }] of tellingOf(commit).records.entries()) {
          const record = await log.recordAt({ topic }, told?.[nth] ?? -1)
          assert.is(record?.key, key)
        }
      }
      const { revocations, low } = await store.relayScan(100)
      assert.equal(revocations, [], 'nothing is left to the relay')
      assert.is(low, 0)
    }, byThread),

  'under another identity of the log appends alone, and the relay has it to tell': () =>
    inFiles(async ({ store, log }) => {
      const commit = aRevocationCommit()
      assert.equal(await appendTold(store, commit, aLogId()), { outcome: 'appended' })
      assert.equal(await log.bounds({ topic: 'auth.revocations' }), { start: 0, end: 0 })
      const { revocations } = await store.relayScan(100)
      assert.equal(
        revocations.map(({ id }) => id),
        [commit.id],
      )
    }),

  'of a version that is taken nothing is told': () =>
    inFiles(async ({ store, log }) => {
      const commit = aCommit()
      await appendTold(store, commit)
      const again = await appendTold(store, { ...aCommit(), id: commit.id })
      assert.is(again.outcome === 'conflict' && again.newest?.claim, commit.claim)
      assert.is((await log.bounds({ topic: 'auth.events' })).end, 1)
    }),
})
