import { sessionId, sessionStream } from '../../../shared/kernel/ids.ts'
import { copyOf, newJar, tokenIn } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { race } from '../../support/until.ts'
import { inHooked, inJar, loggedIn, password, said } from '../../support/worlds/hooked-world.ts'

const telling = `export const claims = (request) => ({ tenant: 'acme', told: request })`
/** Another answer at each call, so that two calls can never pass for one. */
const counting = `
  let calls = 0
  export const onRefresh = true
  export const claims = async ({ on, previous }) => ({ n: ++calls, on, before: previous?.n ?? 0 })`

claims('the claims hook', {
  'its claims are in both tokens of a login; it is told who logs in, where and to what': () =>
    inHooked(telling, async (world) => {
      const { access, refresh } = inJar(await loggedIn(world))
      const user = { sub: access['sub'], id: access['sub'], username: 'alice', roles: ['admin'] }
      const told = { user, client: 'curfew', on: 'login', kind: 'pair', previous: null }
      for (const one of [access, refresh])
        assert.equal([one['tenant'], one['told']], ['acme', told])
    }),

  'a refresh copies what the login was told, unless the hook asks for more': () =>
    inHooked(telling, async (world) => {
      const jar = await loggedIn(world)
      for (let turn = 0; turn < 2; turn += 1) {
        assert.is((await world.refresh(jar)).status, 200)
        const { access, refresh } = inJar(jar)
        for (const one of [access, refresh]) assert.is((one['told'] as { on: string }).on, 'login')
      }
    }),

  'asked at a refresh, its answer takes the place of what was told before': () =>
    inHooked(counting, async (world) => {
      const jar = await loggedIn(world)
      for (let turn = 2; turn < 5; turn += 1) {
        assert.is((await world.refresh(jar)).status, 200)
        const { access, refresh } = inJar(jar)
        for (const { n, on, before } of [access, refresh]) {
          assert.equal([n, on, before], [turn, 'refresh', turn - 1])
        }
      }
    }),

  'with rotation off the refresh token stays, and access tokens are told anew': () =>
    inHooked(
      counting,
      async (world) => {
        const jar = await loggedIn(world)
        const kept = tokenIn(jar, 'refresh')
        for (let turn = 2; turn < 4; turn += 1) {
          assert.is((await world.refresh(jar)).status, 200)
          assert.equal([tokenIn(jar, 'refresh'), inJar(jar).access['n']], [kept, turn])
        }
      },
      { env: { CURFEW_ROTATE_REFRESH_TOKENS: 'false' } },
    ),

  'sliding tokens carry them, from each renewal anew where the hook asks': () =>
    inHooked(counting, async (world) => {
      const opened = await world.send('/api/token/sliding/', newJar(), {
        json: { username: 'alice', password },
      })
      const { token } = opened.body as { token: string }
      assert.equal([said(token)['n'], said(token)['on']], [1, 'login'])
      const renewed = await world.send('/api/token/sliding/refresh/', newJar(), { json: { token } })
      const after = said((renewed.body as { token: string }).token)
      assert.equal([after['n'], after['on'], after['before']], [2, 'refresh', 1])
    }),
})

claims('claims of a refresh, and who else presents the token', {
  '32 at once through two gateways get one successor, its claims included': () =>
    inHooked(
      counting,
      async (world) => {
        const jar = await loggedIn(world)
        const jars = await race(32, async (index) => {
          const own = copyOf(jar)
          assert.is((await world.gateways[index % 2]?.refresh(own))?.status, 200)
          return own
        })
        // HMAC signs one text one way: equal refresh tokens are equal byte by byte.
        assert.is(new Set(jars.map((one) => tokenIn(one, 'refresh'))).size, 1)
        assert.is(new Set(jars.map((one) => JSON.stringify(inJar(one).access))).size, 1)
        assert.is(inJar(jars[0] ?? newJar()).access['on'], 'refresh')
      },
      { gateways: 2 },
    ),

  'a replay gets the claims of the first answer, and asks no hook': () =>
    inHooked(counting, async (world) => {
      const jar = await loggedIn(world)
      const [lost, again] = [copyOf(jar), copyOf(jar)]
      assert.is((await world.refresh(lost)).status, 200)
      assert.is((await world.refresh(again)).status, 200)
      assert.equal(inJar(again), inJar(lost))
      assert.is((await world.refresh(again)).status, 200)
      assert.is(inJar(again).access['n'], 3)
    }),

  'the store holds neither the claims nor what opens them': () =>
    inHooked(
      `export const onRefresh = true
      export const claims = ({ on }) => ({ secret: 'told-at-' + on })`,
      async (world) => {
        const jar = await loggedIn(world)
        assert.is((await world.refresh(jar)).status, 200)
        assert.is(inJar(jar).refresh['secret'], 'told-at-refresh')
        const sid = sessionId(String(inJar(jar).access['sid']))
        const held = JSON.stringify(await world.state.store.read(sessionStream(sid), 0, 10))
        assert.ok(held.includes('"sealed"'))
        for (const text of [
          'secret',
          'told-at',
          Buffer.from('told-at-refresh').toString('base64url'),
        ])
          assert.not.ok(held.includes(text), text)
      },
    ),
})
