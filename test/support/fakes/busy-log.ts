import { noOrigin } from '../../../shared/events/event.ts'
import type { EventCheck } from '../../../shared/events/event-mac.ts'
import type { LogRecord, RawRecord, Topic } from '../../../shared/events/log-record.ts'
import type { MacRing } from '../../../shared/events/record-mac.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import { copyOf } from '../processes/browser.ts'
import { until } from '../until.ts'
import { appendAndDeliverCutoff } from '../worlds/delivered-changes.ts'
import { inWorld } from '../worlds/gateway-world.ts'

export type BusyLog = Readonly<{
  records: readonly LogRecord[]
  ring: MacRing
  events: EventCheck
}>

const recordOf = ({ topic, key, headers, value }: RawRecord): LogRecord => ({
  topic,
  key: key?.toString() ?? '',
  headers,
  value: value?.toString() ?? '',
})

const readTopic = async (log: EventLog, topic: Topic): Promise<LogRecord[]> => {
  const { start, end } = await log.bounds({ topic, partition: 0 })
  const records: LogRecord[] = []
  for (let offset = start; offset < end; offset += 1) {
    const raw = await log.recordAt({ topic, partition: 0 }, offset)
    if (raw) records.push(recordOf(raw))
  }
  return records
}

/**
 * All that a real gateway told its log in a busy while: logins, rotations, replays, a reuse,
 * logouts, and cutoffs of one user at several versions, of a client and of everyone.
 */
export const busyLog = async (): Promise<BusyLog> => {
  let told: BusyLog | null = null
  await inWorld({ env: { CURFEW_REFRESH_GRACE_PERIOD: '0' } }, async (world) => {
    const { rooms, state, keys } = world
    for (let round = 0; round < 6; round += 1) {
      const user = await world.addUser()
      const jars = await Promise.all([world.open(user), world.open(user), world.open(user)])
      for (const jar of jars) await world.refresh(jar)
      const [first, second, third] = jars
      const stolen = copyOf(first ?? new Map())
      await world.refresh(first ?? new Map())
      await world.refresh(stolen) // A reuse: the grace is 0.
      await world.logout(second ?? new Map())
      const target = { scope: 'subject', sub: user.sub } as const
      await appendAndDeliverCutoff(rooms, { target, reason: 'logout_all', origin: noOrigin })
      await appendAndDeliverCutoff(rooms, { target, reason: 'user_disabled', origin: noOrigin })
      await world.refresh(third ?? new Map())
    }
    const client = rooms.sessions.client
    await appendAndDeliverCutoff(rooms, {
      target: { scope: 'client', client },
      reason: 'revoked',
      origin: noOrigin,
    })
    await appendAndDeliverCutoff(rooms, {
      target: { scope: 'all' },
      reason: 'revoked',
      origin: noOrigin,
    })
    await rooms.publisher.drain()
    await until('time is closed behind the last revocation', async () => {
      const records = await readTopic(state.log, 'auth.revocations')
      return records.at(-1)?.key === 'closed'
    })
    const revocations = await readTopic(state.log, 'auth.revocations')
    const records = [...revocations, ...(await readTopic(state.log, 'auth.events'))]
    told = { records, ring: keys.mac, events: { ring: keys.events, unsigned: 'park' } }
  })
  if (!told) throw new Error('nothing was told')
  return told
}
