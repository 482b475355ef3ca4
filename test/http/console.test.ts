import { consoleFiles } from '../../services/console/serving/console-files.ts'
import { cookieHeader } from '../support/processes/browser.ts'
import { sendHttp } from '../support/requests/http-send.ts'
import { assert, claims } from '../support/suite.ts'
import { inWorld, type World } from '../support/worlds/gateway-world.ts'

type Headers = Readonly<Record<string, string>>

const get = (world: World, path: string, headers: Headers = {}) =>
  sendHttp(`${world.url}${path}`, { method: 'GET', headers })

const as = async (world: World, ...roles: readonly string[]): Promise<Headers> => {
  const user = await world.addUser()
  await world.state.directory.change(user.sub, { roles })
  const jar = await world.open(user)
  return cookieHeader(jar)
}

const inBrowsers = ['/console', '/console/', '/console/events?user=a&x=1', '/console/a/b/c']

claims('/console', {
  'whoever is not signed in is led to the sign-in, and back to the same address': () =>
    inWorld({}, async (world) => {
      for (const path of inBrowsers) {
        const { status, headers, body } = await get(world, path)
        assert.is(status, 303)
        assert.is(headers.location, `/sign-in?return_to=${encodeURIComponent(path)}`)
        assert.is(body, 'Sign in first.')
      }
      const bad = await get(world, '/console', { cookie: 'access=a.b.c' })
      assert.is(bad.status, 303)
    }),

  'whoever has neither role gets a page that says so, and none of the files': () =>
    inWorld({}, async (world) => {
      const { script } = await consoleFiles()
      const headers = await as(world, 'editor')
      for (const path of [...inBrowsers, `/console/assets/${script.name}`]) {
        const { status, body } = await get(world, path, headers)
        assert.is(status, 403)
        assert.match(String(body), 'neither an administrator nor an auditor')
        assert.not.match(String(body), '<script')
      }
      assert.is((await get(world, `/console/assets/${script.name}`)).status, 403)
    }),

  'an administrator gets the page that acts, an auditor the one that reads': () =>
    inWorld({}, async (world) => {
      const [admin, auditor] = [await as(world, 'admin'), await as(world, 'audit')]
      assert.match(String((await get(world, '/console', admin)).body), 'data-may="act"')
      assert.match(String((await get(world, '/console', auditor)).body), 'data-may="read"')
    }),

  'its page loads its own files alone, and they may be kept for ever': () =>
    inWorld({ env: { CURFEW_BASE_PATH: '/auth' } }, async (world) => {
      const admin = await as(world, 'admin')
      const { status, headers, body } = await get(world, '/auth/console/events', admin)
      assert.is(status, 200)
      const policy = String(headers['content-security-policy'])
      for (const part of [
        ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"],
        ...["frame-ancestors 'none'", "require-trusted-types-for 'script'"],
      ]) {
        assert.ok(policy.includes(part), part)
      }
      assert.not.match(policy, 'unsafe')
      assert.is(headers['cache-control'], 'no-store')
      const named = [...String(body).matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, at = '']) => at)
      assert.is(named.length, 2)
      for (const path of named) {
        assert.ok(/^\/auth\/console\/assets\/[a-z]+-[A-Z0-9]{8}\.(js|css)$/.test(path), path)
        const file = await get(world, path, admin)
        assert.is(file.status, 200)
        assert.match(String(file.headers['cache-control']), 'immutable')
      }
      assert.is((await get(world, '/auth/console/assets/other.js', admin)).status, 404)
      assert.is((await get(world, '/console', admin)).status, 404, 'below the base path alone')
    }),

  'whose access token ran out is renewed by the way, and sees the console': () =>
    inWorld({}, async (world) => {
      const user = await world.addUser()
      await world.state.directory.change(user.sub, { roles: ['admin'] })
      const jar = await world.open(user)
      const { status, body, setCookie } = await get(world, '/console', {
        cookie: `refresh=${jar.get('refresh')}`,
      })
      assert.is(status, 200)
      assert.match(String(body), 'data-may="act"')
      assert.ok(setCookie.some((line) => line.startsWith('access=')))
    }),

  'a disabled account and a stranger’s name do no harm': () =>
    inWorld({}, async (world) => {
      const user = await world.addUser()
      const jar = await world.open(user)
      const headers = cookieHeader(jar)
      await world.state.directory.change(user.sub, { active: false })
      const { status } = await get(world, '/console', headers)
      assert.ok([303, 403].includes(status), String(status))
    }),
})
