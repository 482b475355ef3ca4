import { openKafkaLog } from '../../shared/adapters/kafka/open-kafka-log.ts'
import { logRevocationFeed } from '../../shared/adapters/log-feed/revocation-feed.ts'
import { createGuard, fixedKeys } from '../../shared/guard/index.ts'
import { systemEntropy as entropy } from '../../shared/kernel/entropy.ts'
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
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { paragraph } from '../support/paragraph.ts'

/** Four closed times a second for a day. */
const aDay = 345_600
const quickDay = 40_000
const batch = 1_000
/** What was revoked in the last quarter of an hour, and its closed times. */
const revoked = 500
const lately = 3_600
const pollMs = 5
const issuer = 'https://auth.example'
const ring = aRing()
const logId = aLogId()

const openLog = (bench: Bench, prefix: string): Promise<EventLog> =>
  openKafkaLog({
    brokers: bench.servers.kafka?.brokers ?? [],
    clientId: 'bench',
    ssl: false,
    sasl: null,
    clock: bench.clock,
    entropy,
    logger,
    topicPrefix: prefix,
    revocationRetentionMs: 172_800_000,
    eventPartitions: 1,
    role: 'writer',
  })

/** `low` of the newest closed times; older ones say the log's start. */
const fill = async ({ clock, say }: Bench, log: EventLog, count: number): Promise<number> => {
  say(`writing ${count} closed times`)
  const now = clock.now()
  const closed = (index: number, low: number) =>
    aClosedTimeRecord(ring, (now - (count - index) * 250) as EpochMs, logId, low)
  const old = count - lately
  for (let written = 0; written < old; written += batch) {
    const size = Math.min(batch, old - written)
    await log.publish(Array.from({ length: size }, (_, index) => closed(written + index, 0)))
  }
  await log.publish(Array.from({ length: revoked }, () => aRevocationRecord(ring)))
  for (let written = old; written < count; written += batch) {
    const size = Math.min(batch, count - written)
    await log.publish(Array.from({ length: size }, (_, index) => closed(written + index, old)))
  }
  return old
}

/** Seconds until a guard that was just made is ready. */
const readyS = async ({ clock }: Bench, log: EventLog, low: number): Promise<number> => {
  const keys = fixedKeys(createRing('access', { alg: 'ES256', entropy }))
  const feed = logRevocationFeed(log, ring, clock)
  const options = { issuer, audience: issuer, keys, feed, clock, onStale: 'deny' } as const
  const guard = createGuard({ ...options, maxStalenessMs: 600_000 })
  await log.publish([aClosedTimeRecord(ring, clock.now(), logId, low)])
  const beganMs = clock.monotonicMs()
  await guard.start()
  while (!guard.ready()) await clock.sleep(pollMs)
  const seconds = (clock.monotonicMs() - beganMs) / 1_000
  const held = guard.status().entries
  await guard.close()
  if (held !== revoked) throw new Error(`the guard holds ${held} of ${revoked}`)
  return seconds
}

const measure = async (bench: Bench): Promise<Finding> => {
  const { quick, repeats, parts, say } = bench
  const count = quick ? quickDay : aDay
  const log = await parts.use(openLog(bench, `bench-${entropy.bytes(6).toString('hex')}.`))
  const low = await fill(bench, log, count)
  const [lowMarks, wholeLog]: [number[], number[]] = [[], []]
  for (let repeat = 1; repeat <= repeats; repeat += 1) {
    lowMarks.push(await readyS(bench, log, low))
    wholeLog.push(await readyS(bench, log, 0))
    say(`repeat ${repeat}: ${lowMarks.at(-1)?.toFixed(2)}, ${wholeLog.at(-1)?.toFixed(2)} s`)
  }
  return {
    rows: [
      {
        measure: `ready on a log of ${count} closed times`,
        unit: 's',
        repeats: lowMarks,
        target: { atMost: 4 },
      },
      { measure: 'the same where one must begin at the start', unit: 's', repeats: wholeLog },
    ],
    notes: [
      paragraph(
        `Kafka, one broker; ${revoked} revocations are in force and lie ${lately} records before`,
        'the end. The guard looks at the newest closed time and begins at its low mark; in the',
        'second row that mark is the log’s start, so it reads all of it.',
      ),
    ],
  }
}

export const guardAfterADay: Scenario = {
  name: 'guard-after-a-day',
  claim: 'How long a guard takes from nothing to ready, with a day of closed times in the log.',
  needs: ['kafka'],
  measure,
}
