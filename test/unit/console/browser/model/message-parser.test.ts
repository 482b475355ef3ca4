import fc from 'fast-check'
import {
  MessageParser,
  type StreamMessage,
} from '../../../../../services/console/browser/model/message-parser.ts'
import { assert, claims } from '../../../../support/suite.ts'

const text =
  'retry: 2000\n\nid: 0.1\nevent: events\ndata: {"a":": b"}\n\nevent: end\ndata: {}\n\nid: 0.2\n'
const whole: readonly StreamMessage[] = [
  { type: 'events', data: '{"a":": b"}', id: '0.1' },
  { type: 'end', data: '{}', id: null },
]

claims('a stream of server-sent events', {
  'says the same, wherever it is cut': () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: text.length })), (cuts) => {
        const heard: StreamMessage[] = []
        const parser = new MessageParser((message) => heard.push(message))
        const places = [0, ...cuts.sort((a, b) => a - b), text.length]
        for (const [index, at] of places.entries()) parser.feed(text.slice(at, places[index + 1]))
        assert.equal(heard, whole)
      }),
    ),
})
