import { inflateSync } from 'node:zlib'
import jwt from 'jsonwebtoken'
import type { AccessKeys } from '../../../shared/tokens/key-rings/key-ring.ts'

/** What a service reads in its copy of a list. */
export type ReadList = Readonly<{
  statuses: Uint8Array
  bits: number
  sub: string
  iat: number
  exp: number
  ttl: number
  aggregation: string
}>

export const decodedStatuses = (lst: string): Uint8Array =>
  inflateSync(Buffer.from(lst, 'base64url'), { maxOutputLength: 1 << 20 })

/** Draft 20, 4.1 and 8.3: the status at `idx`. @throws RangeError for one outside of the list. */
export const statusAt = (statuses: Uint8Array, bits: number, idx: number): number => {
  const each = 8 / bits
  const byte = statuses[Math.floor(idx / each)]
  if (byte === undefined || idx < 0) throw new RangeError(`${idx} is not in the list`)
  return (byte >> ((idx % each) * bits)) & ((1 << bits) - 1)
}

/** Checks what a service checks of a list before it looks into it (draft 20, 8.3). */
export const readStatusList = (token: string, keys: AccessKeys, uri: string): ReadList => {
  const head = jwt.decode(token, { complete: true })?.header
  const key = keys.keys.find(({ kid }) => kid === head?.kid)
  if (!key || head?.typ !== 'statuslist+jwt') throw new Error('no status list of this issuer')
  // Its times are told by the clock of the test's world, which may be no real one.
  const options = { algorithms: [key.alg], ignoreExpiration: true }
  const claims = jwt.verify(token, key.key, options) as Record<string, unknown>
  if (claims['sub'] !== uri) throw new Error(`the list at ${uri} says ${claims['sub']}`)
  const list = claims['status_list'] as { bits: number; lst: string; aggregation_uri: string }
  const { sub, iat, exp, ttl } = claims as Record<'iat' | 'exp' | 'ttl', number> & { sub: string }
  const { bits, lst, aggregation_uri: aggregation } = list
  return { statuses: decodedStatuses(lst), bits, sub, iat, exp, ttl, aggregation }
}

/** The place that a token says it has; `null` for one that is in no list. */
export const placeOf = (token: string): Readonly<{ idx: number; uri: string }> | null => {
  const claims = jwt.decode(token) as {
    status?: { status_list?: { idx: number; uri: string } }
  } | null
  return claims?.status?.status_list ?? null
}
