import {
  Agent,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as requestByHttp,
  type ServerResponse,
} from 'node:http'
import { request as requestByHttps, Agent as SecureAgent } from 'node:https'
import { urlToHttpOptions } from 'node:url'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { onResponseOver } from '../../../shared/kernel/http/response-end.ts'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'
import { answerHeaders, requestHeaders } from './passed-headers.ts'
import { readSmallBody } from './read-small-body.ts'

/** Of a tail that has nothing to tell, the gateway says so every 5 s. */
const silenceMaxMs = 30_000

type Asked = Readonly<{
  method: string
  /** With the query, below no base path: as the browser wrote it. */
  path: string
  headers: OutgoingHttpHeaders
  body: Buffer
  /** Whom it is for: the gateway is not asked any further once nobody is there. */
  answer: ServerResponse
}>

const safe = new Set(['GET', 'HEAD'])
const unknownDeed = 'Whether it did what was asked is not known: look before you ask again.'

const unreached = (method: string, cause: unknown): AuthError =>
  new AuthError(
    'GATEWAY_UNREACHED',
    `The gateway does not answer. ${safe.has(method) ? 'Try again in a moment.' : unknownDeed}`,
    { cause },
  )

const late = (method: string): AuthError =>
  new AuthError(
    'GATEWAY_TIMEOUT',
    `The gateway was silent for too long. ${safe.has(method) ? 'Try again.' : unknownDeed}`,
  )

type Options = Readonly<{ gateway: URL; silenceMs?: number }>

/** The way to one gateway: a request goes there as it came, and the answer comes back as it is. */
export class GatewayDoor implements Closable {
  readonly #gateway: URL
  readonly #silenceMs: number
  readonly #agent: Agent
  /** Streams that do not end by themselves. */
  readonly #streams = new Map<ServerResponse, IncomingMessage>()

  constructor({ gateway, silenceMs = silenceMaxMs }: Options) {
    this.#gateway = gateway
    this.#silenceMs = silenceMs
    const kept = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY }
    this.#agent = gateway.protocol === 'https:' ? new SecureAgent(kept) : new Agent(kept)
  }

  /** Asks in the name of the browser that sent `request`. @throws as `open` does */
  async ask(path: string, request: IncomingMessage, answer: ServerResponse) {
    // It is read here, as it comes.
    const { 'accept-encoding': _, ...given } = requestHeaders(request)
    const headers = { ...given, accept: 'application/json' }
    const asked = { method: 'GET', path, headers, body: Buffer.alloc(0), answer }
    return this.#open(asked)
  }

  /**
   * Passes the request on, and the answer back.
   * @throws AuthError GATEWAY_UNREACHED, GATEWAY_TIMEOUT, BODY_TOO_LARGE, BODY_ABORTED, before
   *   anything was answered; an answer that breaks off is broken off here too.
   */
  async pass(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/' } = request
    const body = await readSmallBody(request)
    const headers = requestHeaders(request)
    const given = await this.#open({ method, path, headers, body, answer })
    answer.statusCode = given.statusCode ?? 502
    for (const [name, values] of answerHeaders(given, this.#gateway)) {
      answer.setHeader(name, values.length === 1 ? (values[0] ?? '') : values)
    }
    this.#relay(given, answer)
  }

  /**
   * Ends the streams that are open; their pages go on elsewhere, behind the last event. Requests
   * that are on their way are answered as long as the server waits for them.
   */
  async close(): Promise<void> {
    for (const [answer, given] of this.#streams) {
      given.unpipe(answer)
      answer.end()
      given.destroy()
    }
    for (const idle of Object.values(this.#agent.freeSockets).flat()) idle?.destroy()
  }

  #open({ method, path, headers, body, answer }: Asked): Promise<IncomingMessage> {
    const { protocol, hostname, port } = urlToHttpOptions(this.#gateway)
    const isSecure = protocol === 'https:'
    const length = body.length === 0 && safe.has(method) ? {} : { 'content-length': body.length }
    return new Promise((resolve, reject) => {
      const sent = (isSecure ? requestByHttps : requestByHttp)({
        ...{ protocol, hostname, port, method, path, agent: this.#agent },
        headers: { ...headers, ...length },
        timeout: this.#silenceMs,
      })
      sent.on('timeout', () => sent.destroy(late(method)))
      sent.on('error', (error) =>
        reject(error instanceof AuthError ? error : unreached(method, error)),
      )
      sent.on('response', resolve)
      onResponseOver(answer, () => sent.destroy())
      sent.end(body)
    })
  }

  /** As fast as the browser takes it. */
  #relay(given: IncomingMessage, answer: ServerResponse): void {
    const isStream = /^text\/event-stream\b/.test(given.headers['content-type'] ?? '')
    if (isStream) this.#streams.set(answer, given)
    given.once('close', () => {
      this.#streams.delete(answer)
      // Its end was not seen: the browser must not take it for one.
      if (!given.complete && !answer.writableEnded) answer.destroy()
    })
    given.on('error', () => {})
    answer.flushHeaders()
    given.pipe(answer)
  }
}
