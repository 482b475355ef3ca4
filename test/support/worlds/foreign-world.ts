import { logRevocationFeed } from '../../../shared/adapters/log-feed/revocation-feed.ts'
import { createGuard, type Guard } from '../../../shared/guard/create-guard.ts'
import { fixedKeys } from '../../../shared/guard/keys/key-source.ts'
import { configuredForeignIssuer } from '../../../shared/guard/verification/foreign-issuer.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { newJar } from '../processes/browser.ts'
import { sendHttp } from '../requests/http-send.ts'
import { until } from '../until.ts'
import { inWorld, type World } from './gateway-world.ts'
import { verdictOf } from './guarded.ts'
import { firstSet, type KeyServer, keyServer, otherAudience, otherName } from './other-issuer.ts'

export const issuer = 'http://localhost:8080'
export const settings = (url: string) => ({
  CURFEW_JWK_URL: url,
  CURFEW_JWK_ISSUER: otherName,
  CURFEW_JWK_AUDIENCE: otherAudience,
  CURFEW_JWK_TOKEN_LIFETIME: '1h',
  CURFEW_SERVICE_CLIENTS:
    'tests:a-secret-of-the-tests:introspect+revoke,reader:a-secret-of-a-reader',
})

/** A gateway that trusts another issuer, whose key set is fetched from `server`. */
export const inTrust = async (
  prove: (world: World, server: KeyServer) => Promise<void>,
): Promise<void> => {
  const server = await keyServer(firstSet)
  try {
    await inWorld({ env: settings(server.url) }, (world) => prove(world, server))
  } finally {
    await server.close()
  }
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
export const me = (world: World, token: string) =>
  world.send('/me', newJar(), { method: 'GET', headers: bearer(token) })
export const verify = (world: World, token: string) =>
  world.send('/api/token/verify/', newJar(), { json: { token } })
export const revoke = (world: World, json: object) =>
  world.send('/revocations', newJar(), { json, headers: world.serviceHeaders })
export const introspect = async (world: World, token: string) => {
  const body = new URLSearchParams({ token })
  const init = { method: 'POST', headers: world.serviceHeaders, body }
  const answer = await fetch(`${world.url}/introspect`, init)
  return (await answer.json()) as Readonly<Record<string, unknown>>
}
export const forwardAuth = (world: World, token: string) =>
  world.send('/verify', newJar(), { method: 'GET', headers: bearer(token) })
export const revokeForm = (
  world: World,
  form: Record<string, string>,
  headers = world.serviceHeaders,
) => sendHttp(`${world.url}/revoke`, { method: 'POST', headers, form })
export const messageOf = ({ body }: { body: unknown }): string =>
  (body as { messages: { message: string }[] }).messages[0]?.message ?? ''

/** A guard beside the gateway of a world, fed by its log. */
export const guardOn = async (world: World, url: string) => {
  const trust = {
    jwkUrl: new URL(url),
    jwkIssuer: otherName,
    jwkAudience: [otherAudience],
    foreignLifetimeMs: 3_600_000,
    leewayMs: 0,
  }
  const guard = createGuard({
    issuer,
    audience: issuer,
    keys: fixedKeys(world.keys.access),
    foreign: configuredForeignIssuer(trust, { clock, onAlarm: () => {} }),
    feed: logRevocationFeed(world.state.log, world.keys.mac, clock),
    clock,
    onStale: 'deny',
  })
  await guard.start()
  await until('the guard is ready', () => guard.ready())
  return guard
}

type Doors = Readonly<Record<'me' | 'verify' | 'forwardAuth' | 'introspection' | 'guard', boolean>>
export const allSay = (good: boolean): Doors => ({
  me: good,
  verify: good,
  forwardAuth: good,
  introspection: good,
  guard: good,
})
export const saidAtDoors = async (world: World, guard: Guard, token: string): Promise<Doors> => ({
  me: (await me(world, token)).status === 200,
  verify: (await verify(world, token)).status === 200,
  forwardAuth: (await forwardAuth(world, token)).status === 200,
  introspection: (await introspect(world, token))['active'] === true,
  guard: (await verdictOf(guard, token)) === 'accepted',
})
