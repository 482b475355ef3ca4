import type { Clock } from '../clock.ts'
import { AuthError, type AuthErrorCode } from '../errors.ts'

export type Fetch = typeof globalThis.fetch

type Answered = Readonly<{
  status: number
  headers: Readonly<{ get(name: string): string | null }>
  body: AsyncIterable<Uint8Array> | null
}>
/** What is used of `fetch` here: one that loads less may stand in for Node's. */
export type FetchOnce = (url: URL, init: RequestInit) => Promise<Answered>
export type BoundedRequest = Readonly<{
  fetch: FetchOnce
  clock: Clock
  url: URL
  init: RequestInit
  timeoutMs: number
  bytesMax: number
  /** What a failure is called. */
  code: AuthErrorCode
}>
export type BoundedAnswer = Readonly<{ status: number; contentType: string; text: string }>

const failure =
  ({ url, code }: BoundedRequest) =>
  (problem: string, cause?: unknown): AuthError =>
    new AuthError(code, `${url.origin}${url.pathname} ${problem}`, { cause })

const readBody = async (response: Answered, bytesMax: number): Promise<string | null> => {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > bytesMax) return null // Leaving the loop cancels the rest.
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/**
 * One request that cannot hang, grow or wander: the time covers the body, the body is bounded, a
 * redirect (to an address that nobody configured) fails. @throws AuthError of the given code.
 */
export const boundedFetch = async (wanted: BoundedRequest): Promise<BoundedAnswer> => {
  const { fetch, clock, url, init, timeoutMs, bytesMax } = wanted
  const failed = failure(wanted)
  const request = new AbortController()
  const timer = new AbortController()
  const answer = async (): Promise<BoundedAnswer> => {
    const response = await fetch(url, { ...init, redirect: 'error', signal: request.signal })
    const text = await readBody(response, bytesMax)
    if (text === null) throw failed(`answered more than ${bytesMax} bytes`)
    return {
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      text,
    }
  }
  const late = clock.sleep(timeoutMs, timer.signal).then((): never => {
    throw failed(`did not answer within ${timeoutMs} ms`)
  })
  try {
    return await Promise.race([answer(), late])
  } catch (error) {
    throw error instanceof AuthError ? error : failed('did not answer', error)
  } finally {
    timer.abort()
    request.abort()
  }
}
