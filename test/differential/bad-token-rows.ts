import { createHmac, generateKeyPairSync } from 'node:crypto'
import { publicJwk } from '../../shared/tokens/key-rings/key-ring.ts'
import { encoded, es256, hs256 } from '../support/fakes/sample-tokens.ts'
import { disabled } from './held.ts'
import type { Observed } from './observed.ts'
import { type Scenario, tokenCells } from './rows.ts'
import { claimsOf, expired, hmac, partOf, resigned, type Session, type Stage } from './stage.ts'

/** A good token of the endpoint's own kind, and what may be made of it. */
type Base = Readonly<{ stage: Stage; token: string; session: Session }>
type Make = (base: Base) => string | Promise<string>

const now = ({ stage }: Base): number =>
  Math.floor(stage.world.rooms.context.storeClock.now() / 1000)
const isRefresh = (token: string): boolean => partOf(token, 0)['typ'] === 'rt+jwt'

const claimed =
  (change: (claims: Readonly<Record<string, unknown>>, base: Base) => object): Make =>
  (base) =>
    resigned(base.stage, base.token, (claims) => change(claims, base))
const without = (name: string): Make =>
  claimed((claims) => Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name)))
const withClaim = (name: string, value: (base: Base) => unknown): Make =>
  claimed((claims, base) => ({ ...claims, [name]: value(base) }))

const signedOver = (header: object, token: string, signature: string): string =>
  [encoded(header), token.split('.')[1], signature].join('.')
const signatureOf = (token: string): string => token.split('.')[2] ?? ''

// With a key pair the "right key" of an HMAC forgery is the public one, which anybody can read.
const hs512: Make = ({ stage, token }) => {
  const header = { ...partOf(token, 0), alg: 'HS512' }
  if (isRefresh(token)) return hmac(stage, header, claimsOf(token), 'sha512')
  const input = `${encoded(header)}.${encoded(claimsOf(token))}`
  const secret = JSON.stringify(publicJwk(stage.world.keys.access.active.key))
  return `${input}.${createHmac('sha512', secret).update(input).digest('base64url')}`
}
const wrongKey: Make = ({ token }) => {
  const [header, payload] = [partOf(token, 0), claimsOf(token)]
  if (isRefresh(token)) return hs256(header, payload, 'another secret of the right length')
  return es256(header, payload, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
}
const altered: Make = ({ token }) => {
  const [header, , signature] = token.split('.')
  return [header, encoded({ ...claimsOf(token), user_id: '1' }), signature].join('.')
}
const otherKind =
  (kind: string): Make =>
  async ({ stage, session, token }) => {
    if (kind === 'sliding') return stage.slidingOf(session.user)
    if (kind === 'refresh') return session.refresh
    return resigned(stage, token, (claims) => ({ ...claims, token_type: kind }))
  }
const neverIssued = claimed((claims) => ({ ...claims, sid: 'a'.repeat(32), jti: 'b'.repeat(32) }))

const makers: Readonly<Record<string, Make>> = {
  'malformed (abc)': () => 'abc',
  'malformed (three parts of nonsense)': () => 'abc.def.ghi',
  'non-ASCII nonsense': () => 'ключ',
  expired: ({ stage, token }) => expired(stage, token),
  'alg none': ({ token }) => signedOver({ ...partOf(token, 0), alg: 'none' }, token, ''),
  'alg HS512, right key': hs512,
  'HS256, wrong key': wrongKey,
  'payload altered, signature kept': altered,
  'header says RS256': ({ token }) =>
    signedOver({ ...partOf(token, 0), alg: 'RS256' }, token, signatureOf(token)),
  'no exp': without('exp'),
  'exp is a string of digits': withClaim('exp', (base) => String(now(base) + 600)),
  'exp is a word': withClaim('exp', () => 'soon'),
  'no iat': without('iat'),
  'iat in an hour': withClaim('iat', (base) => now(base) + 3_600),
  'nbf in an hour': withClaim('nbf', (base) => now(base) + 3_600),
  'no token_type': without('token_type'),
  'no jti': without('jti'),
  'jti is a number': withClaim('jti', () => 7),
  'no user_id': without('user_id'),
  'user_id of nobody': withClaim('user_id', () => '999999'),
  'user_id is a word': withClaim('user_id', () => 'alice'),
  'user_id is a number': withClaim('user_id', () => 1),
  'user is inactive': async ({ stage, session, token }) => {
    await disabled(stage, session)
    return token
  },
  'aud claim present, none configured': withClaim('aud', () => 'somebody'),
  'well signed, never issued': neverIssued,
}

type Endpoint = Readonly<{
  kind: 'access' | 'refresh' | 'sliding'
  send: (stage: Stage, token: string) => Promise<Observed>
}>
const me = (path: string): Endpoint => ({
  kind: 'access',
  send: (stage, access) => stage.send({ method: 'GET', path, cookies: { access } }),
})
const view = (name: string, field: string, kind: Endpoint['kind']): Endpoint => ({
  kind,
  send: (stage, token) => stage.send({ path: `/api/token/${name}/`, json: { [field]: token } }),
})

const endpoints: Readonly<Record<string, Endpoint>> = {
  'POST /refresh': {
    kind: 'refresh',
    send: (stage, refresh) => stage.send({ path: '/refresh', cookies: { refresh } }),
  },
  'POST /api/token/refresh/': view('refresh', 'refresh', 'refresh'),
  'POST /api/token/blacklist/': view('blacklist', 'refresh', 'refresh'),
  'POST /api/token/sliding/refresh/': view('sliding/refresh', 'token', 'sliding'),
  'POST /api/token/verify/': view('verify', 'token', 'access'),
  'GET /me': me('/me'),
  'GET /me/stateless': me('/me/stateless'),
}

const scenarioOf =
  ({ kind, send }: Endpoint, make: Make): Scenario =>
  async (stage) => {
    const session = await stage.session()
    const token = kind === 'sliding' ? await stage.slidingOf(session.user) : session[kind]
    return send(stage, await make({ stage, token, session }))
  }

/** One scenario for each cell of the matrix that its maker and its endpoint are known for. */
export const badTokenRows: Readonly<Record<string, Scenario>> = Object.fromEntries(
  tokenCells.flatMap((cell) => {
    const endpoint = endpoints[cell.endpoint]
    const make = cell.sent === undefined ? makers[cell.token] : otherKind(cell.sent)
    return endpoint && make ? [[cell.id, scenarioOf(endpoint, make)] as const] : []
  }),
)
