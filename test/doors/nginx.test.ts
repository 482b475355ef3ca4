import { AuthError } from '../../shared/kernel/errors.ts'
import type { EventStore } from '../../shared/ports/event-store.ts'
import { replacing } from '../support/fakes/faulty-stores.ts'
import { tokenIn } from '../support/processes/browser.ts'
import type { Heard } from '../support/servers/listening.ts'
import { assert, claims } from '../support/suite.ts'
import { behindNginx } from '../support/worlds/behind-nginx.ts'
import type { WorldOptions } from '../support/worlds/gateway-world.ts'

const identity = {
  'curfew-issuer': 'https://evil.example',
  'curfew-user': 'admin',
  'curfew-subject': 'admin',
  'curfew-client': 'admin',
  'curfew-session': 'f'.repeat(32),
  'curfew-token': 'f'.repeat(32),
  'curfew-roles': 'admin,root',
  'curfew-expires': '9999999999',
  'curfew-auth-time': '1',
}
const told = ({ headers }: Heard): Record<string, unknown> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('curfew-')))

claims('nginx’s auth_request with the configuration of docs/doors.md', {
  'lets nobody through without a good token, and the service hears nothing': () =>
    behindNginx({}, async ({ ask, heard }) => {
      const none = await ask('/orders', {})
      assert.is(none.status, 401)
      assert.match(String(none.headers['www-authenticate']), /^Bearer realm=/)
      for (const headers of [
        { cookie: 'access=a.b.c' },
        { cookie: 'access=a; access=b' },
        { authorization: 'Bearer a b' },
        { ...identity },
      ]) {
        assert.is((await ask('/orders', headers)).status, 401, JSON.stringify(headers))
      }
      assert.equal(heard, [])
    }),

  'tells the service whose request it is, by cookie and by header': () =>
    behindNginx({}, async ({ ask, heard, jar, world }) => {
      const { body } = await world.send('/auth/me', jar, { method: 'GET' })
      const { user_id: user, sid } = body as Record<string, string>
      const authorization = `Bearer ${tokenIn(jar, 'access')}`
      assert.is((await ask('/orders?page=2')).status, 200)
      assert.is((await ask('/orders?page=2', { authorization }, 'POST')).status, 200)
      for (const one of heard) {
        assert.is(one.url, '/orders?page=2')
        assert.is(one.headers['curfew-user'], user)
        assert.is(one.headers['curfew-session'], sid)
        assert.is(one.headers['curfew-client'], 'curfew')
        assert.is(one.headers['curfew-issuer'], 'http://localhost:8080')
        assert.ok(Number(one.headers['curfew-expires']) > Number(one.headers['curfew-auth-time']))
      }
      assert.equal(
        heard.map(({ method }) => method),
        ['GET', 'POST'],
      )
    }),

  // asvs: 4.1.3
  'takes away every identity that a client made up': () =>
    behindNginx({}, async ({ ask, heard, jar }) => {
      const authorization = `Bearer ${tokenIn(jar, 'access')}`
      await ask('/orders')
      await ask('/orders', { authorization, ...identity })
      await ask('/orders', { authorization, Curfew_User: 'admin', 'CURFEW-USER': 'admin' })
      const [honest, ...spoofed] = heard.map(told)
      assert.ok(honest && spoofed.length === 2)
      for (const one of spoofed) assert.equal(one, honest)
      // This user has no roles: the header is gone, not empty and not the client's.
      assert.not.ok('curfew-roles' in honest)
    }),

  'a header that the configuration forgets is the client’s: the proof above bites': () =>
    behindNginx(
      {},
      async ({ ask, heard, jar }) => {
        await ask('/orders', { authorization: `Bearer ${tokenIn(jar, 'access')}`, ...identity })
        const [spoofed] = heard.map(told)
        assert.is(spoofed?.['curfew-roles'], 'admin,root')
        assert.is.not(spoofed?.['curfew-user'], 'admin')
      },
      (config) => config.replace(/^.*proxy_set_header Curfew-Roles.*$/m, ''),
    ),

  'refuses at once after a logout that went through it': () =>
    behindNginx({}, async ({ ask, heard, jar }) => {
      const authorization = `Bearer ${tokenIn(jar, 'access')}`
      assert.is((await ask('/orders')).status, 200)
      const cookie = [...jar].map((pair) => pair.join('=')).join('; ')
      const logout = await ask('/auth/logout', { cookie }, 'POST')
      assert.is(logout.status, 200)
      const position = String(logout.headers['revocation-position'])
      for (const headers of [
        { cookie },
        { authorization },
        { cookie, 'revocation-position': position },
      ]) {
        assert.is((await ask('/orders', headers)).status, 401)
      }
      assert.is(heard.length, 1)
    }),

  'takes a minimum position, and refuses what is nobody’s': () =>
    behindNginx({}, async ({ ask, world, jar }) => {
      const cookie = `access=${tokenIn(jar, 'access')}`
      const other = await world.open(await world.addUser())
      const { headers } = await world.send('/auth/logout', other)
      const position = String(headers['revocation-position'])
      const asked = async (value: string): Promise<number> =>
        (await ask('/orders', { cookie, 'revocation-position': value })).status
      assert.is(await asked(position), 200)
      assert.is(await asked('t:1'), 200)
      for (const bad of ['yesterday', 't:-1', 't:9007199254740000', `${'f'.repeat(31)}:1`]) {
        assert.is(await asked(bad), 403, bad)
      }
    }),

  // asvs: 3.5.1
  'refuses a write that a page of another site caused': () =>
    behindNginx({}, async ({ ask, heard, jar }) => {
      const cookie = `access=${tokenIn(jar, 'access')}`
      const foreign = { cookie, origin: 'https://evil.example' }
      assert.is((await ask('/orders', foreign, 'POST')).status, 403)
      assert.is(
        (await ask('/orders', { cookie, 'sec-fetch-site': 'cross-site' }, 'PUT')).status,
        403,
      )
      for (const site of ['cross-site', 'same-site', '']) {
        const hidden = {
          cookie,
          origin: 'null',
          ...(site === '' ? {} : { 'sec-fetch-site': site }),
        }
        assert.is((await ask('/orders', hidden, 'POST')).status, 403, site)
      }
      assert.equal(heard, [])
      assert.is((await ask('/orders', foreign)).status, 200)
    }),

  'lets the service’s own forms through, without referrers too, and pages that are named': () =>
    behindNginx(
      { env: { CURFEW_TRUSTED_ORIGINS: 'https://app.example' } },
      async ({ ask, heard, jar }) => {
        const cookie = `access=${tokenIn(jar, 'access')}`
        // The gateway was never told the service's origin.
        for (const origin of ['null', 'https://orders.example', '']) {
          const own = { cookie, 'sec-fetch-site': 'same-origin', ...(origin ? { origin } : {}) }
          assert.is((await ask('/orders', own, 'POST')).status, 200, origin)
        }
        const named = { cookie, 'sec-fetch-site': 'cross-site', origin: 'https://app.example' }
        assert.is((await ask('/orders', named, 'POST')).status, 200)
        assert.is(heard.length, 4)
      },
    ),

  // asvs: 16.5.3
  'answers 500, and lets nobody through, when the event store is down': () => {
    let isDown = false
    const wrap: WorldOptions['wrap'] = (ports) => ({
      ...ports,
      store: replacing<EventStore>(ports.store, {
        heads: async (streams) => {
          if (isDown) throw new AuthError('STORE_UNAVAILABLE', 'down')
          return ports.store.heads(streams)
        },
      }),
    })
    return behindNginx({ wrap }, async ({ ask, heard }) => {
      assert.is((await ask('/orders')).status, 200)
      isDown = true
      assert.is((await ask('/orders')).status, 500)
      isDown = false
      assert.is((await ask('/orders')).status, 200)
      assert.is(heard.length, 2)
    })
  },
})
