import { type LookupAddress, lookup } from 'node:dns'
import { type IncomingMessage, request as plain, type RequestOptions } from 'node:http'
import { request as secure } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { Clock } from '../../../../shared/kernel/clock.ts'
import { withTimeout } from '../../../../shared/kernel/retry.ts'
import type { Receiver } from '../../../../shared/ports/receivers.ts'
import type { SetKeyRing } from '../../../../shared/tokens/key-rings/index.ts'
import { isPublicAddress, urlProblem } from '../streams/public-address.ts'
import type { Message } from '../streams/receiver-messages.ts'
import type { TransmitterDeps } from '../transmitter-deps.ts'

const timeoutMs = 5_000
const bodyBytesMax = 16 * 1024

type OutgoingRequest = Readonly<{
  url: string
  headers: Readonly<Record<string, string>>
  body: string
}>
type ReceiverAnswer = Readonly<{ status: number; body: string }>

/**
 * A DNS lookup that fails unless every address is public. It is the lookup of the connection
 * itself: between a check and a second lookup the name could change (DNS rebinding).
 */
const publicLookup: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, found: LookupAddress[]) => {
    const [first] = found ?? []
    if (error || !first) return callback(error ?? new Error(`${host} has no address`), '')
    if (!found.every(({ address }) => isPublicAddress(address))) {
      return callback(new Error(`${host} has a private address`), '')
    }
    if (options.all) callback(null, found)
    else callback(null, first.address, first.family)
  })
}

const readBounded = async (response: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    // The rest is not needed; leaving the loop closes the connection.
    if (size > bodyBytesMax) break
  }
  return Buffer.concat(chunks).subarray(0, bodyBytesMax).toString('utf8')
}

const send = (
  { url, headers, body }: OutgoingRequest,
  options: RequestOptions,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const start = url.startsWith('https:') ? secure : plain
    const request = start(url, { ...options, method: 'POST', agent: false })
    request.setHeader('Content-Length', Buffer.byteLength(body))
    for (const [name, value] of Object.entries(headers)) request.setHeader(name, value)
    request.on('response', resolve)
    request.on('error', reject)
    request.end(body)
  })

/**
 * One POST to an address that a receiver chose: at most 5 s in all, a bounded answer, no redirect
 * followed, and no private address unless allowed. Rejects with an Error without body and headers.
 */
const postToReceiver = async (
  outgoing: OutgoingRequest,
  {
    clock,
    allowPrivate,
    signal,
  }: Readonly<{
    clock: Clock
    allowPrivate: boolean
    signal: AbortSignal
  }>,
): Promise<ReceiverAnswer> => {
  // The setting may have become stricter since the receiver registered.
  const problem = urlProblem(outgoing.url, allowPrivate)
  if (problem !== null) throw new Error(`the receiver's address ${problem}`)
  const aborting = new AbortController()
  const stop = (): void => aborting.abort()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) aborting.abort()
  const answer = async (): Promise<ReceiverAnswer> => {
    const lookedUp = allowPrivate ? {} : { lookup: publicLookup }
    const response = await send(outgoing, { ...lookedUp, signal: aborting.signal })
    return { status: response.statusCode ?? 0, body: await readBounded(response) }
  }
  try {
    return await withTimeout(clock, timeoutMs, answer(), () => new Error('no answer within 5 s'))
  } finally {
    signal.removeEventListener('abort', stop)
    aborting.abort()
  }
}

/** `refused`: the receiver got the SET and rejects it. `failed`: to be sent again. */
type Outcome = Readonly<{
  outcome: 'delivered' | 'refused' | 'failed'
  detail: string
}>

const requestFor = ({ kind, config }: Receiver, token: string): OutgoingRequest => {
  const url = config.url ?? ''
  if (kind === 'backchannel') {
    const body = new URLSearchParams({ logout_token: token }).toString()
    return { url, body, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }
  }
  // RFC 8935, 2.1.
  const headers = { 'Content-Type': 'application/secevent+jwt', Accept: 'application/json' }
  const { authorization } = config
  return {
    url,
    body: token,
    headers: authorization === null ? headers : { ...headers, Authorization: authorization },
  }
}

/** The member `err` (RFC 8935, 2.4), one of a few words; anything longer or odd is not logged. */
const errIn = (body: string): string => {
  try {
    const err: unknown = (JSON.parse(body) as { err?: unknown } | null)?.err
    return typeof err === 'string' && /^[A-Za-z_]{1,40}$/.test(err) ? err : 'no err'
  } catch {
    return 'no err'
  }
}

const outcomeOf = ({ status, body }: ReceiverAnswer): Outcome => {
  if (status >= 200 && status < 300) return { outcome: 'delivered', detail: '' }
  // Any other status may have a cause that the receiver can mend: a wrong path, an old credential.
  if (status !== 400) return { outcome: 'failed', detail: `answered ${status}` }
  return { outcome: 'refused', detail: errIn(body) }
}

/** Signs the message and posts it once. Never rejects. */
export const deliverSet = async (
  deps: TransmitterDeps,
  receiver: Receiver,
  { message, ring, signal }: Readonly<{ message: Message; ring: SetKeyRing; signal: AbortSignal }>,
): Promise<Outcome> => {
  const { storeClock, meter } = deps
  const token = message.mint(ring, storeClock.now())
  const outcome = await postToReceiver(requestFor(receiver, token), { ...deps, signal }).then(
    outcomeOf,
    (error: Error): Outcome => ({ outcome: 'failed', detail: error.message }),
  )
  if (!signal.aborted) {
    meter?.count('curfew_set_deliveries_total', { kind: receiver.kind, outcome: outcome.outcome })
  }
  return outcome
}
