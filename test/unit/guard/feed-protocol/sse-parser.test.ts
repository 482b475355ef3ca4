import fc from 'fast-check'
import {
  EventStreamParser,
  eventCharsMax,
  type StreamEvent,
} from '../../../../shared/guard/feed-protocol/sse-parser.ts'
import { assert, claims } from '../../../support/suite.ts'

const parse = (...chunks: readonly string[]): readonly StreamEvent[] => {
  const parser = new EventStreamParser()
  return chunks.flatMap((chunk) => parser.push(chunk) ?? [])
}
const data = (events: readonly StreamEvent[]): string[] => events.map((event) => event.data)

/** Examples of the WHATWG specification, 9.2.6. */
const examples: readonly (readonly [text: string, events: readonly StreamEvent[]])[] = [
  [
    'data: YHOO\ndata: +2\ndata: 10\n\n',
    [{ type: 'message', data: 'YHOO\n+2\n10', lastEventId: '' }],
  ],
  [
    ': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n',
    [
      { type: 'message', data: 'first event', lastEventId: '1' },
      { type: 'message', data: 'second event', lastEventId: '' },
      { type: 'message', data: ' third event', lastEventId: '' },
    ],
  ],
  [
    'data\n\ndata\ndata\n\ndata:',
    [
      { type: 'message', data: '', lastEventId: '' },
      { type: 'message', data: '\n', lastEventId: '' },
    ],
  ],
  [
    'data:test\n\ndata: test\n\n',
    [
      { type: 'message', data: 'test', lastEventId: '' },
      { type: 'message', data: 'test', lastEventId: '' },
    ],
  ],
]

claims('the parser of event streams', {
  'the examples of the specification': () => {
    for (const [text, events] of examples) assert.equal(parse(text), events)
  },

  'a line ends in LF, CR or CRLF': () => {
    for (const end of ['\n', '\r', '\r\n']) {
      const text = ['event: a', 'data: 1', '', 'data: 2', '', ''].join(end)
      assert.equal(
        parse(text).map(({ type, data }) => [type, data]),
        [
          ['a', '1'],
          ['message', '2'],
        ],
      )
    }
  },

  'however a stream is cut into chunks, the events are the same': () => {
    const lines = fc.array(
      fc.constantFrom('data: x', 'data', 'id: 7', 'event: b', ': c', '', '', 'data:y', 'foo: z'),
      { maxLength: 30 },
    )
    const ends = fc.constantFrom('\n', '\r', '\r\n')
    fc.assert(
      fc.property(
        fc.array(fc.tuple(lines, ends)),
        fc.array(fc.nat(), { maxLength: 40 }),
        (all, cuts) => {
          const text = all.map(([some, end]) => some.map((line) => line + end).join('')).join('')
          const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort(
            (a, b) => a - b,
          )
          const chunks = [0, ...places].map((from, index) => text.slice(from, places[index]))
          assert.equal(parse(...chunks), parse(text))
        },
      ),
      { numRuns: 300, seed: 20_260_601 },
    )
  },

  'an id with NUL is ignored, an unfinished event is none, other fields are nothing': () => {
    const events = parse('id: 1\ndata: a\n\nid: 2\0\nretry: 5\nname: x\ndata: b\n\ndata: never\n')
    assert.equal(data(events), ['a', 'b'])
    assert.is(events[1]?.lastEventId, '1')
  },

  'the id stays without data, and from a connection before': () => {
    const parser = new EventStreamParser('4')
    assert.equal(parser.push('data: a\n\nid: 5\n\ndata: b\n\n'), [
      { type: 'message', data: 'a', lastEventId: '4' },
      { type: 'message', data: 'b', lastEventId: '5' },
    ])
  },

  'an event without an end is given up, in lines and within one': () => {
    const line = `data: ${'x'.repeat(1_000)}\n`
    const lines = new EventStreamParser()
    let pushed = 0
    while (lines.push(line) !== null) pushed += line.length
    assert.ok(pushed <= eventCharsMax)
    assert.is(new EventStreamParser().push('x'.repeat(eventCharsMax + 1)), null)
    const comments = new EventStreamParser()
    for (pushed = 0; comments.push(':keep\n') !== null; ) pushed += 6
    assert.ok(pushed <= eventCharsMax)
  },
})
