import { startProjector } from '../../../services/projector/projector.ts'
import { openMemoryBlacklistView } from '../../../shared/adapters/memory/blacklist-view.ts'
import { openMemoryEventLog } from '../../../shared/adapters/memory/event-log.ts'
import { openMemorySessionList } from '../../../shared/adapters/memory/session-list.ts'
import { encodeEvent, signed } from '../../../shared/events/event-codec.ts'
import type { EventCheck } from '../../../shared/events/event-mac.ts'
import type { LogRecord, RawRecord } from '../../../shared/events/log-record.ts'
import type { EventId, TokenId } from '../../../shared/kernel/ids.ts'
import { Meter } from '../../../shared/metrics/meter.ts'
import {
  aClosedTimeRecord,
  aJti,
  aLogId,
  anEventCheck,
  anEventsRing,
  aRevoked,
  aRing,
  aSid,
  noon,
  source,
} from '../../support/fakes/builders.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { keepingLogger } from '../../support/processes/told-lines.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

const deadLetters = { topic: 'auth.deadletters', partition: 0 } as const

/** The rotation of a refresh token, as an older gateway wrote it: without a MAC. */
const rotationOf = (jti: TokenId): LogRecord => {
  const sid = aSid()
  const event = aRevoked({ scope: 'token', key: `jti:${jti}`, reason: 'rotated', sid })
  return encodeEvent(source, { id: `s/${sid}:1:0` as EventId, at: noon, event })
}

/** What a projector makes of `records`, until it has passed them all. */
const folded = async (records: readonly LogRecord[], events: EventCheck) => {
  const [log, view] = [openMemoryEventLog(), openMemoryBlacklistView()]
  const sessions = openMemorySessionList()
  const [clock, meter, ring] = [fakeClock(), new Meter(), aRing()]
  const { logger, lines } = keepingLogger()
  const parts = { log, view, sessions, ring, events, clock, logger, meter, viewAgeMaxMs: 1e9 }
  await log.publish([...records, aClosedTimeRecord(ring, clock.now(), aLogId())])
  const projector = await startProjector(parts)
  try {
    await until('all is folded', () => projector.folded('auth.events', 0) === records.length)
    await until('a closed time', () => projector.folded('auth.revocations', 0) === 1)
    await clock.advance(2_000)
    const { end } = await log.bounds(deadLetters)
    const letters: (RawRecord | null)[] = []
    for (let at = 0; at < end; at += 1) letters.push(await log.recordAt(deadLetters, at))
    const soon = projector.health()['view']
    await clock.advance(61_000)
    return {
      ...{ letters, soon, later: projector.health()['view'] },
      told: lines.filter(({ message }) => message.includes('no good MAC')),
      metrics: await meter.text(),
      has: async (jti: TokenId) => (await view.find([`jti:${jti}`])).length === 1,
    }
  } finally {
    await projector.close()
    await log.close()
  }
}

claims('events that no gateway signed', {
  'change nothing, are parked whole, and are alarmed; those around them are folded': async () => {
    const [before, forged, unsigned, after] = [aJti(), aJti(), aJti(), aJti()]
    const ring = anEventsRing()
    const bad = { ...signed(ring, rotationOf(before)), value: rotationOf(forged).value }
    const records = [
      signed(ring, rotationOf(before)),
      bad,
      rotationOf(unsigned),
      signed(ring, rotationOf(after)),
    ]
    const { has, letters, soon, later, told, metrics } = await folded(records, anEventCheck())
    const found = await Promise.all([before, forged, unsigned, after].map(has))
    assert.equal(found, [true, false, false, true])
    const problems = letters.map((letter) => letter?.headers['curfew-problem'])
    assert.equal(problems, ['bad MAC', 'no MAC'])
    const whole = Buffer.from(String(letters[0]?.value), 'base64').toString()
    assert.is(whole, bad.value, 'a parked record stays readable')
    assert.is(told.length, 1)
    assert.match(metrics, /curfew_forged_records_total\{topic="auth.events"\} 2/)
    assert.is(soon?.standing, 'degraded')
    assert.match(soon?.state ?? '', /CURFEW_UNSIGNED_EVENTS/)
    assert.is(later?.standing, 'ok', 'an hour later nobody is paged')
  },

  'are folded where older gateways are expected, but for a bad MAC': async () => {
    const [unsigned, forged] = [aJti(), aJti()]
    const bad = { ...signed(anEventsRing(), rotationOf(unsigned)), value: rotationOf(forged).value }
    const check: EventCheck = { ...anEventCheck(), unsigned: 'accept' }
    const { has, letters, told } = await folded([rotationOf(unsigned), bad], check)
    assert.equal([await has(unsigned), await has(forged)], [true, false])
    assert.equal([letters.length, told.length], [1, 1])
  },
})
