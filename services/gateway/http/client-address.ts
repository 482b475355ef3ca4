import type { Context } from 'koa'
import { canonicalAddress } from '../../../shared/kernel/addresses/ip-address.ts'

/** From its end: what stands before is the client's own, and as long as it likes. */
const readMax = 2_048

/**
 * Whose request this is, in the one spelling that limits, sessions, events and logs use.
 * `X-Forwarded-For` counts only behind `hops` proxies of one's own, and then the entry that the
 * outermost of them wrote: what stands left of it is the client's claim. Where that entry is no
 * address, it is the proxy's.
 */
export const clientAddress = (ctx: Context, hops: number): string | null => {
  const remote = ctx.req.socket.remoteAddress
  const peer = remote === undefined ? null : canonicalAddress(remote)
  if (hops === 0) return peer
  const chain = ctx.get('x-forwarded-for').slice(-readMax).split(',')
  return canonicalAddress(chain.at(-hops) ?? '') ?? peer
}
