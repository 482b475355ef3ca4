import type { DeadLetter } from '../../../services/projector/projection.ts'
import { publishDeadLetters } from '../../../services/projector/publish-dead-letters.ts'
import { encodeDeadLetter } from '../../../shared/events/event-codec.ts'
import type { LogRecord } from '../../../shared/events/log-record.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import { heardLines } from '../../support/processes/heard-lines.ts'
import { assert, claims } from '../../support/suite.ts'

const letter = (offset: number, bytes: number): DeadLetter => {
  const value = Buffer.alloc(bytes, 'x')
  const headers = { 'content-type': 'y'.repeat(4_000) }
  const raw = { topic: 'auth.events', partition: 0, offset, key: null, headers, value } as const
  return { offset, record: encodeDeadLetter(raw, 'no schema') }
}

const sizeOf = ({ value, headers }: LogRecord): number =>
  value.length + JSON.stringify(headers).length

/** A log whose topic takes records of so many bytes. */
const limited = (bytesMax: number) => {
  const calls: (readonly LogRecord[])[] = []
  const publish = async (records: readonly LogRecord[]): Promise<readonly number[]> => {
    if (records.some((record) => sizeOf(record) > bytesMax)) {
      throw new AuthError('LOG_RECORD_TOO_LARGE', 'refused')
    }
    calls.push(records)
    return records.map((_, index) => index)
  }
  return { calls, log: { publish } }
}

claims('dead letters', {
  'a batch of large ones goes in several calls, and its progress is noted after each': async () => {
    const { calls, log } = limited(1_000_000)
    const letters = Array.from({ length: 40 }, (_, offset) => letter(offset, 900_000))
    const parked: number[] = []
    await publishDeadLetters({ log, logger }, letters, (offset) => parked.push(offset))
    assert.is(calls.flat().length, 40)
    assert.ok(calls.length >= 10, `${calls.length} calls`)
    assert.is(parked.length, calls.length)
    assert.is(parked.at(-1), 39)
  },

  'one that is too large for its topic is shortened and says so; the others are whole':
    async () => {
      const { calls, log } = limited(8_000)
      const letters = [letter(0, 100), letter(1, 900_000), letter(2, 100)]
      await publishDeadLetters({ log, logger }, letters, () => {})
      const [first, short, third] = calls.flat()
      assert.equal([first, third], [letters[0]?.record, letters[2]?.record])
      assert.is(short?.key, 'auth.events/0/1')
      assert.is(short?.headers['curfew-bytes'], '900000')
      assert.match(short?.headers['curfew-truncated'] ?? '', /max\.message\.bytes/)
      assert.is(Buffer.from(short?.value ?? '', 'base64').toString(), 'x'.repeat(768))
    },

  'a topic that takes not even that holds up nobody': async () => {
    const { lines, logger: heard } = heardLines()
    const { calls, log } = limited(10)
    const parked: number[] = []
    await publishDeadLetters({ log, logger: heard }, [letter(7, 100)], (offset) =>
      parked.push(offset),
    )
    assert.equal([calls, parked], [[], [7]])
    assert.is(lines[0]?.fields['record'], 'auth.events/0/7')
  },
})
