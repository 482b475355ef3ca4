import type { Context } from 'koa'
import { canonicalAddress } from '../../../shared/kernel/addresses/ip-address.ts'

/** Read from the end: what is left of that was written by the client, and may be long. */
const headerCharsMax = 2_048

/**
 * The client's address, in the canonical form that limits, sessions, events and logs use. Without
 * own proxies it is that of the connection. Behind `hops` own proxies it is the entry of
 * `X-Forwarded-For` that the outermost of them wrote; entries left of it are the client's claim. If
 * that entry is no address, it is that of the connection.
 */
export const clientAddress = (ctx: Context, hops: number): string | null => {
  const remote = ctx.req.socket.remoteAddress
  const peer = remote === undefined ? null : canonicalAddress(remote)
  if (hops === 0) return peer
  const chain = ctx.get('x-forwarded-for').slice(-headerCharsMax).split(',')
  return canonicalAddress(chain.at(-hops) ?? '') ?? peer
}
