import { startProjector } from '../../../services/projector/projector.ts'
import { openMemoryBlacklistView } from '../../../shared/adapters/memory/blacklist-view.ts'
import { openMemoryEventLog } from '../../../shared/adapters/memory/event-log.ts'
import { openMemorySessionList } from '../../../shared/adapters/memory/session-list.ts'
import type { LogRecord } from '../../../shared/events/log-record.ts'
import { systemClock } from '../../../shared/kernel/clock.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { silentLogger } from '../../../shared/kernel/logger.ts'
import type { BlacklistView } from '../../../shared/ports/blacklist-view.ts'
import { type BusyLog, busyLog } from '../../support/fakes/busy-log.ts'
import { assert, type Claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

export type OpenView = () => Promise<BlacklistView>

let busy: Promise<BusyLog> | undefined
const sharedBusyLog = (): Promise<BusyLog> => {
  busy ??= busyLog()
  return busy
}

// Before everything expires: the hash covers what is alive at this instant.
const at = 0 as EpochMs

/** A generator with a seed, so that a failure is repeated by its number. */
const seeded = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return Math.floor((state / 2 ** 32) * below)
  }
}
const shuffled = (records: readonly LogRecord[], seed: number): LogRecord[] => {
  const dice = seeded(seed)
  const copy = [...records]
  for (let last = copy.length - 1; last > 0; last -= 1) {
    const other = dice(last + 1)
    const [a, b] = [copy[last], copy[other]]
    if (a && b) [copy[last], copy[other]] = [b, a]
  }
  return copy
}

/** What the real projector makes of these records, in this order. */
export const folded = async (
  records: readonly LogRecord[],
  { ring, events }: BusyLog,
  open: OpenView,
): Promise<string> => {
  const log = openMemoryEventLog()
  const view = await open()
  for (const record of records) await log.publish([record])
  const sessions = openMemorySessionList()
  const clock = { ...systemClock, now: () => at }
  const parts = { log, view, sessions, ring, events, clock, logger: silentLogger }
  const projector = await startProjector(parts)
  try {
    const topics = ['auth.revocations', 'auth.events'] as const
    for (const topic of topics) {
      const { end } = await log.bounds({ topic, partition: 0 })
      await until(`${topic} is folded`, () => projector.folded(topic, 0) >= end)
    }
    return await view.contentHash(at)
  } finally {
    await projector.close()
    await log.close()
    await view.close()
  }
}

export const foldClaims = (open: OpenView, shuffles: number): Claims => ({
  'the log read again gives the same content, and that of the model': async () => {
    const log = await sharedBusyLog()
    assert.ok(log.records.length > 100)
    const model = await folded(log.records, log, async () => openMemoryBlacklistView())
    assert.is(await folded(log.records, log, open), model)
    assert.is(await folded(log.records, log, open), model)
  },

  'duplicates change nothing': async () => {
    const log = await sharedBusyLog()
    const model = await folded(log.records, log, open)
    const twice = log.records.flatMap((record) => [record, record])
    assert.is(await folded(twice, log, open), model)
    assert.is(await folded([...log.records, ...log.records], log, open), model)
  },

  [`any order gives the same content (${shuffles} shuffles with duplicates)`]: async () => {
    const log = await sharedBusyLog()
    const model = await folded(log.records, log, open)
    for (let seed = 1; seed <= shuffles; seed += 1) {
      const some = shuffled(log.records, seed).slice(0, log.records.length / 2)
      const order = shuffled([...log.records, ...some], seed + 1_000)
      assert.is(await folded(order, log, open), model, `seed ${seed}`)
    }
  },
})

/** The proof that the claims bite: a view in which the last write wins depends on the order. */
export const brokenFoldGoesRed = async (shuffles: number): Promise<void> => {
  const log = await sharedBusyLog()
  const lastWins: OpenView = async () => {
    const view = openMemoryBlacklistView()
    const entries = new Map<string, Parameters<BlacklistView['apply']>[0]['entries'][number]>()
    return {
      ...view,
      apply: async (batch) => {
        for (const entry of batch.entries) entries.set(entry.key, entry)
        return view.apply({ ...batch, entries: [] })
      },
      contentHash: async (instant) => {
        const clean = openMemoryBlacklistView()
        const { fence } = await clean.takeFence('auth.events', 0)
        const checkpoint = { topic: 'auth.events', partition: 0, next: 1 } as const
        const content = [...entries.values()]
        await clean.apply({ entries: content, closed: null, checkpoint, fence, logId: null })
        return clean.contentHash(instant)
      },
    }
  }
  const hashes = new Set<string>()
  for (let seed = 1; seed <= shuffles; seed += 1) {
    hashes.add(await folded(shuffled(log.records, seed), log, lastWins))
  }
  assert.ok(hashes.size > 1, 'last write wins must depend on the order')
}
