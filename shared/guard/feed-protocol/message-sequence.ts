import type { RevocationItem } from '../../events/revocation-record.ts'
import { decodeFeedEvent, type FeedEvent } from './feed-messages.ts'

export type ParsedMessage =
  | Readonly<{ ok: true; event: FeedEvent }>
  /** What is not understood may have told a revocation; what is missing too. */
  | Readonly<{ ok: false; problem: string }>

const problem = (what: string): ParsedMessage => ({ ok: false, problem: what })

const helloPatienceMs = 10_000
const missedBeatsMax = 3

/** The newest record about a key says nothing about older ones of other keys. */
const withoutPlace = (item: RevocationItem): RevocationItem =>
  item.kind === 'revocation' ? { ...item, offset: -1 } : item

/** Parses the messages of one connection, and checks that none is missing or out of order. */
export class FeedMessageSequence {
  #seq = 0
  #greeted = false
  /** What comes is in force, in no order: it says nothing about what lies before it. */
  #inSnapshot = false
  #silenceMs = helloPatienceMs

  /** How long nothing may come before the connection is taken for dead. */
  get silenceMs(): number {
    return this.#silenceMs
  }

  parse(type: string, data: string): ParsedMessage {
    const decoded = decodeFeedEvent(type, data)
    if (!decoded) return problem(`sent an event that is not understood: ${type.slice(0, 64)}`)
    const { seq, event } = decoded
    if (seq !== this.#seq) return problem(`left out events: ${seq} came instead of ${this.#seq}`)
    if (this.#greeted === (event.type === 'hello')) return problem('lost its order')
    this.#seq += 1
    return { ok: true, event: this.#placed(event) }
  }

  #placed(event: FeedEvent): FeedEvent {
    switch (event.type) {
      case 'hello':
        this.#greeted = true
        this.#silenceMs = event.heartbeatMs * missedBeatsMax
        return event
      case 'reset':
        this.#inSnapshot = true
        return event
      case 'caught_up':
        this.#inSnapshot = false
        return event
      case 'items':
        return this.#inSnapshot ? { ...event, items: event.items.map(withoutPlace) } : event
      case 'resume':
      case 'image':
      case 'beat':
        return event
    }
  }
}
