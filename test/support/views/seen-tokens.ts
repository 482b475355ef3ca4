import type { Rooms } from '../../../services/gateway/rooms.ts'
import { absorb, type Jar, newJar, tokenIn } from '../processes/browser.ts'
import type { Answer } from '../requests/http-send.ts'

export type SeenToken = Readonly<{ jti: string; iat: number; exp: number }>
export type SeenPair = Readonly<{ access: SeenToken; refresh: SeenToken & { ver: number } }>

/**
 * Both tokens of a jar, verified as the gateway verifies them; `null` when one is absent or not
 * good.
 */
export const pairIn = (
  { tokens: { issuer }, context: { storeClock } }: Rooms,
  jar: Jar,
): SeenPair | null => {
  const now = storeClock.now()
  const access = issuer.verifyBearer(tokenIn(jar, 'access') ?? '', now)
  const refresh = issuer.verifyRefresh(tokenIn(jar, 'refresh') ?? '', now)
  if (!access.ok || !refresh.ok) return null
  const { jti, iat, exp, ver } = refresh.claims
  const { claims } = access
  return {
    access: { jti: claims.jti, iat: claims.iat, exp: claims.exp },
    refresh: { jti, iat, exp, ver },
  }
}

/** What an answer set, by itself. */
export const jarOfAnswer = ({ setCookie }: Answer): Jar => {
  const jar = newJar()
  absorb(jar, setCookie)
  return jar
}

export const sidIn = ({ tokens: { issuer }, context: { storeClock } }: Rooms, jar: Jar): string => {
  const read = issuer.verifyRefresh(tokenIn(jar, 'refresh') ?? '', storeClock.now())
  if (!read.ok) throw new Error(`the jar holds no good refresh token: ${read.problem}`)
  return read.claims.sid
}
