import { createHmac, type KeyObject, sign } from 'node:crypto'
import type { ClientId, EpochMs, EpochSeconds } from '../../../shared/kernel/ids.ts'
import type { AccessClaims, RefreshClaims, SlidingClaims } from '../../../shared/tokens/claims.ts'
import { createRing } from '../../../shared/tokens/key-rings/key-ring.ts'
import { refreshTokens, verifyRefresh } from '../../../shared/tokens/verification/verify-refresh.ts'
import { bearerTokens, verifyAccess } from '../../../shared/tokens/verification/verify-token.ts'
import { aJti, aSid, aSub } from './builders.ts'
import { seededEntropy } from './seeded-entropy.ts'

/** The instant at which fake clocks start. */
export const instant = 1_800_000_000_000 as EpochMs
const seconds = (instant / 1000) as EpochSeconds
export const issuer = 'https://auth.example'
export const audience = 'https://orders.example'

const entropy = seededEntropy('sample tokens')
export const accessRing = createRing('access', { alg: 'ES256', entropy })
export const refreshRing = createRing('refresh', { alg: 'HS256', entropy })

const shared = () => ({
  iss: issuer,
  sub: aSub(),
  client_id: 'web' as ClientId,
  sid: aSid(),
  jti: aJti(),
  iat: seconds,
  auth_time: seconds,
  sst: instant,
  epoch: { sub: 3, client: -1, all: 0 },
  roles: ['editor'],
})

export const accessClaims = (over: object = {}): AccessClaims =>
  ({
    ...shared(),
    aud: audience,
    exp: (seconds + 900) as EpochSeconds,
    token_type: 'access',
    user_id: '1',
    ...over,
  }) as AccessClaims

export const refreshClaims = (over: object = {}): RefreshClaims =>
  ({
    ...shared(),
    ver: 0,
    exp: (seconds + 259_200) as EpochSeconds,
    token_type: 'refresh',
    user_id: '1',
    ...over,
  }) as RefreshClaims

export const slidingClaims = (over: object = {}): SlidingClaims =>
  ({
    ...shared(),
    aud: audience,
    exp: (seconds + 300) as EpochSeconds,
    refresh_exp: (seconds + 86_400) as EpochSeconds,
    token_type: 'sliding',
    user_id: '1',
    ...over,
  }) as SlidingClaims

export const encoded = (part: string | Buffer | object): string =>
  (typeof part === 'string' || Buffer.isBuffer(part)
    ? Buffer.from(part)
    : Buffer.from(JSON.stringify(part))
  ).toString('base64url')

/**
 * A compact JWS of any bytes, truly signed with ES256: what a careless or hostile key holder could
 * make.
 */
export const es256 = (
  header: string | Buffer | object,
  payload: string | Buffer | object,
  key: KeyObject = accessRing.active.signer,
): string => {
  const input = `${encoded(header)}.${encoded(payload)}`
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

export const hs256 = (header: object, payload: object, secret: string | Buffer): string => {
  const input = `${encoded(header)}.${encoded(payload)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

export const accessHeader = (over: object = {}): object => ({
  alg: 'ES256',
  typ: 'at+jwt',
  kid: accessRing.active.kid,
  ...over,
})

const both = { issuer, audience, now: instant, leewayMs: 0 }
type Over = Partial<Parameters<typeof verifyAccess>[1]>
/** `ok`, or the problem. */
export const judgedAccess = (token: unknown, over: Over = {}): string => {
  const result = verifyAccess(token, {
    ...both,
    keys: accessRing,
    other: refreshTokens(refreshRing),
    ...over,
  })
  return result.ok ? 'ok' : result.problem
}
export const judgedRefresh = (token: unknown, over: Over = {}): string => {
  const result = verifyRefresh(token, {
    ...both,
    keys: refreshRing,
    other: bearerTokens(accessRing),
    ...over,
  })
  return result.ok ? 'ok' : result.problem
}
