import { event, noAct } from '../../../shared/events/event.ts'
import { encodeEvent, signed } from '../../../shared/events/event-codec.ts'
import type { EventCheck } from '../../../shared/events/event-mac.ts'
import type { LogRecord, RawRecord } from '../../../shared/events/log-record.ts'
import { readEventRecord } from '../../../shared/events/read-event-record.ts'
import { macHeader } from '../../../shared/events/record-mac.ts'
import type { EventId } from '../../../shared/kernel/ids.ts'
import {
  anEventCheck,
  anEventRecord,
  anEventsRing,
  aRing,
  aSub,
  noon,
  source,
} from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'

const raw = ({ topic, key, headers, value }: LogRecord): RawRecord => ({
  ...{ topic, headers, partition: 0, offset: 7 },
  key: Buffer.from(key),
  value: Buffer.from(value),
})
const record = (): LogRecord => anEventRecord(aSub(), 0)
const without = ({ headers, ...rest }: LogRecord, name: string): LogRecord => {
  const { [name]: _gone, ...others } = headers
  return { ...rest, headers: others }
}
const problemOf = (one: LogRecord, check: EventCheck = anEventCheck()): string | null => {
  const read = readEventRecord(check, raw(one))
  if (read.ok) return null
  return `${read.forged ? 'forged: ' : ''}${read.problem}`
}
const lenient: EventCheck = { ...anEventCheck(), unsigned: 'accept' }

/** Every record that differs from `one` in one bit of one character, or lacks a covered header. */
const damaged = function* (one: LogRecord): Generator<LogRecord> {
  const flips = (text: string): string[] =>
    [...text].map((char, at) => {
      const other = String.fromCharCode((char.codePointAt(0) ?? 0) ^ 1)
      return text.slice(0, at) + other + text.slice(at + 1)
    })
  for (const value of flips(one.value)) yield { ...one, value }
  for (const key of flips(one.key)) yield { ...one, key }
  for (const [name, text] of Object.entries(one.headers)) {
    if (!name.startsWith('ce_')) continue
    yield without(one, name)
    for (const changed of flips(text))
      yield { ...one, headers: { ...one.headers, [name]: changed } }
  }
}

claims('whose an event is', {
  'what a gateway signed is read': () => {
    assert.is(problemOf(record()), null)
    assert.is(problemOf(record(), lenient), null)
  },

  'one changed bit, or a header less, is forged, also while unsigned events are accepted': () => {
    let tried = 0
    for (const one of damaged(record())) {
      assert.is(problemOf(one), 'forged: bad MAC', JSON.stringify(one))
      assert.is(problemOf(one, lenient), 'forged: bad MAC')
      tried += 1
    }
    assert.ok(tried > 300, String(tried))
  },

  'without a MAC it is forged, unless a setting says that older gateways write': () => {
    assert.is(problemOf(without(record(), macHeader)), 'forged: no MAC')
    assert.is(problemOf(without(record(), macHeader), lenient), null)
  },

  'the ring of revocations, which every guard holds, signs no event': () => {
    const { [macHeader]: _mac, ...headers } = record().headers
    assert.is(problemOf(signed(aRing(), { ...record(), headers })), 'forged: bad MAC')
  },

  'a record of another topic is forged: it cannot be moved here': () => {
    const moved = { ...record(), topic: 'auth.deadletters' } as const
    const there = signed(anEventsRing(), without(moved, macHeader))
    assert.is(problemOf(there), null)
    assert.is(problemOf({ ...there, topic: 'auth.events' }), 'forged: bad MAC')
  },

  'what another fleet wrote is passed over, and what could not be read keeps its cause': () => {
    const ours = { ...anEventCheck(), ring: { ...anEventsRing(), fleet: '0'.repeat(16) } }
    const changed = event('PasswordChanged', { sub: aSub(), ...noAct })
    const recorded = { id: 'u/x:0:0' as EventId, at: noon, event: changed }
    const theirs = readEventRecord(ours, raw(encodeEvent(source, recorded, 'f'.repeat(16))))
    assert.ok(!theirs.ok && theirs.fleet === 'f'.repeat(16) && !theirs.forged)
    const unread = { problem: 'a codec', mayBeOurs: true }
    const torn = readEventRecord(ours, { ...raw(record()), unread })
    assert.ok(!torn.ok && torn.problem === 'a codec' && !torn.forged)
  },
})
