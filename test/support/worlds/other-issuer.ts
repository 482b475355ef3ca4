import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'
import { createRing, publicJwk, type RingKey } from '../../../shared/tokens/key-rings/key-ring.ts'
import { es256 } from '../fakes/sample-tokens.ts'
import { seededEntropy } from '../fakes/seeded-entropy.ts'

const entropy = seededEntropy('another issuer')
const ring = createRing('access', { alg: 'ES256', entropy })
export const otherName = 'https://idp.example/'
export const otherAudience = 'shop'

/** As Azure and Auth0 show theirs: own key ids, and no `alg`. */
const shownAs = (kid: string, { key }: RingKey): object => ({ ...publicJwk(key), kid, use: 'sig' })

export const firstKid = 'keys/2026=1'
export const secondKid = 'keys/2026=2'
const [first, second] = ring.keys as [RingKey, RingKey]
export const firstSet = JSON.stringify({ keys: [shownAs(firstKid, first)] })
export const bothSets = JSON.stringify({
  keys: [shownAs(firstKid, first), shownAs(secondKid, second)],
})

/** A token of another issuer, which never heard of Curfew. */
export const otherToken = (
  nowMs: number,
  over: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
): string => {
  const iat = Math.floor(nowMs / 1000)
  const kid = header['kid'] ?? firstKid
  const payload = {
    iss: otherName,
    aud: [otherAudience, 'other'],
    sub: 'idp|42',
    azp: 'app',
    iat,
    exp: iat + 600,
    jti: `jti of ${iat}`,
    scope: 'read',
    ...over,
  }
  const key = kid === secondKid ? second.signer : first.signer
  return es256({ alg: 'ES256', typ: 'JWT', kid, x5t: 'abc', ...header }, payload, key)
}

export type KeyServer = Closable & Readonly<{ url: string; fetched: () => number }>

/** A key set over HTTP on loopback. */
export const keyServer = async (set: string): Promise<KeyServer> => {
  let fetched = 0
  const server = createServer((_, response) => {
    fetched += 1
    response.setHeader('content-type', 'application/json').end(set)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${port}/jwks`, fetched: () => fetched, close }
}
