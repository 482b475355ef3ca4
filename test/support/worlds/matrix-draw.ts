import { systemClock } from '../../../shared/kernel/clock.ts'
import type { AccessClaims, RefreshClaims, SlidingClaims } from '../../../shared/tokens/claims.ts'
import { createRing } from '../../../shared/tokens/key-rings/key-ring.ts'
import { signAccess, signRefresh, signSliding } from '../../../shared/tokens/signing/sign-token.ts'
import type { Dice } from '../fakes/dice.ts'
import { es256 } from '../fakes/sample-tokens.ts'
import { seededEntropy } from '../fakes/seeded-entropy.ts'
import { payloadOf } from '../requests/visitor.ts'
import { type Shown, showToken } from '../views/shown-tokens.ts'
import type { World } from './gateway-world.ts'
import type { MatrixSessions, Session } from './matrix-sessions.ts'

export const tokenKinds = [
  'bearer',
  'current refresh',
  'rotated refresh',
  'expired bearer',
  'expired refresh',
  'cut signature',
  'signed by another key',
  'for another audience',
  'of another issuer',
] as const
export type TokenKind = (typeof tokenKinds)[number]

/** One case: a token, and what the rules say of the session it names. */
export type Drawn = Readonly<{
  kind: TokenKind
  token: string
  ended: boolean
  /** Says `token_type_hint=refresh_token` where a door takes one. */
  hinted: boolean
  /** In a cookie where a door takes both. */
  inCookie: boolean
  /** How a request shows it, to doors that read requests. */
  shown: Shown
}>

const anotherRing = createRing('access', { alg: 'ES256', entropy: seededEntropy('a forger') })

const weighted: readonly TokenKind[] = [
  ...Array<TokenKind>(9).fill('bearer'),
  ...Array<TokenKind>(4).fill('current refresh'),
  ...tokenKinds.slice(2),
]

type Claims = Readonly<Record<string, unknown>>

const signed = ({ gateway }: World, claims: Claims): string =>
  claims['token_type'] === 'sliding'
    ? signSliding(gateway.access, claims as SlidingClaims)
    : signAccess(gateway.access, claims as AccessClaims)

/** Two minutes and more ago: no leeway, and no clock of a busy machine, makes it good again. */
const pastOf = (claims: Claims): Claims => {
  const exp = Math.floor(systemClock.now() / 1000) - 120
  return { ...claims, iat: exp - 300, auth_time: exp - 300, sst: (exp - 300) * 1000, exp }
}

const cut = (token: string): string => {
  const at = token.lastIndexOf('.') + 10
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
}

const forged = (token: string): string => {
  const [header = ''] = token.split('.')
  const said = JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as object
  return es256(said, payloadOf(token), anotherRing.active.signer)
}

const bearerOf = (kind: TokenKind, world: World, text: string): string => {
  const claims = payloadOf(text) as Claims
  switch (kind) {
    case 'expired bearer':
      return signed(world, pastOf(claims))
    case 'cut signature':
      return cut(text)
    case 'signed by another key':
      return forged(text)
    case 'for another audience':
      return signed(world, { ...claims, aud: 'https://elsewhere.example' })
    case 'of another issuer':
      return signed(world, { ...claims, iss: 'https://elsewhere.example' })
    default:
      return text
  }
}

const refreshOf = (kind: TokenKind, world: World, dice: Dice, { refreshes }: Session): string => {
  const current = refreshes.at(-1) ?? ''
  if (kind === 'rotated refresh') return dice.pick(refreshes.slice(0, -1))
  if (kind === 'current refresh') return current
  return signRefresh(world.keys.refresh, pastOf(payloadOf(current)) as RefreshClaims)
}

const fits = (kind: TokenKind, { refreshes }: Session): boolean => {
  if (kind === 'rotated refresh') return refreshes.length > 1
  return !kind.endsWith('refresh') || refreshes.length > 0
}

/** Half of the draws are of live sessions, whatever their share is. */
export const draw = (world: World, dice: Dice, { sessions }: MatrixSessions): Drawn => {
  const kind = dice.pick(weighted)
  const wantsLive = dice.chance(50)
  const session = dice.pick(sessions.filter((one) => fits(kind, one) && (!wantsLive || !one.ended)))
  const drawn = (token: string, ended: boolean): Drawn => ({
    kind,
    token,
    ended,
    hinted: dice.chance(50),
    inCookie: dice.chance(50),
    // As clients send it, half of the time: the rest are requests of any kind.
    shown: dice.chance(50) ? showToken(token, dice, 'in the header alone') : showToken(token, dice),
  })
  if (kind.endsWith('refresh')) {
    return drawn(refreshOf(kind, world, dice, session), session.ended)
  }
  const bearer = dice.pick(session.bearers)
  return drawn(bearerOf(kind, world, bearer.text), session.ended || bearer.ended)
}
