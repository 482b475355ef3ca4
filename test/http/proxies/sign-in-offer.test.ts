import { tokenIn } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { navigating, visit } from '../../support/worlds/paged-world.ts'

type Headers = Readonly<Record<string, string>>
const asks = (how: string) => (prove: (world: World) => Promise<void>) =>
  inWorld({ env: { CURFEW_FORWARD_AUTH_SIGN_IN: how } }, prove)
const redirecting = asks('redirect')

/** What is no navigation of a browser, and must keep its 401. */
const others: readonly Headers[] = [
  { ...navigating, 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
  { ...navigating, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
  { ...navigating, 'sec-fetch-dest': 'iframe' },
  { ...navigating, 'sec-fetch-dest': '' },
  { 'sec-fetch-mode': '', 'sec-fetch-dest': '', accept: '*/*' },
  { 'sec-fetch-mode': '', 'sec-fetch-dest': '', accept: 'application/json, text/html' },
  { 'sec-fetch-mode': '', 'sec-fetch-dest': '', 'x-requested-with': 'XMLHttpRequest' },
  { ...navigating, 'x-original-method': 'POST' },
  { ...navigating, 'x-forwarded-method': 'PUT' },
  { ...navigating, 'x-forwarded-host': 'evil.example' },
  { ...navigating, 'x-forwarded-host': 'localhost:8080.evil.example' },
]

claims('Forward-auth with CURFEW_FORWARD_AUTH_SIGN_IN=redirect', {
  'leads a browser that navigates to the sign-in, and back to where it went': () =>
    redirecting(async (world) => {
      const headers = {
        'x-forwarded-uri': '/orders?page=2&a=b',
        'x-forwarded-host': 'localhost:8080',
      }
      const answer = await visit(world, '/verify', { headers })
      const location = '/sign-in?return_to=%2Forders%3Fpage%3D2%26a%3Db'
      assert.equal([answer.status, answer.location, answer.text], [302, location, ''])
      assert.is(answer.headers['curfew-user'], '')
      assert.is(answer.headers['www-authenticate'], undefined)
      const old = { 'sec-fetch-mode': '', 'sec-fetch-dest': '', ...headers }
      assert.is((await visit(world, '/verify', { headers: old })).location, location)
      const envoy = await visit(world, '/verify/orders?page=2')
      assert.is(envoy.location, '/sign-in?return_to=%2Forders%3Fpage%3D2')
    }),

  'does so for a token that is over, and for one that ended': () =>
    redirecting(async (world) => {
      const jar = await world.open(await world.addUser())
      const access = tokenIn(jar, 'access') ?? ''
      await world.logout(jar)
      for (const token of [access, 'a.b.c']) {
        const answer = await visit(world, '/verify', { jar: new Map([['access', token]]) })
        assert.is(answer.status, 302)
      }
    }),

  'leads nowhere else, whatever the proxy was asked for': () =>
    redirecting(async (world) => {
      for (const uri of ['//evil.example', 'https://evil.example', '/\\evil.example', 'x']) {
        const answer = await visit(world, '/verify', { headers: { 'x-original-uri': uri } })
        assert.equal([answer.status, answer.location], [302, '/sign-in'], uri)
      }
    }),

  'keeps the 401 for everything but a navigation to this host': () =>
    redirecting(async (world) => {
      for (const headers of others) {
        const { status, headers: got } = await visit(world, '/verify', { headers })
        assert.is(status, 401, JSON.stringify(headers))
        assert.match(String(got['www-authenticate']), /^Bearer realm=/)
        assert.is(got['location'], undefined)
      }
      assert.is((await visit(world, '/verify/orders', { method: 'POST' })).status, 401)
    }),

  'lets through who is signed in, and refuses what it refused before': () =>
    redirecting(async (world) => {
      const jar = await world.open(await world.addUser())
      assert.is((await visit(world, '/verify', { jar })).status, 200)
      const headers = { 'revocation-position': 'nonsense' }
      assert.is((await visit(world, '/verify', { jar, headers })).status, 403)
    }),
})

claims('Forward-auth with CURFEW_FORWARD_AUTH_SIGN_IN', {
  'off, as it is, answers 401 to everybody': () =>
    inWorld({}, async (world) => {
      const { status, headers } = await visit(world, '/verify')
      assert.equal([status, headers['curfew-sign-in']], [401, undefined])
    }),

  '=header answers 401 with the address of the sign-in, to a navigation alone': () =>
    asks('header')(async (world) => {
      const { status, headers } = await visit(world, '/verify', {
        headers: { 'x-original-uri': '/orders' },
      })
      assert.is(status, 401)
      assert.is(headers['curfew-sign-in'], '/sign-in?return_to=%2Forders')
      assert.match(String(headers['www-authenticate']), /^Bearer realm=/)
      for (const other of others) {
        const kept = await visit(world, '/verify', { headers: other })
        assert.equal([kept.status, kept.headers['curfew-sign-in']], [401, undefined])
      }
    }),
})
