import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { remoteKeys, sseRevocationFeed } from '../../shared/guard/index.ts'
import { systemClock as clock } from '../../shared/kernel/clock.ts'
import { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import { CachedIntrospection } from '../baseline/cached-introspection.ts'
import { openStatusList, StatusListReader } from '../baseline/status-list.ts'
import { serve } from '../support/serve.ts'
import { sharedNowMs } from '../support/shared-clock.ts'
import { type ObservedGuard, openObservedGuard } from './observed-guard.ts'

export type WatchedSession = Readonly<{ token: string; sid: string; startAfterMs: number }>
export type AlternativesRequest =
  | Readonly<{
      kind: 'watch'
      gatewayUrl: string
      clientId: string
      secret: string
      sessions: readonly WatchedSession[]
      cacheMs: number
      ttlS: number
      pollMs: number
    }>
  /** Resolves when all doors that ever refuse have refused all sessions. */
  | Readonly<{ kind: 'seen' }>

/** On the machine's clock. `bareStillAccepts`: at the very end, long after the logout. */
export type SeenRefusal = Readonly<{
  guardMs: number
  introspectionMs: number
  statusListMs: number
  bareStillAccepts: boolean
  /** How long the token is good by its own word, from the machine clock's 0. */
  expiresMs: number
}>
export type AlternativesReply = Readonly<{ seen: readonly SeenRefusal[] }>

type Watch = Extract<AlternativesRequest, { kind: 'watch' }>
type Doors = Readonly<{
  guard: ObservedGuard
  introspection: CachedIntrospection
  list: StatusListReader
  bareKey: KeyObject
  revoke: (index: number) => void
}>

const parts = new Lifecycle()
const waitMs = 600_000
let seeing: Promise<readonly SeenRefusal[]> | undefined

const claimsOf = (token: string): jwt.JwtPayload => jwt.decode(token) as jwt.JwtPayload

const firstKeyOf = async (jwksUrl: URL, token: string): Promise<KeyObject> => {
  const { keys } = (await (await fetch(jwksUrl)).json()) as {
    keys: (JsonWebKey & { kid: string })[]
  }
  const kid = jwt.decode(token, { complete: true })?.header.kid
  const jwk = keys.find((one) => one.kid === kid)
  if (!jwk) throw new Error('the key set does not have the key')
  return createPublicKey({ key: jwk, format: 'jwk' })
}

const openDoors = async (watch: Watch): Promise<Doors> => {
  const { gatewayUrl, clientId, secret, sessions, cacheMs, ttlS } = watch
  const [{ token } = { token: '' }] = sessions
  const { iss: issuer = '', aud: audience = '' } = claimsOf(token)
  const jwksUrl = new URL('/.well-known/jwks.json', gatewayUrl)
  const url = new URL('/introspect', gatewayUrl)
  const authorization = `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`
  const keys = remoteKeys({ url: jwksUrl, clock, onAlarm: () => {} })
  const feed = sseRevocationFeed({ url: new URL('/feed', gatewayUrl), clientId, secret, clock })
  const issuerOfList = await parts.use(await openStatusList(sessions.length, ttlS))
  return {
    guard: await openObservedGuard({ issuer, audience, keys, feed, parts }),
    introspection: new CachedIntrospection({ url, authorization, keepMs: cacheMs }),
    list: new StatusListReader(issuerOfList),
    bareKey: await firstKeyOf(jwksUrl, token),
    revoke: issuerOfList.revoke,
  }
}

/** The first look that answers `false`; the first look of all must answer `true`. */
const polled = async (pollMs: number, look: () => Promise<boolean>): Promise<number> => {
  if (!(await look())) throw new Error('a door refused before the logout')
  while (await look()) await clock.sleep(pollMs)
  return sharedNowMs()
}

const bareAccepts = ({ bareKey }: Doors, token: string): boolean => {
  try {
    jwt.verify(token, bareKey, { algorithms: ['ES256'] })
    return true
  } catch {
    return false
  }
}

const watchOne = async (
  doors: Doors,
  { token, sid, startAfterMs }: WatchedSession,
  index: number,
  pollMs: number,
): Promise<SeenRefusal> => {
  const arrival = doors.guard.refusal(token, sid, waitMs).then((atMs) => {
    // The list's issuer hears of it as guards do, so that its lateness is its ttl and nothing else.
    doors.revoke(index)
    return atMs
  })
  await clock.sleep(startAfterMs)
  const [guardMs, introspectionMs, statusListMs] = await Promise.all([
    arrival,
    polled(pollMs, () => doors.introspection.isActive(token)),
    polled(pollMs, () => doors.list.isValid(index)),
  ])
  const leftMs = (claimsOf(token).exp ?? 0) * 1_000 - clock.now()
  return {
    guardMs,
    introspectionMs,
    statusListMs,
    bareStillAccepts: bareAccepts(doors, token),
    expiresMs: sharedNowMs() + leftMs,
  }
}

/** One service that asks four doors about the same sessions, at the same time. */
serve<AlternativesRequest, AlternativesReply>(
  async (request) => {
    if (request.kind === 'seen') return { seen: (await seeing) ?? [] }
    const doors = await openDoors(request)
    const { sessions, pollMs } = request
    seeing = Promise.all(sessions.map((one, index) => watchOne(doors, one, index, pollMs)))
    seeing.catch(() => {}) // Whoever asks for it hears of it.
    return { seen: [] }
  },
  () => parts.close(),
)
