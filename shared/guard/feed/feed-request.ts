import type { Clock } from '../../kernel/clock.ts'
import type { Entropy } from '../../kernel/entropy.ts'
import { AuthError } from '../../kernel/errors.ts'
import { basicCredentials, clientRefusal, type Fetch } from '../http-client/index.ts'

export type SseFeedOptions = Readonly<{
  /** `GET /feed` of a projector; https unless it is this machine, since nothing carries a MAC. */
  url: URL
  /** One of the server's service clients with the permission `feed`. */
  clientId: string
  secret: string
  /** Allows http to another machine, where something else protects the way. Default `false`. */
  insecure?: boolean
  clock?: Clock
  entropy?: Entropy
  fetch?: Fetch
}>

export const feedTrouble = (what: string, cause?: unknown): AuthError =>
  new AuthError('LOG_UNAVAILABLE', `the feed ${what}`, { cause })

/**
 * The body of the feed's answer.
 * @throws AuthError CONFIG_INVALID for refused credentials, LOG_UNAVAILABLE for any other answer
 */
export const requestFeed = async (
  { fetch, url, clientId, secret }: Required<SseFeedOptions>,
  more: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> => {
  const authorization = `Basic ${basicCredentials(clientId, secret)}`
  const headers = { accept: 'text/event-stream', authorization, ...more }
  const response = await fetch(url, { headers, redirect: 'error', signal })
  const type = response.headers.get('content-type') ?? ''
  if (response.status !== 200 || !/^text\/event-stream(?:;|$)/i.test(type) || !response.body) {
    await response.body?.cancel()
    const { status } = response
    const refused = clientRefusal(url, { client: clientId, status, permission: 'feed' })
    if (refused !== null) throw new AuthError('CONFIG_INVALID', `the feed ${refused}`)
    const fix = 'is `feed` the address of GET /feed of a projector?'
    throw feedTrouble(`${url.origin}${url.pathname} answered ${`${status} ${type}`.trim()}: ${fix}`)
  }
  return response.body
}
