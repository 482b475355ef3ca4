import { createHmac } from 'node:crypto'
import { setActive } from '../../services/gateway/accounts/change-account.ts'
import { createUser } from '../../services/gateway/accounts/create-user.ts'
import { login } from '../../services/gateway/sessions/login.ts'
import { openSlidingToken } from '../../services/gateway/sessions/session-openers.ts'
import { noOrigin } from '../../shared/events/event.ts'
import type { Env } from '../../shared/kernel/config.ts'
import type { User } from '../../shared/ports/user-directory.ts'
import { type RawAnswer, rawRequest } from '../http/raw-request.ts'
import { encoded, es256 } from '../support/fakes/sample-tokens.ts'
import { trusting } from '../support/other-rooms.ts'
import { tokenIn } from '../support/processes/browser.ts'
import { openWorld, type World } from '../support/worlds/gateway-world.ts'
import { type Observed, observed } from './observed.ts'

export const password = 'correct horse'

/** Settings of the site that was recorded, and the immediate 401 that Simple-JWT gives. */
const seed: Env = {
  CURFEW_ACCESS_TOKEN_LIFETIME: '15m',
  CURFEW_REFRESH_TOKEN_LIFETIME: '3d',
  CURFEW_SLIDING_TOKEN_LIFETIME: '5m',
  CURFEW_SLIDING_TOKEN_REFRESH_LIFETIME: '1d',
  CURFEW_REFRESH_GRACE_PERIOD: '0',
  CURFEW_PROXY_HOPS: '1',
}

export type Session = Readonly<{ user: User; access: string; refresh: string }>

/** One gateway for many rows; each row opens a user and a session of its own. */
export type Stage = Readonly<{
  world: World
  /** A request as it is; each comes from another address, so that none is throttled. */
  raw(request: Sent): Promise<RawAnswer>
  send(request: Sent): Promise<Observed>
  session(user?: User): Promise<Session>
  slidingOf(user: User): Promise<string>
  /** Tokens of one second share their times. */
  untilNextSecond(): Promise<void>
  close(): Promise<void>
}>

export type Sent = Readonly<{
  method?: string
  path: string
  json?: unknown
  body?: string
  cookies?: Readonly<{ access?: string; refresh?: string }>
  headers?: Readonly<Record<string, string>>
}>

let sender = 0
const nextAddress = (): string => {
  sender += 1
  return `10.1.${sender >> 8}.${sender & 255}`
}

const headersOf = ({ json, cookies = {}, headers = {} }: Sent): Record<string, string> => {
  const pairs = Object.entries(cookies).map(([name, value]) => `${name}=${value}`)
  return {
    'x-forwarded-for': nextAddress(),
    ...(json === undefined ? {} : { 'content-type': 'application/json' }),
    ...(pairs.length === 0 ? {} : { cookie: pairs.join('; ') }),
    ...headers,
  }
}

const openSliding = async ({ quickRooms }: World, { username }: User): Promise<string> => {
  const parts = trusting(quickRooms)
  const arrival = parts.context.storeClock.now()
  const request = { username, password: '', origin: noOrigin, arrival }
  const opened = await login(parts, request, openSlidingToken)
  if (opened.outcome !== 'opened') throw new Error(`no session was opened: ${opened.outcome}`)
  return opened.tokens.token
}

/** `alice` logs in with `password`; so would `ivan`, but he is inactive. */
export const openStage = async (env: Env = {}, scheme = 'Bearer'): Promise<Stage> => {
  const world = await openWorld({ env: { ...seed, ...env } })
  const raw = (sent: Sent): Promise<RawAnswer> => {
    const body = sent.json === undefined ? sent.body : JSON.stringify(sent.json)
    const { method = 'POST', path } = sent
    const headers = headersOf(sent)
    return rawRequest(`${world.url}${path}`, { method, headers, ...(body ? { body } : {}) })
  }
  return {
    world,
    raw,
    send: async (sent) => observed(await raw(sent), scheme),
    session: async (given) => {
      const user = given ?? (await world.addUser())
      const jar = await world.open(user)
      return { user, access: tokenIn(jar, 'access') ?? '', refresh: tokenIn(jar, 'refresh') ?? '' }
    },
    slidingOf: (user) => openSliding(world, user),
    untilNextSecond: () => {
      const now = world.rooms.context.storeClock.now()
      return world.clock.sleep(1_010 - (now % 1_000))
    },
    close: () => world.close(),
  }
}

export const addLoginUsers = async ({ world }: Stage): Promise<void> => {
  await createUser(world.rooms, { username: 'alice', password, roles: [] })
  const ivan = await createUser(world.rooms, { username: 'ivan', password, roles: [] })
  await setActive(world.rooms, ivan.sub, false)
}

type Json = Readonly<Record<string, unknown>>
export const partOf = (token: string, index: 0 | 1): Json =>
  JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString('utf8')) as Json
export const claimsOf = (token: string): Json => partOf(token, 1)

const isRefresh = (header: Json): boolean => header['typ'] === 'rt+jwt'

/** HMAC over any header and payload, with the gateway's own refresh key. */
export const hmac = (
  { world }: Stage,
  header: object,
  payload: object,
  hash: 'sha256' | 'sha512' = 'sha256',
): string => {
  const input = `${encoded(header)}.${encoded(payload)}`
  const key = world.keys.refresh.active.signer
  return `${input}.${createHmac(hash, key).update(input).digest('base64url')}`
}

/** A token with other claims, truly signed with the gateway's own key of its kind. */
export const resigned = (stage: Stage, token: string, change: (claims: Json) => object): string => {
  const header = partOf(token, 0)
  const payload = change(claimsOf(token))
  return isRefresh(header)
    ? hmac(stage, header, payload)
    : es256(header, payload, stage.world.keys.access.active.signer)
}

/** The same token, `seconds` past its end; its session lives on. */
export const expired = (stage: Stage, token: string, seconds = 60): string =>
  resigned(stage, token, (claims) => {
    const now = Math.floor(stage.world.rooms.context.storeClock.now() / 1000)
    return { ...claims, iat: now - 1_000, exp: now - seconds }
  })
