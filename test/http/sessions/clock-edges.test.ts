import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import { fixedKeys } from '../../../shared/guard/keys/key-source.ts'
import {
  type AccessClaims,
  bearerKinds,
  type RefreshClaims,
  type SlidingClaims,
} from '../../../shared/tokens/claims.ts'
import { signAccess, signRefresh, signSliding } from '../../../shared/tokens/signing/sign-token.ts'
import { type FakeClock, fakeClock } from '../../support/fakes/fake-clock.ts'
import { newJar } from '../../support/processes/browser.ts'
import { payloadOf } from '../../support/requests/visitor.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { freshGuard, verdictOf } from '../../support/worlds/guarded.ts'

const user = { username: 'alice', password: 'correct horse' }
const issuer = 'http://localhost:8080'
const lives = {
  CURFEW_AUTH_TOKEN_CLASSES: 'access,sliding',
  CURFEW_ACCESS_TOKEN_LIFETIME: '20s',
  CURFEW_REFRESH_TOKEN_LIFETIME: '40s',
  CURFEW_SLIDING_TOKEN_LIFETIME: '20s',
  CURFEW_SLIDING_TOKEN_REFRESH_LIFETIME: '30s',
}

/** `good`, or the message of the refusal. */
type Door = (token: string) => Promise<string>
type Scene = Readonly<{ world: World; clock: FakeClock; doors: Readonly<Record<string, Door>> }>

const messageIn = (body: unknown): string => {
  const { detail, messages } = body as { detail: string; messages?: { message: string }[] }
  return messages?.[0]?.message ?? detail
}

const doorsOf = async (world: World, clock: FakeClock, leewayMs: number) => {
  const keys = fixedKeys(world.keys.access)
  const told = { issuer, audience: issuer, keys, accept: bearerKinds, clock, leewayMs }
  const { guard, feed } = await freshGuard(told)
  const posting =
    (path: string, field: string): Door =>
    async (token) => {
      const { status, body } = await world.send(path, newJar(), { json: { [field]: token } })
      return status === 200 ? 'good' : messageIn(body)
    }
  const asBearer: Door = async (token) => {
    const headers = { authorization: `Bearer ${token}` }
    const { status, body } = await world.send('/me', newJar(), { method: 'GET', headers })
    return status === 200 ? 'good' : messageIn(body)
  }
  const introspected: Door = async (token) => {
    const body = new URLSearchParams({ token })
    const init = { method: 'POST', headers: world.serviceHeaders, body }
    const answer = await fetch(`${world.url}/introspect`, init)
    return ((await answer.json()) as { active: boolean }).active ? 'good' : 'inactive'
  }
  const guarded: Door = async (token) => {
    feed.closeTime(clock.now())
    return (await verdictOf(guard, token)).replace('accepted', 'good')
  }
  return {
    me: asBearer,
    verify: posting('/api/token/verify/', 'token'),
    introspect: introspected,
    guard: guarded,
    refresh: posting('/api/token/refresh/', 'refresh'),
    renew: posting('/api/token/sliding/refresh/', 'token'),
  }
}

const inScene = (leewayMs: number, prove: (scene: Scene) => Promise<void>): Promise<void> => {
  const clock = fakeClock()
  const env = { ...lives, CURFEW_LEEWAY: `${leewayMs}ms` }
  return inWorld({ clock, env }, async (world) => {
    await createUser(world.rooms, { ...user, roles: [] })
    await prove({ world, clock, doors: await doorsOf(world, clock, leewayMs) })
  })
}

type Kind = 'access' | 'refresh' | 'sliding'
const pathOf = { access: '/api/token/', refresh: '/api/token/', sliding: '/api/token/sliding/' }
const memberOf = { access: 'access', refresh: 'refresh', sliding: 'token' }
const issued = async ({ world }: Scene, kind: Kind): Promise<string> => {
  const { body } = await world.send(pathOf[kind], newJar(), { json: user })
  return (body as Record<string, string>)[memberOf[kind]] ?? ''
}

const expired: Readonly<Record<string, string>> = {
  introspect: 'inactive',
  guard: 'refused: expired',
}
const invalid: Readonly<Record<string, string>> = {
  introspect: 'inactive',
  guard: 'refused: invalid',
}

/** The doors that judge each kind; those that change nothing come first. */
const doorsFor: Readonly<Record<Kind, readonly string[]>> = {
  access: ['me', 'verify', 'introspect', 'guard'],
  refresh: ['verify', 'refresh'],
  sliding: ['me', 'verify', 'introspect', 'guard', 'renew'],
}

const proveEdge = (kind: Kind, lifeMs: number) => async (): Promise<void> => {
  for (const leewayMs of [0, 5_000]) {
    await inScene(leewayMs, async (scene) => {
      const token = await issued(scene, kind)
      const untouched = await issued(scene, kind)
      await scene.clock.advance(lifeMs + leewayMs - 1)
      for (const door of doorsFor[kind]) {
        assert.is(await scene.doors[door]?.(token), 'good', `${door}, a ms before`)
      }
      await scene.clock.advance(1)
      for (const door of doorsFor[kind]) {
        const answer = await scene.doors[door]?.(untouched)
        assert.is(answer, expired[door] ?? 'Token is expired', `${door}, at the end`)
      }
    })
  }
}

const signed = ({ world }: Scene, kind: Kind, said: object): string => {
  const { access, refresh } = world.keys
  if (kind === 'refresh') return signRefresh(refresh, said as RefreshClaims)
  return kind === 'access'
    ? signAccess(access, said as AccessClaims)
    : signSliding(access, said as SlidingClaims)
}

/** The token as a gateway whose clock is `seconds` ahead would have signed it. */
const signedAhead = (scene: Scene, kind: Kind, token: string, seconds: number): string => {
  const said = payloadOf(token) as unknown as Readonly<{ iat: number; exp: number }>
  return signed(scene, kind, { ...said, iat: said.iat + seconds, exp: said.exp + seconds })
}

const proveAhead = (kind: Kind) => (): Promise<void> =>
  inScene(0, async (scene) => {
    const token = await issued(scene, kind)
    const [good, bad] = [60, 61].map((seconds) => signedAhead(scene, kind, token, seconds))
    for (const door of doorsFor[kind]) {
      const refusal = invalid[door] ?? 'Token is invalid'
      assert.is(await scene.doors[door]?.(bad ?? ''), refusal, `${door}, 61 s ahead`)
    }
    for (const door of doorsFor[kind]) {
      assert.is(await scene.doors[door]?.(good ?? ''), 'good', `${door}, 60 s ahead`)
    }
  })

claims('at exp plus leeway, to the millisecond, every door ends', {
  'access tokens': proveEdge('access', 20_000),
  'refresh tokens': proveEdge('refresh', 40_000),
  'sliding tokens': proveEdge('sliding', 20_000),
})

claims('at refresh_exp plus leeway, to the millisecond', {
  'a sliding token is used to its exp, and renewed no more': async () => {
    for (const leewayMs of [0, 5_000]) {
      await inScene(leewayMs, async (scene) => {
        const { world, clock, doors } = scene
        const first = await issued(scene, 'sliding')
        await clock.advance(19_000)
        const json = { token: first }
        const { body } = await world.send('/api/token/sliding/refresh/', newJar(), { json })
        const { token } = body as { token: string }
        await clock.advance(11_000 + leewayMs - 1)
        assert.is(await doors['renew']?.(token), 'good')
        await clock.advance(1)
        const refusal = "Token 'refresh_exp' claim has expired"
        assert.is(await doors['renew']?.(token), refusal)
        for (const door of ['me', 'verify', 'introspect', 'guard']) {
          assert.is(await doors[door]?.(token), 'good', door)
        }
      })
    }
  },
})

claims('with an iat ahead of the clock, 60 s are taken at every door and more is not, for', {
  'access tokens': proveAhead('access'),
  'refresh tokens': proveAhead('refresh'),
  'sliding tokens': proveAhead('sliding'),
})
