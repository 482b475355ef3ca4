import type { RawRecord } from '../events/log-record.ts'
import { readRevocationRecord } from '../events/read-revocation-record.ts'
import type { MacRing } from '../events/record-mac.ts'
import type { Clock } from '../kernel/clock.ts'
import { AuthError } from '../kernel/errors.ts'
import { foreignFleetText } from '../kernel/logging/foreign-fleet-text.ts'
import { withTimeout } from '../kernel/retry.ts'
import type { EventLog, Following } from '../ports/event-log.ts'

const place = { topic: 'auth.revocations', partition: 0 } as const
const patienceMs = 5_000
/** Two fleets write some eight closed times a second: the other one is among as many. */
const tailRecords = 64

type Read = Readonly<{ log: EventLog; ring: MacRing; clock: Clock }>

/** The first batch from `offset` on. */
const batchAt = async ({ log, clock }: Read, offset: number): Promise<readonly RawRecord[]> => {
  let following: Promise<Following> | null = null
  const reading = new Promise<readonly RawRecord[]>((resolve, reject) => {
    following = log.follow({
      topics: [place.topic],
      group: null,
      resumeAt: async () => offset,
      onBatch: async ({ records }) => resolve(records),
      onTrouble: reject,
    })
    following.catch(reject)
  })
  const late = (): Error => new AuthError('LOG_UNAVAILABLE', 'the topic was not read in time')
  try {
    return await withTimeout(clock, patienceMs, reading, late)
  } finally {
    void (following as Promise<Following> | null)?.then((one) => one.stop()).catch(() => {})
  }
}

/** `ours`, another fleet, or `null` for what nobody signed. */
const writerOf = (ring: MacRing, raw: RawRecord): string | null => {
  const item = readRevocationRecord(ring, raw)
  switch (item.kind) {
    case 'foreign':
      return item.fleet
    case 'revocation':
    case 'closed':
      return 'ours'
    default:
      return null
  }
}

/**
 * The fleet whose topics these are, when it is another one: the first record that a fleet signed
 * decides, so that of two that begin at once one finds that it is not the first. `null` also when
 * the topic is empty. Rejects when it cannot be read now.
 */
export const foreignOwner = async (read: Read): Promise<string | null> => {
  const { start, end } = await read.log.bounds(place)
  if (start >= end) return null
  const records = await batchAt(read, start)
  const writer = records.map((raw) => writerOf(read.ring, raw)).find((found) => found !== null)
  return writer === undefined || writer === 'ours' ? null : writer
}

/** Another fleet that wrote to our topics a moment ago. Rejects as `foreignOwner`. */
export const foreignWriter = async (read: Read): Promise<string | null> => {
  const { start, end } = await read.log.bounds(place)
  if (start >= end) return null
  const records = await batchAt(read, Math.max(start, end - tailRecords))
  const writers = records.map((raw) => writerOf(read.ring, raw))
  return writers.find((found) => found !== null && found !== 'ours') ?? null
}

/** @throws AuthError FLEET_CONFLICT; nothing when the topic cannot be read now */
export const refuseForeignTopics = async (read: Read): Promise<void> => {
  const owner = await foreignOwner(read).catch(() => null)
  if (owner === null) return
  const text = `these topics are those of the fleet ${owner}, not of ${read.ring.fleet}`
  throw new AuthError('FLEET_CONFLICT', `${text}: ${foreignFleetText(owner)}`)
}
