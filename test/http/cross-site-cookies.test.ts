import type { Env } from '../../shared/kernel/config.ts'
import { heardLines } from '../support/processes/heard-lines.ts'
import { assert, claims } from '../support/suite.ts'
import { inWorld, openWorld } from '../support/worlds/gateway-world.ts'
import { rawRequest } from './raw-request.ts'

const app = 'https://app.example'

claims('settings for a page of another site', {
  'cookies for other sites need https; a page that cannot use them is told at start': async () => {
    const warned = async (given: Env): Promise<string> => {
      const { logger, lines } = heardLines()
      await inWorld({ env: given, logger }, async () => {})
      return lines.map((line) => JSON.stringify(line)).join('\n')
    }
    const lax = { CURFEW_PUBLIC_URL: 'https://auth.shop.example', CURFEW_TRUSTED_ORIGINS: app }
    assert.match(await warned(lax), /app\.example.*CURFEW_COOKIE_SAME_SITE=none/)
    const own = { ...lax, CURFEW_TRUSTED_ORIGINS: 'https://*.shop.example' }
    assert.not.match(await warned(own), 'SAME_SITE')
    assert.not.match(await warned({ ...lax, CURFEW_COOKIE_SAME_SITE: 'none' }), 'SAME_SITE')
    const refusal = await openWorld({ env: { CURFEW_COOKIE_SAME_SITE: 'None' } }).then(
      () => 'it started',
      (error: Error) => error.message,
    )
    assert.match(refusal, /CURFEW_COOKIE_SAME_SITE=none needs an https CURFEW_PUBLIC_URL/)
  },

  'a duplicate is cleared wherever the other value of the setting may have left it': () =>
    inWorld({ env: { CURFEW_PUBLIC_URL: 'https://auth.example' } }, async ({ url }) => {
      const cookie = '__Host-access=a; __Host-access=b'
      const { status, setCookie } = await rawRequest(`${url}/me`, {
        method: 'GET',
        headers: { cookie },
      })
      assert.is(status, 400)
      const gone = setCookie.filter((line) => line.startsWith('__Host-access=; Max-Age=0'))
      assert.equal(gone.map((line) => line.endsWith('; Partitioned')).sort(), [false, true])
    }),

  'with none both cookies say SameSite=None; Secure; Partitioned, deletions too': () =>
    inWorld(
      { env: { CURFEW_PUBLIC_URL: 'https://auth.example', CURFEW_COOKIE_SAME_SITE: 'none' } },
      async (world) => {
        const jar = await world.open(await world.addUser())
        const cookie = [
          `__Host-access=${jar.get('access')}`,
          `__Secure-refresh=${jar.get('refresh')}`,
        ].join('; ')
        const refreshed = await rawRequest(`${world.url}/refresh`, { headers: { cookie } })
        assert.is(refreshed.status, 200)
        const out = await rawRequest(`${world.url}/logout`, { headers: { cookie } })
        assert.ok(refreshed.setCookie.length === 4 && out.setCookie.length >= 4)
        for (const line of [...refreshed.setCookie, ...out.setCookie]) {
          assert.match(line, /; HttpOnly; SameSite=None; Secure/)
        }
        // What `lax` left in the other jar would come beside the new ones: it goes.
        for (const line of refreshed.setCookie) {
          assert.is(/; Partitioned$/.test(line), !/=; Max-Age=0/.test(line), line)
        }
        for (const name of ['__Host-access', '__Secure-refresh']) {
          const gone = out.setCookie.filter((line) => line.startsWith(`${name}=; Max-Age=0`))
          assert.is(gone.filter((line) => line.endsWith('; Partitioned')).length, 1)
          assert.is(gone.filter((line) => line.endsWith('; Secure')).length, 1)
        }
      },
    ),
})
