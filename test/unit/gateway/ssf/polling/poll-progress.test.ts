import { jtiOf } from '../../../../../services/gateway/ssf/events/security-events.ts'
import {
  type Entry,
  pendingMessages,
  settle,
} from '../../../../../services/gateway/ssf/polling/poll-progress.ts'
import type { EpochMs, EventId } from '../../../../../shared/kernel/ids.ts'
import type { Receiver } from '../../../../../shared/ports/receivers.ts'
import { aReceiver } from '../../../../contracts/receivers.ts'
import { aRevoked } from '../../../../support/fakes/builders.ts'
import { assert, claims } from '../../../../support/suite.ts'

const issuer = 'https://auth.example'
const stream = aReceiver({
  kind: 'ssf-poll',
  control: [],
  cursor: [
    { partition: 0, next: 5 },
    { partition: 1, next: 0 },
  ],
})
const entry = (name: string, offset: number): Entry => {
  const id = `${name}:1:0` as EventId
  return { offset, jti: jtiOf(id, stream.id), logged: { id, at: 1 as EpochMs, event: aRevoked() } }
}
const [a, b, c, z] = [entry('a', 6), entry('b', 8), entry('c', 9), entry('z', 2)] as const
const spans = new Map([
  [0, { readTo: 20, entries: [a, b, c] }],
  [1, { readTo: 4, entries: [z] }],
])
const end = (from: Receiver, ...entries: readonly Entry[]) =>
  settle(issuer, from, spans, new Set(entries.map(({ jti }) => jti)))
const nexts = ({ cursor }: Receiver): number[] => cursor.map(({ next }) => next)
const given = (from: Receiver, max = 10): readonly string[] =>
  pendingMessages(issuer, from, spans, max).messages.map(({ jti }) => jti)

claims('what a polled stream has settled', {
  'moves the cursor of each partition up to its first open entry, and over what says nothing':
    () => {
      const { receiver, newlySettled: ended, hasMoved } = end(stream, a)
      assert.equal(nexts(receiver), [8, 2])
      assert.equal([ended, receiver.acked, hasMoved], [[a.jti], [], true])
      assert.equal(nexts(end(receiver, b, c, z).receiver), [20, 4])
    },

  'above an open entry is kept by id, until the cursor passes it': () => {
    const { receiver } = end(stream, b)
    assert.equal([nexts(receiver), receiver.acked], [[6, 2], [b.jti]])
    assert.equal(given(receiver), [a.jti, z.jti, c.jti])
    const after = end(receiver, a).receiver
    assert.equal([nexts(after), after.acked], [[9, 2], []])
  },

  'twice, or by nobody, changes nothing': () => {
    const { receiver } = end(stream, b)
    assert.equal(end(receiver, b).newlySettled, [])
    assert.equal(end(receiver, b).receiver.acked, [b.jti])
    assert.equal(end(receiver, entry('nobody', 3)).newlySettled, [])
    const passed = end(receiver, a).receiver
    assert.equal(end(passed, a, b).newlySettled, [])
  },

  'by a gateway that read further is left as it is': () => {
    const further: Receiver = {
      ...stream,
      acked: ['of-another'],
      cursor: [
        { partition: 0, next: 9 },
        { partition: 7, next: 70 },
      ],
    }
    const { receiver } = end(further, a, c)
    assert.equal(receiver.cursor, [
      { partition: 0, next: 20 },
      { partition: 1, next: 2 },
      { partition: 7, next: 70 },
    ])
    assert.equal(receiver.acked, ['of-another'])
  },

  'does not come again, and partitions take turns': () => {
    assert.equal(given(stream), [a.jti, z.jti, b.jti, c.jti])
    assert.equal(given(stream, 2), [a.jti, z.jti])
    assert.is(pendingMessages(issuer, stream, spans, 3).more, true)
    assert.is(pendingMessages(issuer, stream, spans, 4).more, false)
    const twice = new Map([[0, { readTo: 20, entries: [a, { ...a, offset: 12 }] }]])
    assert.is(pendingMessages(issuer, stream, twice, 10).messages.length, 1)
    const ended = settle(issuer, stream, twice, new Set([a.jti])).receiver
    assert.equal([nexts(ended)[0], ended.acked], [20, []])
  },

  'of types that nobody wants any more holds nothing up': () => {
    const quiet = { ...stream, config: { ...stream.config, events: [] } }
    assert.equal(given(quiet), [])
    assert.equal(nexts(end(quiet).receiver), [20, 4])
  },
})
