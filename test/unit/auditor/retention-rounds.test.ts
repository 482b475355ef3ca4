import { readMinimumIndex, treeFolder } from '../../../services/auditor/files/index.ts'
import { appendRetentionEvent, RetentionRounds } from '../../../services/auditor/retention/index.ts'
import { verifyTrail } from '../../../services/auditor/verification/index.ts'
import { openMemoryEventStore } from '../../../shared/adapters/memory/event-store.ts'
import { event } from '../../../shared/events/event.ts'
import { changeHolds, withHold, withTold } from '../../../shared/fleet/holds/index.ts'
import { systemClock } from '../../../shared/kernel/clock.ts'
import { systemEntropy as entropy } from '../../../shared/kernel/entropy.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { type Logger, silentLogger } from '../../../shared/kernel/logger.ts'
import { anAct, noon } from '../../support/fakes/builders.ts'
import { type FakeClock, fakeClock } from '../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../support/suite.ts'
import { CrashingFiles } from '../../support/trail/crashing-files.ts'
import { logId, recordsOf, trailOf } from '../../support/trail/drawn-trail.ts'
import { verifiers } from '../../support/trail/exported-trail.ts'
import { begun, longAfter, retainingParts } from '../../support/trail/retained-trail.ts'
import { until } from '../../support/until.ts'

const folder = treeFolder(logId, 0)
const hour = 3_600_000

type Scene = Readonly<{
  files: CrashingFiles
  store: ReturnType<typeof openMemoryEventStore>
  clock: FakeClock
  said: string[]
  minimum: () => number
  /** Time goes on until it holds. */
  passes: (what: string, stepMs: number, holds: () => boolean) => Promise<void>
}>

/** Of 900 leaves, 600 were signed longer ago than it keeps them. */
const inRounds = async (claim: (scene: Scene) => Promise<void>): Promise<void> => {
  const files = begun(new CrashingFiles())
  await trailOf(files, recordsOf(0, 900))
  const store = openMemoryEventStore({ clock: systemClock })
  const clock = fakeClock(longAfter)
  const said: string[] = []
  const say = (_: object, text: string): void => void said.push(text)
  const logger: Logger = { ...silentLogger, info: say, warn: say, error: say }
  // Two minutes later.
  const ageMs = longAfter + 120_000 - noon - 600
  const parts = { ...retainingParts(files, store), clock, ageMs, logger }
  const rounds = new RetentionRounds({ ...parts, known: async () => verifiers })
  rounds.start()
  try {
    await claim({
      ...{ files, store, clock, said },
      minimum: () => readMinimumIndex(files, folder),
      passes: (what, stepMs, holds) =>
        until(what, async () => {
          await clock.advance(stepMs)
          return holds()
        }),
    })
  } finally {
    const closing = rounds.close()
    await clock.advance(hour)
    await closing
  }
}

claims('an auditor that keeps the trail for a time', {
  'lets go of what is older, soon after its start and then once a day': () =>
    inRounds(async ({ files, said, minimum, passes }) => {
      await passes('what is old went', 60_000, () => said.length > 0)
      assert.is(minimum(), 512)
      assert.equal(said, ['the trail let go of old events'])
      await passes('what became old went', hour, () => said.length > 1)
      assert.is(minimum(), 768)
      const { count } = await verifyTrail({ files, known: verifiers })
      assert.is(count, 0)
    }),

  'is stopped by a hold, says so, and goes on when it is released': () =>
    inRounds(async ({ store, said, minimum, passes }) => {
      const id = '0123456789abcdef'
      const scope = { user: null, session: null, client: null, since: null, until: null }
      const hold = { id, scope, reason: 'case 7', at: noon, act: anAct }
      await changeHolds(store, (register) => withHold(register, hold))
      await passes('it says so', 60_000, () => said.length > 0)
      assert.equal([minimum(), said[0]], [0, 'a legal hold keeps old events of the trail'])
      await changeHolds(store, (register) => withTold(register, id, 'released'))
      await passes('it goes on', hour / 4, () => minimum() > 0)
    }),
})

claims('the event of a retention', {
  'is appended once, however often it is told': async () => {
    const store = openMemoryEventStore({ clock: systemClock })
    const tell = appendRetentionEvent({ store, entropy })
    const told = event('TrailRetained', {
      ...{ trail: 'h/audit', before: noon, count: 1, logs: [], holds: [], exports: null },
      ...{ reason: 'x', ...anAct },
    })
    const ids = await Promise.all(Array.from({ length: 10 }, () => tell('retention:a', told)))
    assert.is(new Set([...ids, await tell('retention:a', told)]).size, 1)
    assert.not.equal(await tell('retention:b', told), ids[0])
    const later = (systemClock.now() + 60_000) as EpochMs
    const commits = await store.unpublishedOthers(later, 100)
    assert.equal(commits.map(({ id }) => `${id.s}:${id.v}:0`).includes(ids[0] ?? ''), true)
    assert.is(commits.length, 2)
  },
})
