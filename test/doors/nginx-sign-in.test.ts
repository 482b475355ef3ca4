import { createUser } from '../../services/gateway/accounts/create-user.ts'
import { namedBlock } from '../support/documents/code-blocks.ts'
import { newJar } from '../support/processes/browser.ts'
import { assert, claims } from '../support/suite.ts'
import { behindNginx, type Proxied } from '../support/worlds/behind-nginx.ts'
import { alice, ledBy, visit } from '../support/worlds/paged-world.ts'

/** The configuration of docs/doors.md with the two blocks that it prints for this. */
const withSignIn = (config: string): string => {
  const asked = 'auth_request /curfew-verify;'
  assert.is(config.split(asked).length, 2)
  const inside = config.replace(asked, `${asked}\n${namedBlock('docs/doors.md', 'sign-in')}`)
  const end = inside.lastIndexOf('}')
  return `${inside.slice(0, end)}${namedBlock('docs/doors.md', 'sign-in-location')}\n}`
}
const inFront = (how: string, prove: (proxied: Proxied) => Promise<void>): Promise<void> =>
  behindNginx({ env: { CURFEW_FORWARD_AUTH_SIGN_IN: how } }, prove, withSignIn)

claims('nginx in front of a service, with the sign-in of docs/doors.md', {
  'leads a browser to the sign-in, and back to the page that it opened': () =>
    inFront('header', async (proxied) => {
      const { world, heard } = proxied
      await createUser(world.rooms, { ...alice, roles: [] })
      const jar = newJar()
      const first = await visit(proxied, '/orders?page=2', { jar })
      const address = '/auth/sign-in?return_to=%2Forders%3Fpage%3D2'
      assert.equal([first.status, first.location], [302, address])
      const form = await visit(proxied, address, { jar })
      assert.match(form.text, 'name="return_to" value="/orders?page=2"')
      const given = { ...alice, return_to: '/orders?page=2' }
      const signedIn = await visit(proxied, '/auth/sign-in', { jar, form: given })
      assert.is(ledBy(signedIn), '/orders?page=2')
      assert.equal(heard, [])
      assert.is((await visit(proxied, '/orders?page=2', { jar })).status, 200)
      assert.equal(
        heard.map(({ url }) => url),
        ['/orders?page=2'],
      )
    }),

  'leads on at once who has a refresh cookie alone: the service never sees that one': () =>
    inFront('header', async (proxied) => {
      const jar = new Map(proxied.jar)
      jar.delete('access')
      // At `/auth`, so nginx is asked for the page without it.
      const first = await visit(proxied, '/orders', { jar: newJar() })
      const led = await visit(proxied, first.location ?? '', { jar })
      assert.equal([led.status, led.location], [303, '/orders'])
      assert.is((await visit(proxied, '/orders', { jar })).status, 200)
    }),

  'answers everything else as before: 401 with a challenge': () =>
    inFront('header', async (proxied) => {
      for (const [path, headers, method] of [
        ['/api/orders', { accept: 'application/json' }, 'GET'],
        ['/orders', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }, 'GET'],
        ['/orders', { accept: 'text/html' }, 'POST'],
      ] as const) {
        const answer = await proxied.ask(path, headers, method)
        assert.is(answer.status, 401, path)
        assert.match(String(answer.headers['www-authenticate']), /^Bearer realm=/)
        assert.is(answer.headers.location, undefined)
      }
      assert.equal(proxied.heard, [])
    }),

  'leads nobody anywhere while the setting is off': () =>
    inFront('off', async (proxied) => {
      const answer = await visit(proxied, '/orders')
      assert.equal([answer.status, answer.location], [401, null])
    }),
})
