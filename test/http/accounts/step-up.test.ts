import { aUser } from '../../support/fakes/builders.ts'
import { type FakeClock, fakeClock } from '../../support/fakes/fake-clock.ts'
import { copyOf, type Jar, newJar, tokenIn } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'

const secret = 'a-secret-of-the-tests'
const env = {
  CURFEW_ACCESS_TOKEN_LIFETIME: '1h',
  CURFEW_SERVICE_CLIENTS: `tests:${secret}:introspect+revoke+users`,
}
const service = { authorization: `Basic ${Buffer.from(`tests:${secret}`).toString('base64')}` }
const password = 'correct horse battery'
const minuteMs = 60_000

type Scene = Readonly<{ world: World; clock: FakeClock; jar: Jar; username: string }>

const anAdministrator = async (world: World) => {
  const passwordHash = await world.rooms.accounts.passwords.hash(password)
  const user = aUser({ passwordHash, roles: ['admin'] })
  await world.state.directory.create(user)
  return user
}

/** An administrator who logged in so long ago. */
const loggedIn = (agoMs: number, claim: (scene: Scene) => Promise<void>, gateways = 1) => {
  const clock = fakeClock()
  return inWorld({ env, clock, gateways }, async (world) => {
    const { username } = await anAdministrator(world)
    const jar = newJar()
    assert.is((await world.login(jar, username, password)).status, 200)
    await clock.leap(agoMs)
    await claim({ world, clock, jar, username })
  })
}

const everyone = { json: { scope: 'all' } }
const endAll = (world: Pick<World, 'send'>, jar: Jar) =>
  world.send('/revocations', copyOf(jar), everyone)
const stepUp = (world: Pick<World, 'send'>, jar: Jar, given = password) =>
  world.send('/step-up', jar, { json: { password: given } })
const challenge = 'Bearer error="insufficient_user_authentication", max_age="300"'

claims('What cannot be undone', {
  // asvs: 7.5.1
  'is refused five minutes after the login, in the words of RFC 9470, and nothing ends': () =>
    loggedIn(5 * minuteMs, async ({ world, jar }) => {
      const refused = await endAll(world, jar)
      assert.equal(
        [refused.status, refused.headers['www-authenticate'], refused.setCookie],
        [401, challenge, []],
      )
      assert.is((refused.body as Readonly<{ code: string }>).code, 'step_up_required')
      const plain = await world.addUser()
      const roles = ['editor', 'admin']
      const others = {
        'an erasure': await world.send('/users/nobody/erase', copyOf(jar)),
        'the end of all of a client': await world.send('/revocations', copyOf(jar), {
          json: { scope: 'client', id: 'curfew' },
        }),
        'a new administrator': await world.send('/users', copyOf(jar), {
          json: { username: 'mallory', roles },
        }),
        'a user made administrator': await world.send(`/users/${plain.sub}`, copyOf(jar), {
          ...{ method: 'PATCH', json: { roles } },
        }),
      }
      for (const [what, { status, headers }] of Object.entries(others)) {
        assert.equal([status, headers['www-authenticate']], [401, challenge], what)
      }
      assert.is(await world.state.directory.byName('mallory'), null)
      assert.equal((await world.state.directory.bySub(plain.sub))?.roles, plain.roles)
      assert.is((await world.me(copyOf(jar))).status, 200)
    }),

  'is done up to then, and what can be undone is done later too': () =>
    loggedIn(5 * minuteMs - 1_000, async ({ world, jar, clock }) => {
      const preview = () => world.send('/revocations?preview=true', copyOf(jar), everyone)
      await clock.leap(minuteMs)
      assert.is((await preview()).status, 200)
      const other = await anAdministrator(world)
      const json = { scope: 'subject', id: other.sub }
      assert.is((await world.send('/revocations', copyOf(jar), { json })).status, 200)
      assert.is((await endAll(world, jar)).status, 401)
      const fresh = newJar()
      assert.is((await world.login(fresh, other.username, password)).status, 200)
      await clock.leap(4 * minuteMs)
      assert.is((await endAll(world, fresh)).status, 200)
    }),

  'is done for five minutes after the password was given again, at every gateway at once': () =>
    loggedIn(
      10 * minuteMs,
      async ({ world, clock, jar }) => {
        const given = await stepUp(world, jar)
        assert.is(given.status, 200)
        assert.match(
          given.setCookie[0] ?? '',
          /^step-up=.+; Max-Age=300; Path=\/; HttpOnly; SameSite=Strict$/,
        )
        const until = new Date(clock.now() + 5 * minuteMs).toISOString()
        assert.equal(given.body, { detail: 'step-up success', until })
        const [, second] = world.gateways
        assert.ok(second)
        await clock.leap(4 * minuteMs)
        assert.is((await second.send('/users/nobody/erase', copyOf(jar))).status, 404)
        assert.is((await endAll(second, jar)).status, 200)
      },
      2,
    ),

  'is refused again five minutes after that': () =>
    loggedIn(10 * minuteMs, async ({ world, clock, jar }) => {
      assert.is((await stepUp(world, jar)).status, 200)
      await clock.leap(5 * minuteMs)
      assert.is((await endAll(world, jar)).status, 401)
    }),

  'is proven by a header, for a caller without cookies, to whom alone the proof is shown': () =>
    loggedIn(10 * minuteMs, async ({ world, jar }) => {
      const authorization = `Bearer ${tokenIn(jar, 'access')}`
      const json = { password }
      const given = await world.send('/step-up', newJar(), { json, headers: { authorization } })
      assert.equal([given.status, given.setCookie], [200, []])
      const { proof } = given.body as Readonly<{ proof: string }>
      const asked = (headers: Readonly<Record<string, string>>) =>
        world.send('/revocations', newJar(), {
          ...everyone,
          headers: { authorization, ...headers },
        })
      assert.is((await asked({})).status, 401)
      assert.is((await asked({ 'step-up': `${proof}0` })).status, 401)
      assert.is((await asked({ 'step-up': proof })).status, 200)
    }),

  'is not proven by what another session proved, nor by what anybody made up': () =>
    loggedIn(10 * minuteMs, async ({ world, clock, jar, username }) => {
      const other = newJar()
      assert.is((await world.login(other, username, password)).status, 200)
      assert.is((await stepUp(world, other)).status, 200)
      const proof = other.get('step-up') ?? ''
      const [until = '', mac = ''] = proof.split('.')
      const forged = [
        proof,
        `${Number(until) + 1}.${mac}`,
        `${clock.now() + minuteMs}.${'0'.repeat(32)}`,
        `${until}.`,
        'x',
      ]
      for (const value of forged) {
        const stolen = new Map([...jar, ['step-up', value]])
        assert.is((await endAll(world, stolen)).status, 401, value)
      }
      assert.is((await endAll(world, other)).status, 200)
    }),

  'is not done by a session that “log out the others” made anew: no password came with it': () =>
    loggedIn(10 * minuteMs, async ({ world, jar }) => {
      type Me = Readonly<{ sid: string; auth_time: number }>
      const me = async () => (await world.me(copyOf(jar))).body as Me
      const before = await me()
      const json = { scope: 'others' }
      assert.is((await world.send('/revocations', jar, { json })).status, 200)
      const after = await me()
      assert.is.not(after.sid, before.sid)
      assert.is(after.auth_time, before.auth_time)
      assert.is((await world.refresh(jar)).status, 200)
      assert.is((await me()).auth_time, before.auth_time)
      assert.is((await endAll(world, jar)).status, 401)
    }),

  'is done by services, which have no password': () =>
    loggedIn(10 * minuteMs, async ({ world }) => {
      const answer = await world.send('/revocations', newJar(), { ...everyone, headers: service })
      assert.is(answer.status, 200)
    }),
})

claims('POST /step-up', {
  'refuses a wrong password, which counts and is told as a login that failed': () =>
    loggedIn(0, async ({ world, jar }) => {
      const wrong = await stepUp(world, jar, 'wrong')
      assert.equal([wrong.status, wrong.body], [400, { password: ['Invalid password.'] }])
      let last = wrong
      for (let n = 0; n < 10; n += 1) last = await stepUp(world, jar, 'wrong')
      assert.is(last.status, 429)
      assert.is((await stepUp(world, jar)).status, 429)
      assert.is((await world.me(copyOf(jar))).status, 200)
    }),

  'is for whoever is logged in, and names what is wrong with its body': () =>
    loggedIn(0, async ({ world, jar }) => {
      assert.is((await stepUp(world, newJar())).status, 401)
      const bodyOf = async (json: object) =>
        (await world.send('/step-up', copyOf(jar), { json })).body
      assert.equal(Object.keys((await bodyOf({})) as object), ['password'])
      assert.equal(Object.keys((await bodyOf({ password, more: 1 })) as object), ['more'])
    }),
})
