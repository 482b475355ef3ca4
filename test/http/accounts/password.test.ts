import { setActive } from '../../../services/gateway/accounts/change-account.ts'
import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import { noOrigin } from '../../../shared/events/event.ts'
import type { User } from '../../../shared/ports/user-directory.ts'
import { replacing } from '../../support/fakes/faulty-stores.ts'
import { copyOf, type Jar, newJar, tokenIn } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { appendAndDeliverCutoff } from '../../support/worlds/delivered-changes.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import type { StatePorts } from '../../support/worlds/world-backing.ts'

type Body = Readonly<Record<string, unknown>>
const old = 'the old passphrase'
const next = 'a new passphrase'
const change = { current_password: old, new_password: next }

const alice = async (world: World): Promise<User> =>
  createUser(world.rooms, { username: 'alice', password: old, roles: [] })
const loggedIn = async (world: World, password = old): Promise<Jar> => {
  const jar = newJar()
  assert.is((await world.login(jar, 'alice', password)).status, 200)
  return jar
}
const post = async (world: World, jar: Jar, json: unknown, headers = {}) => {
  const answer = await world.send('/password', jar, { json, headers })
  return { ...answer, body: answer.body as Body }
}
const meIs = async (world: World, jar: Jar): Promise<number> => (await world.me(jar)).status

claims('POST /password', {
  // asvs: 6.2.2, 7.4.3
  'ends every session of the user, this one too, and says where that lies': () =>
    inWorld({}, async (world) => {
      await alice(world)
      const [mine, other] = [await loggedIn(world), await loggedIn(world)]
      const stolen = copyOf(mine)
      const answer = await post(world, mine, change)
      assert.equal([answer.status, answer.body], [200, { detail: 'password changed' }])
      assert.is(answer.headers['revocation-status'], 'acknowledged')
      assert.match(String(answer.headers['revocation-position']), /:\d+$/)
      assert.is(mine.size, 0)
      for (const jar of [stolen, other]) {
        assert.is(await meIs(world, jar), 401)
        assert.is((await world.refresh(jar)).status, 401)
      }
      assert.is((await world.login(newJar(), 'alice', old)).status, 401)
      await loggedIn(world, next)
    }),

  // asvs: 7.4.3
  'keeps this device by a new session, in cookies for who came by cookie': () =>
    inWorld({}, async (world) => {
      await alice(world)
      const [mine, other] = [await loggedIn(world), await loggedIn(world)]
      const before = copyOf(mine)
      const answer = await post(world, mine, { ...change, keep_this_device: true })
      assert.equal([answer.status, answer.body], [200, { detail: 'password changed' }])
      assert.is(await meIs(world, mine), 200)
      assert.is((await world.refresh(mine)).status, 200)
      assert.is(await meIs(world, before), 401)
      assert.is(await meIs(world, other), 401)
    }),

  'keeps this device by tokens in the body for who came by header': () =>
    inWorld({}, async (world) => {
      await alice(world)
      const jar = await loggedIn(world)
      const authorization = `Bearer ${tokenIn(jar, 'access')}`
      const wanted = { ...change, keep_this_device: true }
      const answer = await post(world, newJar(), wanted, { authorization })
      assert.is(answer.status, 200)
      assert.equal(answer.setCookie, [])
      const bearer = { authorization: `Bearer ${answer.body['access']}` }
      assert.is((await world.send('/me', newJar(), { method: 'GET', headers: bearer })).status, 200)
      const { refresh } = answer.body
      const again = await world.send('/api/token/refresh/', newJar(), { json: { refresh } })
      assert.is(again.status, 200)
    }),

  'keeps a sliding session as a sliding one': () =>
    inWorld({ env: { CURFEW_AUTH_TOKEN_CLASSES: 'sliding' } }, async (world) => {
      await alice(world)
      const jar = newJar()
      await world.send('/sliding/login', jar, { json: { username: 'alice', password: old } })
      const before = copyOf(jar)
      await post(world, jar, { ...change, keep_this_device: true })
      assert.is(await meIs(world, jar), 200)
      assert.is(tokenIn(jar, 'refresh'), null)
      assert.is(await meIs(world, before), 401)
    }),

  // asvs: 6.2.3, 7.5.1
  'a wrong current password is 400, changes nothing, and is counted as a failed login': () =>
    inWorld({}, async (world) => {
      const { sub } = await alice(world)
      const jar = await loggedIn(world)
      const wrong = { ...change, current_password: 'guessed wrong' }
      for (let tries = 0; tries < 10; tries += 1) {
        const { status, body } = await post(world, jar, wrong)
        assert.equal([status, body], [400, { current_password: ['Invalid password.'] }])
      }
      const { status, body, headers } = await post(world, jar, change)
      assert.equal([status, body['code']], [429, 'throttled'])
      assert.ok(Number(headers['retry-after']) > 0)
      assert.is((await world.login(newJar(), 'alice', old)).status, 429)
      assert.is(await meIs(world, jar), 200)
      assert.is((await world.state.store.heads([`u/${sub}`]))[0]?.cutoff, -1)
    }),

  // asvs: 6.2.1
  'what is wrong with the body is 400 and named': () =>
    inWorld({}, async (world) => {
      await alice(world)
      const jar = await loggedIn(world)
      const cases: [object, string][] = [
        [{}, 'current_password,new_password'],
        [{ ...change, new_password: 'short' }, 'new_password'],
        [{ ...change, new_password: 'x'.repeat(1_025) }, 'new_password'],
        [{ ...change, new_password: ['a'] }, 'new_password'],
        [{ ...change, keep_this_device: 'yes' }, 'keep_this_device'],
        [{ ...change, keep: true }, 'keep'],
      ]
      for (const [json, fields] of cases) {
        const { status, body } = await post(world, jar, json)
        assert.equal([status, Object.keys(body).join()], [400, fields], fields)
      }
      assert.is((await post(world, newJar(), change)).status, 401)
      const foreign = await post(world, jar, change, { origin: 'https://evil.example' })
      assert.is(foreign.status, 403)
      assert.is(await meIs(world, jar), 200)
    }),

  'of two changes at once one happens, and the other is told so': () =>
    inWorld({}, async (world) => {
      await alice(world)
      const jars = [await loggedIn(world), await loggedIn(world)]
      const answers = await Promise.all(
        jars.map((jar, index) =>
          post(world, jar, { ...change, new_password: `${next} ${index}`, keep_this_device: true }),
        ),
      )
      const won = answers.findIndex(({ status }) => status === 200)
      // The one that happened ended the other one’s session.
      assert.equal(answers.map(({ status }) => status).sort(), [200, 401])
      await loggedIn(world, `${next} ${won}`)
      assert.is(await meIs(world, jars[won] ?? newJar()), 200)
      assert.is(await meIs(world, jars[1 - won] ?? newJar()), 401)
    }),
})

/** A world in which `meanwhile` runs before the first commit of a session that opens. */
const inBetween = (prove: (world: World, set: (work: Work) => void) => Promise<void>) => {
  let meanwhile: Work = async () => {}
  const wrap = (ports: StatePorts): StatePorts => ({
    ...ports,
    store: replacing(ports.store, {
      append: async (commit) => {
        const work = meanwhile
        if (commit.id.s.startsWith('s/')) {
          meanwhile = async () => {}
          await work()
        }
        return ports.store.append(commit)
      },
    }),
  })
  return inWorld({ wrap }, (world) =>
    prove(world, (work) => {
      meanwhile = work
    }),
  )
}
type Work = () => Promise<unknown>
const keep = { ...change, keep_this_device: true }

claims('the session that a password change keeps', {
  'is born dead when the user is disabled before it opens': () =>
    inBetween(async (world, set) => {
      const { sub } = await alice(world)
      const jar = await loggedIn(world)
      set(() => setActive(world.rooms, sub, false))
      assert.is((await post(world, jar, keep)).status, 200)
      await setActive(world.rooms, sub, true)
      assert.is(await meIs(world, jar), 401)
      await loggedIn(world, next)
    }),

  'is born dead when everyone is logged out before it opens': () =>
    inBetween(async (world, set) => {
      await alice(world)
      const jar = await loggedIn(world)
      const cut = { target: { scope: 'all' }, reason: 'revoked', origin: noOrigin } as const
      set(() => appendAndDeliverCutoff(world.rooms, cut))
      assert.is((await post(world, jar, keep)).status, 200)
      assert.is(await meIs(world, jar), 401)
    }),

  'is left out when the store fails then: the change stands, and this device is logged out': () =>
    inBetween(async (world, set) => {
      await alice(world)
      const jar = await loggedIn(world)
      set(() => Promise.reject(new Error('no session today')))
      assert.is((await post(world, jar, keep)).status, 200)
      assert.is(jar.size, 0)
      await loggedIn(world, next)
    }),
})
