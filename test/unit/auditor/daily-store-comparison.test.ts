import { DailyStoreComparison } from '../../../services/auditor/daily-store-comparison.ts'
import { openMemoryEventStore } from '../../../shared/adapters/memory/event-store.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs, StreamId } from '../../../shared/kernel/ids.ts'
import { type Logger, silentLogger } from '../../../shared/kernel/logger.ts'
import { Meter } from '../../../shared/metrics/meter.ts'
import { aCutoffCommit, aLogId, aSub } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'

const scene = async () => {
  const store = openMemoryEventStore({ clock })
  const said: string[] = []
  const say = (_: object, text: string): void => void said.push(text)
  const logger: Logger = { ...silentLogger, info: say, warn: say, error: say }
  const meter = new Meter()
  const streams: StreamId[] = []
  const logId = aLogId()
  for (let at = 0; at < 5; at += 1) {
    const s: StreamId = `u/${aSub()}`
    streams.push(s)
    const long = (clock.now() - 3_600_000) as EpochMs
    const commit = aCutoffCommit({ s, v: 0, at: long, expiresAt: null })
    await store.append(commit)
    await store.markPublished(logId, [{ id: commit.id, offset: at }])
  }
  const comparison = new DailyStoreComparison({ store, logger, meter })
  const run = async (version: (at: number) => number): Promise<void> => {
    comparison.begin()
    for (const [at, stream] of streams.entries()) {
      comparison.take({ newest: [[stream, { version: version(at), at: 0 }]], completeFromMs: 0 })
    }
    await comparison.end()
  }
  const shown = async () =>
    /^curfew_trail_store_findings (\d+)$/m.exec(await meter.text())?.[1] ?? null
  return { store, said, run, shown, logger, meter }
}

claims('the daily comparison of the trail with the event store', {
  'says nothing where both agree, and how much where the store is older': async () => {
    const { said, run, shown } = await scene()
    await run(() => 0)
    assert.equal([said, await shown()], [[], '0'])
    await run((at) => (at < 3 ? 1 : 0))
    assert.is(await shown(), '3')
    assert.match(said[0] ?? '', 'older than the trail')
    await run(() => 0)
    assert.is(await shown(), '0')
  },

  'says what the trail lacks': async () => {
    const { said, run, shown } = await scene()
    await run((at) => (at === 2 ? -1 : 0))
    assert.is(await shown(), '1')
    assert.equal(said, ['the event store has events that the trail lacks'])
  },

  'says that it could not, where the store does not answer, and asks again the next time':
    async () => {
      const { store, said, logger, meter, shown } = await scene()
      let isDown = true
      const relayScan: typeof store.relayScan = async (limit) => {
        if (isDown) throw new AuthError('STORE_UNAVAILABLE', 'down')
        return store.relayScan(limit)
      }
      const comparison = new DailyStoreComparison({ store: { ...store, relayScan }, logger, meter })
      for (const down of [true, false]) {
        isDown = down
        comparison.begin()
        comparison.take({ newest: [[`u/${aSub()}`, { version: 0, at: 0 }]], completeFromMs: 0 })
        await comparison.end()
      }
      assert.match(said[0] ?? '', 'could not be compared')
      assert.is(await shown(), '1')
    },
})
