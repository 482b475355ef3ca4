import { type Projector, startProjector } from '../../../services/projector/projector.ts'
import { openMemoryBlacklistView } from '../../../shared/adapters/memory/blacklist-view.ts'
import { openMemoryEventLog } from '../../../shared/adapters/memory/event-log.ts'
import { openMemorySessionList } from '../../../shared/adapters/memory/session-list.ts'
import type { LogRecord } from '../../../shared/events/log-record.ts'
import { macHeader, signRecord } from '../../../shared/events/record-mac.ts'
import { systemClock } from '../../../shared/kernel/clock.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { silentLogger } from '../../../shared/kernel/logger.ts'
import type { BlacklistView } from '../../../shared/ports/blacklist-view.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import {
  aClosedTimeRecord,
  aLogId,
  anEventCheck,
  anEventRecord,
  aRevocationRecord,
  aRing,
  aSid,
  aSub,
  later,
  noon,
} from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

const ring = aRing()
const events = anEventCheck()
const logId = aLogId()
const revocations = { topic: 'auth.revocations', partition: 0 } as const
const deadLetters = { topic: 'auth.deadletters', partition: 0 } as const

type Fold = Readonly<{ log: EventLog; view: BlacklistView; projector: Projector }>

const folding = async (prove: (fold: Fold) => Promise<void>): Promise<void> => {
  const log = openMemoryEventLog()
  const view = openMemoryBlacklistView()
  const sessions = openMemorySessionList()
  const parts = { log, view, sessions, ring, events, clock: systemClock, logger: silentLogger }
  const projector = await startProjector(parts)
  try {
    await prove({ log, view, projector })
  } finally {
    await projector.close()
    await log.close()
  }
}

const closedAt = (t: EpochMs): LogRecord => aClosedTimeRecord(ring, t, logId)
const closedIs = (view: BlacklistView, t: EpochMs): Promise<void> =>
  until(`the view has closed time ${t}`, async () => (await view.closed())?.t === t)
const isDead = async (view: BlacklistView, sid: string): Promise<boolean> =>
  (await view.find([`sid:${sid}`])).length === 1
const parked = async (log: EventLog): Promise<number> => (await log.bounds(deadLetters)).end

/** A record that its writer signed and that this version cannot read. */
const ofTheFuture = (): LogRecord => {
  const record = aRevocationRecord(ring)
  const headers = { ...record.headers, ce_dataschema: 'urn:curfew:schema:curfew.Revocation:99' }
  const changed = { ...record, headers }
  return { ...changed, headers: { ...headers, [macHeader]: signRecord(ring, changed) } }
}

claims('projector', {
  'a revocation is in the view before the closed time that follows it': () =>
    folding(async ({ log, view }) => {
      const sid = aSid()
      await log.publish([aRevocationRecord(ring, sid), closedAt(noon)])
      await closedIs(view, noon)
      assert.ok(await isDead(view, sid))
      assert.is((await view.closed())?.position, `${logId}:1`)
    }),

  'a forged record changes nothing, is parked, and what follows it goes on': () =>
    folding(async ({ log, view }) => {
      const [forged, honest] = [aSid(), aSid()]
      const record = aRevocationRecord(ring, forged)
      const mac = `k1.${Buffer.alloc(32, 1).toString('base64url')}`
      const bad = { ...record, headers: { ...record.headers, [macHeader]: mac } }
      await log.publish([bad, aRevocationRecord(ring, honest), closedAt(noon)])
      await closedIs(view, noon)
      assert.not.ok(await isDead(view, forged))
      assert.ok(await isDead(view, honest))
      assert.is(await parked(log), 1)
      const letter = await log.recordAt(deadLetters, 0)
      assert.is(letter?.headers['curfew-problem'], 'bad MAC')
      assert.is(letter?.key?.toString(), 'auth.revocations/0/0')
    }),

  'an event that does not decode is parked, and what follows it goes on': () =>
    folding(async ({ log, view }) => {
      const sub = aSub()
      const broken = { ...anEventRecord(sub, 0), value: '{"sub":' }
      const foreign = { ...anEventRecord(sub, 1), headers: { ce_id: 'x' } }
      await log.publish([broken, foreign, anEventRecord(sub, 2), closedAt(noon)])
      await until('both are parked', async () => (await parked(log)) === 2)
      const next = async (): Promise<number> => (await view.takeFence('auth.events', 0)).next
      await until('the checkpoint passed them', async () => (await next()) === 3)
    }),

  'a possible revocation that cannot be read stops closed time and holds the checkpoint': () =>
    folding(async ({ log, view, projector }) => {
      const after = aSid()
      await log.publish([closedAt(noon)])
      await closedIs(view, noon)
      await log.publish([ofTheFuture(), aRevocationRecord(ring, after), closedAt(later(1_000))])
      await until('what follows is folded all the same', () => isDead(view, after))
      assert.is((await view.closed())?.t, noon, 'closed time must not pass it')
      assert.is(projector.health()['view']?.standing, 'unready')
      const later2 = aSid()
      await log.publish([aRevocationRecord(ring, later2), closedAt(later(2_000))])
      await until('a later batch is folded too', () => isDead(view, later2))
      assert.is((await view.closed())?.t, noon)
      assert.is((await view.takeFence('auth.revocations', 0)).next, 1)
    }),

  'a forged record of a megabyte is parked cut short': () =>
    folding(async ({ log, view }) => {
      const record = { ...aRevocationRecord(ring), value: 'x'.repeat(2 ** 20) }
      await log.publish([record, closedAt(noon)])
      await closedIs(view, noon)
      const letter = await log.recordAt(deadLetters, 0)
      assert.is(letter?.headers['curfew-bytes'], String(2 ** 20))
      assert.ok((letter?.value?.length ?? 0) < 100_000)
    }),

  'a projector that lost its partition takes it over again and skips nothing': () =>
    folding(async ({ log, view }) => {
      await log.publish([closedAt(noon)])
      await closedIs(view, noon)
      await view.takeFence('auth.revocations', 0) // Another projector comes, and dies at once.
      const sid = aSid()
      await log.publish([aRevocationRecord(ring, sid), closedAt(later(1_000))])
      await closedIs(view, later(1_000))
      assert.ok(await isDead(view, sid))
    }),

  'a view that is ahead of its log starts anew': async () => {
    const view = openMemoryBlacklistView()
    const { fence } = await view.takeFence('auth.revocations', 0)
    const checkpoint = { ...revocations, next: 500 }
    await view.apply({ entries: [], closed: null, checkpoint, fence, logId: aLogId() })
    const log = openMemoryEventLog()
    const sid = aSid()
    await log.publish([aRevocationRecord(ring, sid), closedAt(noon)])
    const sessions = openMemorySessionList()
    const parts = { log, view, sessions, ring, events, clock: systemClock, logger: silentLogger }
    const projector = await startProjector(parts)
    await closedIs(view, noon)
    assert.ok(await isDead(view, sid))
    await projector.close()
  },
})
