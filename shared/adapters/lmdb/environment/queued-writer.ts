import { AuthError } from '../../../kernel/errors.ts'
import type { Writer, WriterState } from './writer.ts'
import { receivedError, type WriteAnswer, type WriteRequest } from './writer-messages.ts'

/** The way to who writes: a thread of this process, or one of another. */
export type WriterLink = Readonly<{
  send: (requests: readonly WriteRequest[]) => void
  /** How many of so many messages are not dealt with yet, where that shows before answers come. */
  open?: (sent: number) => number
  /** Whether the link keeps the process alive: what waits does, and the link alone does not. */
  keepAlive: (isKept: boolean) => void
  /** Sends what was asked for before, and resolves once the link is over. */
  close: () => Promise<void>
}>

type Waiting = Readonly<{ resolve: (value: unknown) => void; reject: (error: Error) => void }>

/**
 * One message is what the other side commits, the other what it finds when it has: more would only
 * make smaller transactions.
 */
const messagesMax = 2
/** As many as share a transaction at most. */
const requestsPerMessageMax = 256

/**
 * Asks somebody else to write. Who has nothing to do is asked at once; what is asked for while that
 * one has enough to do travels in one message and shares a transaction. When the link ends by
 * itself, the fate of what waited is unknown, and nothing is written any more until this process
 * starts anew.
 */
export class QueuedWriter implements Writer {
  readonly #path: string
  readonly #link: WriterLink
  readonly #waiting = new Map<number, Waiting>()
  readonly #requests: WriteRequest[] = []
  /** Ids that end the messages on their way, oldest first. */
  readonly #sentUpTo: number[] = []
  /** Messages so far. */
  #sent = 0
  #isSending = false
  #nextId = 0
  #state: WriterState = 'good'
  #isClosing = false

  constructor(path: string, link: WriterLink) {
    this.#path = path
    this.#link = link
    link.keepAlive(false)
  }

  get state(): WriterState {
    return this.#state
  }

  run(name: string, operation: string, given: readonly unknown[]): Promise<unknown> {
    if (this.#state === 'broken') return Promise.reject(this.#unknownFate())
    return new Promise((resolve, reject) => {
      const id = this.#nextId
      this.#nextId += 1
      if (this.#waiting.size === 0) this.#link.keepAlive(true)
      this.#waiting.set(id, { resolve, reject })
      this.#requests.push([id, name, operation, given])
      // One turn of a busy event loop can take longer than a transaction: asked only at its end,
      // the other side would wait for this one and then this one for the other.
      if (this.#openMessages() === 0) this.#post()
      else this.#sendSoon()
    })
  }

  async close(): Promise<void> {
    this.#isClosing = true
    this.#link.keepAlive(true)
    while (this.#requests.length > 0) this.#post()
    await this.#link.close()
  }

  /** What the other side said. */
  hear(answers: readonly WriteAnswer[], state: WriterState): void {
    this.#state = state
    for (const answer of answers) this.#settle(answer)
    this.#forgetAnswered()
    if (this.#requests.length > 0) this.#sendSoon()
    if (this.#waiting.size === 0 && !this.#isClosing) this.#link.keepAlive(false)
  }

  /** The link is over. */
  end(): void {
    this.#state = 'broken'
    for (const { reject } of this.#waiting.values()) reject(this.#unknownFate())
    this.#waiting.clear()
  }

  /** At the end of this turn of the event loop, with what else is asked for in it. */
  #sendSoon(): void {
    if (this.#isSending || this.#openMessages() >= messagesMax) return
    this.#isSending = true
    setImmediate(() => {
      this.#isSending = false
      this.#post()
      if (this.#requests.length > 0) this.#sendSoon()
    })
  }

  #openMessages(): number {
    return this.#link.open?.(this.#sent) ?? this.#sentUpTo.length
  }

  #post(): void {
    if (this.#requests.length === 0) return
    const requests = this.#requests.splice(0, requestsPerMessageMax)
    this.#sentUpTo.push(requests.at(-1)?.[0] ?? 0)
    this.#link.send(requests)
    this.#sent += 1
  }

  #settle([id, value, error]: WriteAnswer): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error === null) waiting?.resolve(value)
    else waiting?.reject(receivedError(error))
  }

  /** Whatever the order of the answers, a message is over when all up to its last id have come. */
  #forgetAnswered(): void {
    const [oldest = Number.POSITIVE_INFINITY] = this.#waiting.keys()
    while ((this.#sentUpTo[0] ?? Number.POSITIVE_INFINITY) < oldest) this.#sentUpTo.shift()
  }

  #unknownFate(): AuthError {
    const text = `what writes to ${this.#path} ended; restart this process`
    return new AuthError('STORE_UNAVAILABLE', text)
  }
}
