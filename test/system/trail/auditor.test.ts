import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Auditor } from '../../../services/auditor/auditor.ts'
import { livesOf, openTrailFiles } from '../../../services/auditor/files/index.ts'
import { verifyTrail } from '../../../services/auditor/verification/index.ts'
import { openMemoryEventLog } from '../../../shared/adapters/memory/event-log.ts'
import type { LogRecord } from '../../../shared/events/log-record.ts'
import { systemClock } from '../../../shared/kernel/clock.ts'
import type { EpochMs, LogId } from '../../../shared/kernel/ids.ts'
import { Meter } from '../../../shared/metrics/meter.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { FeedSink, RevocationFeed } from '../../../shared/ports/revocation-feed.ts'
import { noteVerifier, parseVerifierKey } from '../../../shared/tlog/note-key.ts'
import { aLogId, anEventCheck, noon } from '../../support/fakes/builders.ts'
import { keepingLogger } from '../../support/processes/told-lines.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'
import { recordAt } from '../../support/trail/drawn-trail.ts'
import { until } from '../../support/until.ts'

const patienceMs = 20_000
/** An auditor verifies its trail and compares it with the log for the first time after so long. */
const firstVerifyMs = 60_000

/** Closed times by hand. */
const handFed = () => {
  let sink: FeedSink | null = null
  const feed: RevocationFeed = {
    open: async (given) => {
      sink = given
      given.onCaughtUp()
    },
    close: async () => {},
  }
  const close = (logId: LogId, t = noon): void =>
    sink?.onItems([{ kind: 'closed', offset: 0, closed: { t, logId, low: null } }])
  return { feed, close }
}

/** A log whose records are what `seen` makes of them. */
const seenAs = (log: EventLog, seen: (record: LogRecord, offset: number) => LogRecord): EventLog =>
  Object.assign(Object.create(log) as EventLog, log, {
    follow: (options: Parameters<EventLog['follow']>[0]) =>
      log.follow({
        ...options,
        onBatch: (batch, goOnAt) =>
          options.onBatch(
            {
              ...batch,
              records: batch.records.map((raw) => ({
                ...raw,
                ...seen({ ...raw, key: String(raw.key), value: String(raw.value) }, raw.offset),
              })),
            },
            goOnAt,
          ),
      }),
  })

const published = (offset: number): LogRecord => {
  const { topic, headers, key, value } = recordAt(offset)
  return { topic, headers, key: String(key), value: String(value) }
}
const eventsOf = (from: number, to: number): LogRecord[] =>
  Array.from({ length: to - from }, (_, at) => published(from + at))

type Scene = Readonly<{
  dir: string
  log: EventLog
  auditor: Auditor
  close: (logId: LogId, t?: EpochMs) => void
  /** From now on the log says something else at this offset. */
  rewrite: (offset: number) => void
  /** So much time passes, as far as the auditor counts it. */
  passes: (ms: number) => void
  told: () => string
  metrics: () => Promise<string>
}>

/** An auditor with a thread of its own. */
const withAuditor = (prove: (scene: Scene) => Promise<void>): Promise<void> =>
  inTempFolder('auditor', async (dir) => {
    const memory = openMemoryEventLog()
    const rewritten = new Set<number>()
    const log = seenAs(memory, (record, offset) =>
      rewritten.has(offset) ? { ...record, key: 'somebody else' } : record,
    )
    const { feed, close } = handFed()
    const { logger, lines } = keepingLogger()
    let aheadMs = 0
    const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + aheadMs }
    const meter = new Meter()
    const plan = {
      ...{ dir: join(dir, 'trail'), keysDir: join(dir, 'keys'), host: 'auth.example/audit' },
      groupAccess: 'none' as const,
    }
    const events = { ...anEventCheck(), unsigned: 'accept' as const }
    const auditor = new Auditor({ log, feed, plan, events, clock, logger, meter })
    auditor.start()
    try {
      await prove({
        ...{ dir: plan.dir, log: memory, auditor, close },
        rewrite: (offset) => void rewritten.add(offset),
        passes: (ms) => {
          aheadMs += ms
        },
        told: () => lines.map(({ message }) => message).join('\n'),
        metrics: () => meter.text(),
      })
    } finally {
      await auditor.close()
    }
  })

const signs = ({ metrics }: Scene, count: number): Promise<unknown> =>
  until(
    `${count} records are signed`,
    async () => (await metrics()).includes(`curfew_trail_leaves{partition="0"} ${count}`),
    patienceMs,
  )

const findingsIn = async (dir: string): Promise<readonly unknown[]> => {
  const files = openTrailFiles(dir)
  const [key = ''] = readFileSync(join(dir, 'verifier-keys'), 'utf8').split('\n')
  return (await verifyTrail({ files, known: [noteVerifier(parseVerifierKey(key))] })).findings
}

claims('an auditor', {
  'follows the log as soon as a closed time names it, and says what it verified': () =>
    withAuditor(async (scene) => {
      await scene.log.publish(eventsOf(0, 1_200))
      assert.is(scene.auditor.health().standing, 'unready')
      const logId = aLogId()
      scene.close(logId)
      await signs(scene, 1_200)
      await scene.log.publish(eventsOf(1_200, 1_300))
      await signs(scene, 1_300)
      assert.is(scene.auditor.health().standing, 'ok')
      scene.passes(firstVerifyMs)
      await until(
        'the trail is verified',
        async () => (await scene.metrics()).includes('curfew_trail_findings 0'),
        patienceMs,
      )
      assert.match(scene.told(), 'the trail is as it was signed')
      assert.equal(await findingsIn(scene.dir), [])
    }),

  'finds a record of the past that was rewritten in the log, and goes on no more': () =>
    withAuditor(async (scene) => {
      await scene.log.publish(eventsOf(0, 700))
      scene.rewrite(1_000_000)
      scene.close(aLogId())
      await signs(scene, 700)
      scene.rewrite(123)
      scene.passes(firstVerifyMs)
      const found = (): boolean => scene.told().includes('record 123 of partition 0')
      await until('the rewritten record is alarmed', found, patienceMs)
      assert.is(scene.auditor.health().standing, 'unready')
      assert.match(await scene.metrics(), 'curfew_trail_alarms_total{kind="rewritten"} 1')
      assert.equal(await findingsIn(scene.dir), [], 'the trail has what was there before')
    }),

  'begins a new life with another identity of the log, chained to the one before': () =>
    withAuditor(async (scene) => {
      await scene.log.publish(eventsOf(0, 300))
      const [one, other] = [aLogId(), aLogId()]
      scene.close(one)
      await signs(scene, 300)
      scene.close(other)
      const begins = (): boolean => livesOf(openTrailFiles(scene.dir)).length === 2
      await until('the second life begins', begins, patienceMs)
      await scene.log.publish(eventsOf(300, 310))
      await signs(scene, 310)
      assert.equal(livesOf(openTrailFiles(scene.dir)), [one, other])
      assert.equal(await findingsIn(scene.dir), [])
    }),
})
