import { startProjector } from '../../../services/projector/projector.ts'
import { openMemoryBlacklistView } from '../../../shared/adapters/memory/blacklist-view.ts'
import { openMemoryEventLog } from '../../../shared/adapters/memory/event-log.ts'
import { openMemorySessionList } from '../../../shared/adapters/memory/session-list.ts'
import type { RawRecord } from '../../../shared/events/log-record.ts'
import { macHeader } from '../../../shared/events/record-mac.ts'
import { systemClock } from '../../../shared/kernel/clock.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { LogId } from '../../../shared/kernel/ids.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import type { BlacklistView } from '../../../shared/ports/blacklist-view.ts'
import {
  aClosedTimeRecord,
  aLogId,
  anEventCheck,
  aRevocationRecord,
  aRing,
  aSid,
} from '../../support/fakes/builders.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { replacing } from '../../support/fakes/faulty-stores.ts'
import { handFedLog } from '../../support/fakes/hand-fed-log.ts'
import { rawRevocations } from '../../support/fakes/raw-revocations.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

const ring = aRing()
const events = anEventCheck()
const place = { topic: 'auth.revocations', partition: 0 } as const
const { revoked, closed } = rawRevocations(ring)
const forged = (offset: number): RawRecord => {
  const raw = revoked(offset)
  return { ...raw, headers: { ...raw.headers, [macHeader]: 'k1.AAAA' } }
}
const holds = async (view: BlacklistView, ...sids: string[]): Promise<boolean> =>
  (await view.find(sids.map((sid) => `sid:${sid}` as const))).length === sids.length

const started = async (view = openMemoryBlacklistView(), end = 0) => {
  const fed = handFedLog()
  fed.state.end = end
  const clock = fakeClock()
  const sessions = openMemorySessionList()
  const projector = await startProjector({
    log: fed.log,
    view,
    sessions,
    ring,
    events,
    clock,
    logger,
  })
  return { ...fed, clock, view, projector }
}

/** A view that another projector of this installation folded up to `next`, under `logId`. */
const foldedTo = async (next: number, logId: LogId): Promise<BlacklistView> => {
  const view = openMemoryBlacklistView()
  const { fence } = await view.takeFence(place.topic, 0)
  await view.apply({ entries: [], closed: null, checkpoint: { ...place, next }, fence, logId })
  return view
}

claims('a projector before another log', {
  'a log that was made again and grew past the checkpoint is folded from its start': async () => {
    const [before, now] = [aLogId(), aLogId()]
    const early = aSid()
    const world = await started(await foldedTo(2, before), 5)
    const { deliver, latest, view, clock, projector } = world
    assert.is(latest().from, 2)
    await deliver([revoked(2), closed(3, now)])
    assert.is(await view.closed(), null, 'what it folded of the other log vouches for nothing')
    await clock.advance(0)
    assert.is(latest().from, 0)
    await deliver([revoked(0, early), revoked(1), revoked(2), closed(3, now)])
    assert.ok(await holds(view, early))
    assert.is((await view.closed())?.position, `${now}:3`)
    await projector.close()
  },

  'a failure to forget the view folds nothing, and is tried again': async () => {
    const now = aLogId()
    const kept = await foldedTo(2, aLogId())
    let isDown = true
    const view = replacing<BlacklistView>(kept, {
      forget: async (topic) => {
        if (isDown) throw new AuthError('STORE_UNAVAILABLE', 'down')
        return kept.forget(topic)
      },
    })
    const { deliver, latest, clock, projector } = await started(view, 5)
    const batch = [revoked(2), closed(3, now)]
    assert.instance(await deliver(batch).catch((error: unknown) => error), AuthError)
    assert.is((await kept.heldFence(place.topic, 0)).next, 2)
    isDown = false
    await deliver(batch)
    await clock.advance(0)
    assert.is(latest().from, 0)
    await projector.close()
  },

  'records handed over from 0, because the log began anew, are folded': async () => {
    const [before, now] = [aLogId(), aLogId()]
    const early = aSid()
    const { deliver, latest, view, clock, projector } = await started()
    await deliver([revoked(0), revoked(1), revoked(2), closed(3, before)])
    await deliver([revoked(0, early)], 1)
    await clock.advance(0)
    assert.is(latest().from, 0)
    await deliver([revoked(0, early), closed(1, now)])
    await clock.advance(0) // It learns the new identity, and begins once more.
    await deliver([revoked(0, early), closed(1, now)])
    assert.ok(await holds(view, early))
    assert.is((await view.closed())?.logId, now)
    await projector.close()
  },

  'history that names an earlier life is read again once, and closes time for the last':
    async () => {
      const [first, second] = [aLogId(), aLogId()]
      const { deliver, readings, view, clock, projector } = await started()
      const history = [closed(0, first), revoked(1), closed(2, second)]
      await deliver(history)
      await clock.advance(0)
      await deliver(history)
      await deliver([closed(3, first)])
      assert.is(readings.length, 2)
      assert.is((await view.closed())?.position, `${second}:2`)
      await projector.close()
    },

  'a view that somebody else forgot is folded from where it stands, skipping nothing': async () => {
    const [early, late] = [aSid(), aSid()]
    const { deliver, latest, view, clock, projector } = await started()
    await deliver([revoked(0, early), revoked(1)])
    await view.forget(place.topic)
    const folding = deliver([revoked(2, late)])
    await clock.advance(10_000) // Nobody goes on, so it takes over.
    await folding
    await clock.advance(0)
    assert.is(latest().from, 0)
    await deliver([revoked(0, early), revoked(1), revoked(2, late)])
    assert.ok(await holds(view, early, late))
    await projector.close()
  },

  'dead letters are parked once, however often the view fails': async () => {
    const kept = openMemoryBlacklistView()
    let isDown = true
    const view = replacing<BlacklistView>(kept, {
      apply: async (batch) => {
        if (isDown) throw new AuthError('STORE_UNAVAILABLE', 'down')
        return kept.apply(batch)
      },
    })
    const { deliver, published, projector } = await started(view)
    const batch = [forged(0), revoked(1), forged(2)]
    for (let turn = 0; turn < 3; turn += 1) await deliver(batch).catch(() => {})
    isDown = false
    await deliver(batch)
    assert.is(published.length, 2)
    await deliver([forged(3)])
    assert.is(published.length, 3)
    await projector.close()
  },

  'of two projectors on one view and log one folds, the other stands by, both ready': async () => {
    const kept = openMemoryBlacklistView()
    let taken = 0
    const view = replacing<BlacklistView>(kept, {
      takeFence: (topic, partition) => {
        taken += 1
        return kept.takeFence(topic, partition)
      },
    })
    const log = openMemoryEventLog()
    const sessions = openMemorySessionList()
    const parts = { log, view, sessions, ring, events, clock: systemClock, logger }
    const first = await startProjector(parts)
    const second = await startProjector(parts)
    await until('both hold a place', () => taken === 4)
    await log.publish([aClosedTimeRecord(ring, systemClock.now(), aLogId())])
    const areWell = (): boolean =>
      [first, second].every(({ health }) => health()['view']?.standing === 'ok')
    await until('both are well', areWell)
    for (let turn = 0; turn < 20; turn += 1) {
      const sid = aSid()
      await log.publish([aRevocationRecord(ring, sid)])
      await until('it is in the view', () => holds(kept, sid))
      for (const { health } of [first, second]) assert.is(health()['view']?.standing, 'ok')
    }
    assert.is(taken, 4, 'one at the start for each topic and projector, and no more')
    await second.close()
    const sid = aSid()
    await log.publish([aRevocationRecord(ring, sid)])
    await until('the one that stood by takes over', () => holds(kept, sid))
    await first.close()
    await log.close()
  },
})
