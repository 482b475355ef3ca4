import { type LookupAddress, lookup } from 'node:dns'
import { type IncomingMessage, request as plain, type RequestOptions } from 'node:http'
import { request as secure } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { Clock } from '../../../../shared/kernel/clock.ts'
import { withTimeout } from '../../../../shared/kernel/retry.ts'
import { isPublicAddress, urlProblem } from '../streams/public-address.ts'

const timeoutMs = 5_000
const bodyBytesMax = 16 * 1024

export type OutgoingRequest = Readonly<{
  url: string
  headers: Readonly<Record<string, string>>
  body: string
}>
export type ReceiverAnswer = Readonly<{ status: number; body: string }>

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
export const postToReceiver = async (
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
