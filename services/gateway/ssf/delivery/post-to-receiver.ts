import { type LookupAddress, lookup } from 'node:dns'
import { type IncomingMessage, request as plain, type RequestOptions } from 'node:http'
import { request as secure } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { Clock } from '../../../../shared/kernel/clock.ts'
import { withTimeout } from '../../../../shared/kernel/retry.ts'
import { isPublicAddress, urlProblem } from '../streams/public-address.ts'

const timeoutMs = 5_000
const bodyBytesMax = 16 * 1024

export type Outgoing = Readonly<{
  url: string
  headers: Readonly<Record<string, string>>
  body: string
}>
export type Posted = Readonly<{ status: number; body: string }>

/**
 * The addresses that are judged are those that are called: between a check and a second look-up a
 * name could change (DNS rebinding).
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

const readSome = async (response: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    // The status says enough; leaving the loop ends the connection.
    if (size > bodyBytesMax) break
  }
  return Buffer.concat(chunks).subarray(0, bodyBytesMax).toString('utf8')
}

const send = (
  { url, headers, body }: Outgoing,
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
 * One POST to an address that a receiver chose: 5 s for all of it, a bounded answer, no redirect
 * followed, no private address unless allowed. Rejects with an Error that holds no body and no
 * header.
 */
export const postOut = async (
  outgoing: Outgoing,
  {
    clock,
    allowPrivate,
    signal,
  }: Readonly<{
    clock: Clock
    allowPrivate: boolean
    signal: AbortSignal
  }>,
): Promise<Posted> => {
  // Settings may have become stricter since it registered.
  const problem = urlProblem(outgoing.url, allowPrivate)
  if (problem !== null) throw new Error(`the receiver's address ${problem}`)
  const own = new AbortController()
  const stop = (): void => own.abort()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) own.abort()
  const answer = async (): Promise<Posted> => {
    const lookedUp = allowPrivate ? {} : { lookup: publicLookup }
    const response = await send(outgoing, { ...lookedUp, signal: own.signal })
    return { status: response.statusCode ?? 0, body: await readSome(response) }
  }
  try {
    return await withTimeout(clock, timeoutMs, answer(), () => new Error('no answer within 5 s'))
  } finally {
    signal.removeEventListener('abort', stop)
    own.abort()
  }
}
