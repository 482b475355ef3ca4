import { join } from 'node:path'
import { openLmdb } from '../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { lmdbEventLog } from '../../shared/adapters/lmdb/log/event-log.ts'
import { logRevocationFeed } from '../../shared/adapters/log-feed/revocation-feed.ts'
import { createGuard, fixedKeys } from '../../shared/guard/index.ts'
import { systemEntropy } from '../../shared/kernel/entropy.ts'
import type { EpochMs } from '../../shared/kernel/ids.ts'
import { silentLogger as logger } from '../../shared/kernel/logger.ts'
import type { EventLog } from '../../shared/ports/event-log.ts'
import { createRing } from '../../shared/tokens/key-rings/index.ts'
import {
  aClosedTimeRecord,
  aLogId,
  aRevocationRecord,
  aRing,
} from '../../test/support/fakes/builders.ts'
import type { ImageGuardReply, ImageGuardRequest } from '../load/image-guard.ts'
import type { ImageServerReply, ImageServerRequest } from '../load/image-server.ts'
import type { Bench, Finding, Row, Scenario } from '../scenario.ts'
import { ratios } from '../statistics.ts'
import { paragraph } from '../support/paragraph.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { openWorker } from '../support/worker.ts'

const entries = 1_000_000
const quickEntries = 20_000
type ImageSize = Readonly<{ count: number; secondsMax: number; isWithRecords: boolean }>
const sizes: readonly ImageSize[] = [
  { count: 1_000_000, secondsMax: 2, isWithRecords: true },
  { count: 10_000_000, secondsMax: 15, isWithRecords: false },
]
const quickSizes: readonly ImageSize[] = [{ count: 50_000, secondsMax: 2, isWithRecords: true }]
const secret = 'a secret of this bench'
const batch = 10_000
const pollMs = 5
const issuer = 'https://auth.example'
const ring = aRing()
const logId = aLogId()

const filledLog = async ({ clock, parts, say }: Bench, count: number): Promise<EventLog> => {
  const folder = await parts.use(tempFolder())
  const env = await parts.use(openLmdb({ path: join(folder.path, 'log'), clock, logger }))
  const log = lmdbEventLog(env, { revocationRetentionMs: 86_400_000 })
  say(`writing ${count} revocations`)
  for (let written = 0; written < count; written += batch) {
    const size = Math.min(batch, count - written)
    await log.publish(Array.from({ length: size }, () => aRevocationRecord(ring)))
  }
  return log
}

const closeTime = async (log: EventLog, at: EpochMs): Promise<void> => {
  await log.publish([aClosedTimeRecord(ring, at, logId, 0)])
}

/** Seconds until a guard that was just made is ready. */
const readyS = async ({ clock }: Bench, log: EventLog, count: number): Promise<number> => {
  const keys = fixedKeys(createRing('access', { alg: 'ES256', entropy: systemEntropy }))
  const feed = logRevocationFeed(log, ring, clock)
  const options = { issuer, audience: issuer, keys, feed, clock, onStale: 'deny' } as const
  const guard = createGuard({ ...options, maxStalenessMs: 600_000 })
  const beganMs = clock.monotonicMs()
  await guard.start()
  while (!guard.ready()) await clock.sleep(pollMs)
  const seconds = (clock.monotonicMs() - beganMs) / 1_000
  const held = guard.status().entries
  await guard.close()
  if (held !== count) throw new Error(`the guard holds ${held} of ${count}`)
  return seconds
}

/** Seconds to read the same records and do nothing with them. */
const bareS = async ({ clock }: Bench, log: EventLog): Promise<number> => {
  const { end } = await log.bounds({ topic: 'auth.revocations', partition: 0 })
  const beganMs = clock.monotonicMs()
  let next = 0
  const following = await log.follow({
    topics: ['auth.revocations'],
    group: null,
    resumeAt: async () => 0,
    onBatch: async ({ records }) => {
      next = (records.at(-1)?.offset ?? next - 1) + 1
    },
  })
  while (next < end) await clock.sleep(pollMs)
  const seconds = (clock.monotonicMs() - beganMs) / 1_000
  await following.stop()
  return seconds
}

/** Rows of the embedded log, read from its start. */
const fromLog = async (bench: Bench): Promise<readonly Row[]> => {
  const { quick, repeats, clock, say } = bench
  const count = quick ? quickEntries : entries
  const log = await filledLog(bench, count)
  const [ready, bare]: [number[], number[]] = [[], []]
  for (let repeat = 1; repeat <= repeats; repeat += 1) {
    await closeTime(log, clock.now())
    ready.push(await readyS(bench, log, count))
    bare.push(await bareS(bench, log))
    const told = [ready, bare].map((all) => all.at(-1)?.toFixed(2))
    say(`repeat ${repeat}: ready after, bare reading: ${told.join(', ')} s`)
  }
  const what = `${count} revocations from the embedded log`
  return [
    { measure: `ready with ${what}`, unit: 's', repeats: ready },
    { measure: 'reading them from the log, nothing more', unit: 's', repeats: bare },
    { measure: 'ready / reading', unit: '×', repeats: ratios(ready, bare) },
  ]
}

/** Rows of a guard on `GET /feed`, which begins with an image. */
const fromImage = async (
  bench: Bench,
  { count, secondsMax, isWithRecords }: ImageSize,
): Promise<readonly Row[]> => {
  const { repeats, parts, say } = bench
  say(`a feed server takes ${count} revocations`)
  const server = await parts.use(
    openWorker<ImageServerRequest, ImageServerReply>('../load/image-server.ts'),
  )
  const { url } = await server.ask({ count, secret })
  const secondsOf = async (kind: ImageGuardRequest['kind']): Promise<number> => {
    const guard = openWorker<ImageGuardRequest, ImageGuardReply>('../load/image-guard.ts')
    const { seconds, entries: held } = await guard.ask({ url, secret, kind })
    await guard.close()
    if (kind !== 'bytes' && held !== count) throw new Error(`the guard holds ${held} of ${count}`)
    return seconds
  }
  const [image, bytes, records]: [number[], number[], number[]] = [[], [], []]
  for (let repeat = 1; repeat <= repeats; repeat += 1) {
    image.push(await secondsOf('image'))
    bytes.push(await secondsOf('bytes'))
    if (isWithRecords) records.push(await secondsOf('records'))
    const told = [image, bytes, records].map((all) => all.at(-1)?.toFixed(2))
    say(`repeat ${repeat}: image, bytes, records: ${told.join(', ')} s`)
  }
  const measure = `ready with ${count} revocations from an image`
  const one = { measure: 'the same, record by record', unit: 's', repeats: records } as const
  return [
    { measure, unit: 's', repeats: image, target: { atMost: secondsMax } },
    { measure: 'reading the bytes of that image, nothing more', unit: 's', repeats: bytes },
    ...(isWithRecords ? [one] : []),
  ]
}

const measure = async (bench: Bench): Promise<Finding> => {
  const rows = [...(await fromLog(bench))]
  for (const size of bench.quick ? quickSizes : sizes) rows.push(...(await fromImage(bench, size)))
  return {
    rows,
    notes: [
      paragraph(
        'The embedded log, read from its start: each record’s MAC is checked, then it is decoded',
        'and held. The last record is a closed time, as a gateway writes it four times a second.',
      ),
      paragraph(
        'An image comes over GET /feed, from a feed server in a process of its own to a guard in',
        'another, on one machine: from the guard’s start until it is ready.',
      ),
    ],
  }
}

export const guardReady: Scenario = {
  name: 'guard-ready',
  claim:
    'How long a guard takes from nothing to ready, with a million and ten million revocations.',
  needs: [],
  measure,
}
