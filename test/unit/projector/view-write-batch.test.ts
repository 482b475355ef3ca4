import { startProjector } from '../../../services/projector/projector.ts'
import { openMemoryBlacklistView } from '../../../shared/adapters/memory/blacklist-view.ts'
import { openMemorySessionList } from '../../../shared/adapters/memory/session-list.ts'
import type { RawRecord } from '../../../shared/events/log-record.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import type { BlacklistView, ViewBatch } from '../../../shared/ports/blacklist-view.ts'
import { aLogId, anEventCheck, aRing, aSid } from '../../support/fakes/builders.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { replacing } from '../../support/fakes/faulty-stores.ts'
import { handFedLog } from '../../support/fakes/hand-fed-log.ts'
import { rawRevocations } from '../../support/fakes/raw-revocations.ts'
import { assert, claims } from '../../support/suite.ts'

const ring = aRing()
const events = anEventCheck()
const place = { topic: 'auth.revocations', partition: 0 } as const
const logId = aLogId()
const raw = rawRevocations(ring)
const { revoked } = raw
const closed = (offset: number): RawRecord => raw.closed(offset, logId, 1_000 * (offset + 1))
const damaged = (offset: number): RawRecord => {
  const unread = { problem: 'damaged', mayBeOurs: true }
  return { ...place, offset, key: null, headers: {}, value: null, unread }
}

/** A projector, and what it wrote to its view. */
const started = async () => {
  const fed = handFedLog()
  const kept = openMemoryBlacklistView()
  const written: ViewBatch[] = []
  const state = { isDown: false }
  const view = replacing<BlacklistView>(kept, {
    apply: async (batch) => {
      if (state.isDown) throw new AuthError('STORE_UNAVAILABLE', 'down')
      written.push(batch)
      return kept.apply(batch)
    },
  })
  const [clock, sessions] = [fakeClock(), openMemorySessionList()]
  const projector = await startProjector({
    log: fed.log,
    view,
    sessions,
    ring,
    events,
    clock,
    logger,
  })
  const deliver = (records: readonly RawRecord[], more: boolean): Promise<void> => {
    const end = (records.at(-1)?.offset ?? 0) + (more ? 100 : 1)
    fed.state.end = end
    const goOnAt = (offset: number): void => assert.unreachable(`went to ${offset}`)
    return fed.latest().options.onBatch({ ...place, records, end, more }, goOnAt)
  }
  return { ...fed, deliver, kept, written, state, clock, projector }
}

claims('batches of which the log has more at hand', {
  'are written with the one that is the last for now': async () => {
    const { deliver, written, projector } = await started()
    await deliver([revoked(0), closed(1)], true)
    await deliver([revoked(2), closed(3)], true)
    assert.is(written.length, 0)
    await deliver([revoked(4)], false)
    assert.is(written.length, 1)
    assert.is(written[0]?.entries.length, 3)
    assert.is(written[0]?.closed?.position, `${logId}:3`)
    assert.is(written[0]?.checkpoint.next, 5)
    await projector.close()
  },

  'are written when they are many': async () => {
    const { deliver, written, clock, projector } = await started()
    const page = 500
    for (let offset = 0; written.length === 0; offset += page) {
      assert.ok(offset < 100_000, 'nothing was written')
      const batch = Array.from({ length: page }, (_, index) => closed(offset + index))
      await deliver(batch, true)
    }
    await clock.advance(0)
    assert.is(projector.folded('auth.revocations', 0), written[0]?.checkpoint.next)
    await projector.close()
  },

  'are written whole, and each record once, when the view was away': async () => {
    const { deliver, state, kept, written, projector } = await started()
    const [one, other] = [aSid(), aSid()]
    await deliver([revoked(0, one)], true)
    state.isDown = true
    const last = [revoked(1, other)]
    for (let tries = 0; tries < 3; tries += 1) {
      const error = await deliver(last, false).catch((thrown: unknown) => thrown)
      assert.instance(error, AuthError)
    }
    state.isDown = false
    await deliver(last, false)
    assert.is(written[0]?.entries.length, 2)
    assert.is((await kept.find([`sid:${one}`, `sid:${other}`])).length, 2)
    await projector.close()
  },

  'are read again by whoever takes the fence, from what was written': async () => {
    const { deliver, kept, latest, clock, projector } = await started()
    await deliver([revoked(0)], false)
    await deliver([revoked(1)], true)
    await kept.takeFence(place.topic, 0)
    const refused = deliver([revoked(2)], false)
    // The other one does not move on: the fence comes back, and with it the place to read from.
    for (let waited = 0; waited < 3_000; waited += 50) await clock.advance(50)
    await refused
    await clock.advance(0)
    assert.is(latest().from, 1)
    const sid = aSid()
    await deliver([revoked(1, sid), revoked(2)], false)
    assert.is((await kept.find([`sid:${sid}`])).length, 1)
    await projector.close()
  },

  'close no time behind a record that cannot be read': async () => {
    const { deliver, written, projector } = await started()
    await deliver([closed(0), damaged(1)], true)
    await deliver([closed(2)], false)
    assert.is(written[0]?.closed, null)
    assert.is(written[0]?.checkpoint.next, 1)
    await projector.close()
  },
})
