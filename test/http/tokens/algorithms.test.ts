import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import { fixedKeys } from '../../../shared/guard/keys/key-source.ts'
import { remoteKeys } from '../../../shared/guard/keys/remote-keys.ts'
import { bearerKinds } from '../../../shared/tokens/claims.ts'
import { readVerifyingKeys } from '../../../shared/tokens/configured-keys/read-configured-keys.ts'
import { type Algorithm, algorithms, isSymmetric } from '../../../shared/tokens/keys/algorithms.ts'
import { type FakeClock, fakeClock } from '../../support/fakes/fake-clock.ts'
import { hmacSecret, pairFor } from '../../support/fakes/premade-keys.ts'
import { type Jar, newJar, tokenIn } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { freshGuard, verdictOf } from '../../support/worlds/guarded.ts'

const user = { username: 'alice', password: 'correct horse' }
const issuer = 'http://localhost:8080'

const posted = async (world: World, path: string, json: unknown, jar = newJar()) => {
  const { status, body } = await world.send(path, jar, { json })
  assert.is(status, 200, `${path} answered ${status} ${JSON.stringify(body)}`)
  return body as Readonly<Record<string, string>>
}

/** One token by each door that issues, in both modes; each renewed once. */
const everyToken = async (world: World): Promise<Readonly<Record<string, string>>> => {
  const pair = await posted(world, '/api/token/', user)
  const again = await posted(world, '/api/token/refresh/', { refresh: pair['refresh'] })
  const sliding = await posted(world, '/api/token/sliding/', user)
  const slid = await posted(world, '/api/token/sliding/refresh/', { token: sliding['token'] })
  const pairJar = newJar()
  await posted(world, '/login', user, pairJar)
  const first = accessIn(pairJar)
  assert.is((await world.refresh(pairJar)).status, 200)
  const slidingJar = newJar()
  await posted(world, '/sliding/login', user, slidingJar)
  assert.is((await world.send('/sliding/refresh', slidingJar)).status, 200)
  await isGoodInCookies(world, pairJar)
  await isGoodInCookies(world, slidingJar)
  return {
    'pair, body': pair['access'] ?? '',
    'pair refreshed, body': again['access'] ?? '',
    'sliding, body': sliding['token'] ?? '',
    'sliding renewed, body': slid['token'] ?? '',
    'pair, cookie': first,
    'pair refreshed, cookie': accessIn(pairJar),
    'sliding renewed, cookie': accessIn(slidingJar),
  }
}

const accessIn = (jar: Jar): string => tokenIn(jar, 'access') ?? ''

const isGoodInCookies = async (world: World, jar: Jar): Promise<void> => {
  assert.is((await world.me(jar)).status, 200)
  assert.equal((await world.send('/verify', jar)).body, {})
}

const headerOf = (token: string): Readonly<{ alg: string; kid: string }> =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8'))

const guardOf = (world: World, clock: FakeClock, alg: Algorithm) => {
  const secrets = new Map(readVerifyingKeys(hmacSecret, 'HS256').map((key) => [key.kid, key]))
  const url = new URL(`${world.url}/.well-known/jwks.json`)
  const given = new Map([...secrets].map(([kid, key]) => [kid, { ...key, alg }]))
  const keys = isSymmetric(alg) ? fixedKeys(given) : remoteKeys({ url, clock })
  return freshGuard({ issuer, audience: issuer, keys, accept: bearerKinds, clock })
}

const isGoodAtEveryDoor = async (world: World, name: string, token: string): Promise<void> => {
  const headers = { authorization: `Bearer ${token}` }
  const me = await world.send('/me', newJar(), { method: 'GET', headers })
  assert.is(me.status, 200, `${name} at /me`)
  assert.equal(await posted(world, '/api/token/verify/', { token }), {}, `${name} at verify`)
  const answer = await fetch(`${world.url}/introspect`, {
    method: 'POST',
    headers: world.serviceHeaders,
    body: new URLSearchParams({ token }),
  })
  assert.is(((await answer.json()) as { active: boolean }).active, true, `${name} introspected`)
}

const proveAlgorithm = (alg: Algorithm) => async (): Promise<void> => {
  const clock = fakeClock()
  const env = {
    CURFEW_ALGORITHM: alg,
    CURFEW_SIGNING_KEY: pairFor(alg).privateKey,
    CURFEW_AUTH_TOKEN_CLASSES: 'access,sliding',
  }
  await inWorld({ clock, env }, async (world) => {
    await createUser(world.rooms, { ...user, roles: [] })
    const { guard } = await guardOf(world, clock, alg)
    for (const [name, token] of Object.entries(await everyToken(world))) {
      assert.is(headerOf(token).alg, alg, name)
      await isGoodAtEveryDoor(world, name, token)
      assert.is(await verdictOf(guard, token), 'accepted', `${name} at a guard`)
    }
    const shown = await fetch(`${world.url}/.well-known/jwks.json`).then((answer) => answer.text())
    assert.is(shown.includes(`"alg":"${alg}"`), !isSymmetric(alg))
    assert.not.match(shown, /"(?:d|k|p|q)":/)
  })
}

claims(
  'pairs and sliding tokens, in body and cookie mode, are good at every door under',
  Object.fromEntries(algorithms.map((alg) => [alg, proveAlgorithm(alg)])),
)
