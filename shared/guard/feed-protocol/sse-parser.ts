/** One event of a `text/event-stream` (WHATWG HTML, section 9.2). */
export type StreamEvent = Readonly<{
  /** `message` when the stream names none. */
  type: string
  data: string
  /** The last event id as it stands after this event; `''` when there is none. */
  lastEventId: string
}>

/** Characters that one event may hold, its comments and unknown fields with it. */
export const eventCharsMax = 1_048_576

const space = 0x20

/**
 * A parser of event streams, fed with text that was decoded as UTF-8 without its BOM. Lines end in
 * CR, LF or CRLF; an event without data is not dispatched, an unfinished one never; an id with NUL
 * is ignored. `retry` is ignored too: how often to come back is not the server's to say.
 */
export class EventStreamParser {
  #rest = ''
  /** A CR came last: an LF that follows it ends the same line. */
  #afterCr = false
  #type = ''
  #data: string[] = []
  #chars = 0
  #lastEventId: string

  constructor(lastEventId = '') {
    this.#lastEventId = lastEventId
  }

  /** What `text` completes. `null` when an event is larger than `eventCharsMax`: give it up. */
  push(text: string): readonly StreamEvent[] | null {
    const events: StreamEvent[] = []
    const whole = this.#afterCr && text.startsWith('\n') ? text.slice(1) : text
    if (text !== '') this.#afterCr = text.endsWith('\r')
    const lines = (this.#rest + whole).split(/\r\n|\r|\n/)
    this.#rest = lines.pop() ?? ''
    for (const line of lines) {
      this.#chars += line.length + 1
      if (this.#chars > eventCharsMax) return null
      const event = line === '' ? this.#dispatch() : this.#field(line)
      if (event) events.push(event)
    }
    return this.#chars + this.#rest.length > eventCharsMax ? null : events
  }

  #field(line: string): null {
    const colon = line.indexOf(':')
    if (colon === 0) return null // A comment.
    const name = colon < 0 ? line : line.slice(0, colon)
    const from = line.charCodeAt(colon + 1) === space ? colon + 2 : colon + 1
    const value = colon < 0 ? '' : line.slice(from)
    if (name === 'event') this.#type = value
    else if (name === 'data') this.#data.push(value)
    else if (name === 'id' && !value.includes('\0')) this.#lastEventId = value
    return null
  }

  #dispatch(): StreamEvent | null {
    const [type, data] = [this.#type || 'message', this.#data]
    this.#type = ''
    this.#data = []
    this.#chars = 0
    return data.length === 0
      ? null
      : { type, data: data.join('\n'), lastEventId: this.#lastEventId }
  }
}
