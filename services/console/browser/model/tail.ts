import type { AuditEventBody } from '../../../gateway/answers.ts'
import { routeOf } from './address.ts'
import { type Failed, failureOf, leaveToSignIn, renew } from './ask.ts'
import { MessageParser, type StreamMessage } from './message-parser.ts'
import type { Query } from './query.ts'

export type TailState =
  | Readonly<{ kind: 'connecting' }>
  | Readonly<{ kind: 'live' }>
  | Readonly<{ kind: 'refused'; failure: Failed }>

type Listening = Readonly<{
  query: Query
  onEvents: (events: readonly AuditEventBody[]) => void
  onState: (state: TailState) => void
}>

const againMs = 1_000
const againMaxMs = 15_000
/** The gateway says something every 5 s. */
const silentMs = 20_000

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })

/**
 * Follows the events of a filter until `close`. After a break it goes on behind the last id, so
 * nothing is missed; it comes again later and later while the gateway is away.
 */
export class Tail {
  readonly #listening: Listening
  readonly #closed = new AbortController()
  #lastId = ''
  #waitMs = againMs

  constructor(listening: Listening) {
    this.#listening = listening
    void this.#run()
  }

  close(): void {
    this.#closed.abort()
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed
    while (!signal.aborted) {
      this.#listening.onState({ kind: 'connecting' })
      const failure = await this.#follow().catch(() => null)
      if (signal.aborted) return
      if (failure?.status === 401 && !(await renew())) return leaveToSignIn()
      const isFinal = failure && failure.status >= 400 && failure.status < 500
      if (isFinal && ![401, 429].includes(failure.status)) {
        return this.#listening.onState({ kind: 'refused', failure })
      }
      await pause(this.#waitMs, signal)
      this.#waitMs = Math.min(this.#waitMs * 2, againMaxMs)
    }
  }

  async #follow(): Promise<Failed | null> {
    const { query } = this.#listening
    const silence = new AbortController()
    const signal = AbortSignal.any([this.#closed.signal, silence.signal])
    const headers = this.#lastId === '' ? {} : { 'last-event-id': this.#lastId }
    const answer = await fetch(routeOf('/audit/tail', query), { headers, signal })
    if (!answer.ok || !answer.body) return failureOf(answer)
    this.#listening.onState({ kind: 'live' })
    this.#waitMs = againMs
    let timer = setTimeout(() => silence.abort(), silentMs)
    const parser = new MessageParser((message) => this.#take(message))
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { done, value } = await reader.read()
      clearTimeout(timer)
      if (done) return null
      timer = setTimeout(() => silence.abort(), silentMs)
      parser.feed(value)
    }
  }

  #take({ type, data, id }: StreamMessage): void {
    if (id !== null) this.#lastId = id
    if (type !== 'events') return
    const { events } = JSON.parse(data) as { events: readonly AuditEventBody[] }
    this.#listening.onEvents(events)
  }
}
