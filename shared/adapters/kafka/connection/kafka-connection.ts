import { type Admin, Partitioners, type Producer } from 'kafkajs'
import { fraction } from '../../../kernel/entropy.ts'
import { isAuthError } from '../../../kernel/errors.ts'
import { withTimeout } from '../../../kernel/retry.ts'
import {
  disposeOf,
  type KafkaAccess,
  type KafkaClient,
  logUnavailable,
  newKafkaClient,
} from '../client/kafka-client.ts'
import { checkAllTopics, type TopicsFound } from '../topics/check-topics.ts'
import type { TopicPlan } from '../topics/topic-plan.ts'
import { ErrorReporter } from './error-reporter.ts'

/**
 * One connected life: an admin, and for writers a producer. It is thrown away whole when anything
 * about it fails.
 */
export type KafkaConnection = Readonly<{
  client: KafkaClient
  admin: Admin
  producer: Producer | null
  /** The topics as they were when the link was made. */
  topics: TopicsFound
}>

const connectPatienceMs = 8_000
const firstWaitMs = 50
const waitMsMax = 1_000

const openLink = async (access: KafkaAccess, plan: TopicPlan): Promise<KafkaConnection> => {
  const client = newKafkaClient(access, { retries: 3, initialRetryTime: 50, maxRetryTime: 300 })
  const admin = client.kafka.admin()
  const producer =
    plan.role === 'reader'
      ? null
      : client.kafka.producer({
          // Never idempotent: kafkajs then acknowledges what it did not write, once a response is
          // lost (measured).
          idempotent: false,
          allowAutoTopicCreation: false,
          createPartitioner: Partitioners.DefaultPartitioner,
        })
  const connecting = async (): Promise<KafkaConnection> => {
    await admin.connect()
    const topics = await checkAllTopics(admin, plan)
    await producer?.connect()
    return { client, admin, producer, topics }
  }
  try {
    const late = (): Error => logUnavailable(`connect to ${plan.bootstrap}`)
    return await withTimeout(access.clock, connectPatienceMs, connecting(), late)
  } catch (error) {
    void disposeOf(access.clock, client, producer ? [admin, producer] : [admin])
    throw plan.denials.failure(error, { what: `connect to ${plan.bootstrap}` })
  }
}

export type ConnectionKeeperParts = Readonly<{
  access: KafkaAccess
  plan: TopicPlan
  /** Told with each new link, before anything uses it. */
  onTopics: (topics: TopicsFound) => void
  onContact: (succeeded: boolean) => void
}>

/** Keeps one link, remade with backoff (at most 1 s) for as long as it takes. */
export class ConnectionKeeper {
  readonly #parts: ConnectionKeeperParts
  readonly #closing = new AbortController()
  readonly #running: Promise<void>
  readonly #troubles: ErrorReporter
  /** Settles with the first attempt: rejects when it failed. The attempts go on. */
  readonly firstAttempt: Promise<void>
  #connection: KafkaConnection | null = null
  #whyDown: unknown
  #wake: () => void = () => {}

  constructor(parts: ConnectionKeeperParts) {
    this.#parts = parts
    const { clock, logger } = parts.access
    this.#troubles = new ErrorReporter(clock, (error) => {
      logger.warn({ error }, 'the event log cannot be reached; trying on')
    })
    const first = this.#attempt()
    this.firstAttempt = first.then(() => {})
    // Awaited by whoever opens the log, if at all: its failure is met by the attempts.
    this.firstAttempt.catch(() => {})
    this.#running = this.#keep(first)
  }

  isUp(): boolean {
    return this.#connection !== null
  }

  /** The link in use. @throws AuthError LOG_UNAVAILABLE, at once, when there is none; LOG_DENIED */
  current(): KafkaConnection {
    if (this.#connection === null) {
      if (isAuthError(this.#whyDown, 'LOG_DENIED')) throw this.#whyDown
      throw logUnavailable('not connected', this.#whyDown)
    }
    return this.#connection
  }

  /** Throws `broken` away, if it still is the one in use; the next is made in the background. */
  discard(broken: KafkaConnection): void {
    if (this.#connection !== broken) return
    this.#connection = null
    void this.#dispose(broken)
    this.#wake()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    const last = this.#connection
    this.#connection = null
    this.#wake()
    if (last) await this.#dispose(last)
    // An attempt under way is bounded, and disposes of itself.
    const late = (): Error => logUnavailable('close')
    await withTimeout(this.#parts.access.clock, 2_000, this.#running, late).catch(() => {})
  }

  async #keep(first: Promise<KafkaConnection>): Promise<void> {
    const { clock, entropy } = this.#parts.access
    const { signal } = this.#closing
    let next = first
    for (let wait = firstWaitMs; !signal.aborted; next = this.#attempt()) {
      try {
        await this.#use(await next)
        wait = firstWaitMs
      } catch (error) {
        this.#whyDown = error
        if (!signal.aborted) this.#troubles.report(error as Error)
        this.#parts.onContact(false)
        await clock.sleep(wait / 2 + (wait / 2) * fraction(entropy), signal)
        wait = Math.min(wait * 2, waitMsMax)
      }
      if (signal.aborted) return
    }
  }

  async #attempt(): Promise<KafkaConnection> {
    const { access, plan } = this.#parts
    const opened = await openLink(access, plan)
    if (!this.#closing.signal.aborted) return opened
    await this.#dispose(opened)
    throw logUnavailable('closed')
  }

  /** Until the link is discarded. */
  async #use(opened: KafkaConnection): Promise<void> {
    if (this.#closing.signal.aborted) return this.#dispose(opened)
    this.#parts.onTopics(opened.topics)
    this.#connection = opened
    this.#troubles.recovered()
    this.#parts.onContact(true)
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
  }

  #dispose({ client, admin, producer }: KafkaConnection): Promise<void> {
    return disposeOf(this.#parts.access.clock, client, producer ? [admin, producer] : [admin])
  }
}
