import type { Browser, Page } from 'playwright-core'
import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import type { Env } from '../../../shared/kernel/config.ts'
import { namedBlock } from '../../support/documents/code-blocks.ts'
import { ledText } from '../../support/documents/led-text.ts'
import { openChromium } from '../../support/processes/chromium.ts'
import { openFront, type WebFront } from '../../support/requests/web-front.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld } from '../../support/worlds/gateway-world.ts'

const credentials = { username: 'alice', password: 'correct horse' }

type Told =
  | Readonly<{ status: number; code: string | null; position: string | null }>
  | 'unreadable'

/** What a script on this page reads of the gateway's answers, with cookies. */
const calls = (page: Page, gateway: string) => {
  const call = (path: string, method = 'POST', body: object | null = null): Promise<Told> =>
    page.evaluate(
      async ([url, sent, text]) => {
        const headers = text === '' ? {} : { 'Content-Type': 'application/json' }
        const init = { method: sent, headers, credentials: 'include' } as const
        try {
          const answer = await fetch(url, text === '' ? init : { ...init, body: text })
          const { code = null } = JSON.parse((await answer.text()) || '{}') as { code?: string }
          const position = answer.headers.get('Revocation-Position')
          return { status: answer.status, code, position }
        } catch {
          return 'unreadable' as const
        }
      },
      [`${gateway}${path}`, method, body === null ? '' : JSON.stringify(body)] as const,
    )
  return {
    login: () => call('/login', 'POST', credentials),
    refresh: () => call('/refresh'),
    logout: () => call('/logout'),
    me: () => call('/me', 'GET'),
    call,
  }
}
const statusOf = (told: Told): number | 'unreadable' => (told === 'unreadable' ? told : told.status)

type Site = Readonly<{ front: WebFront; gateway: string; open: (origin: string) => Promise<Page> }>

/** A gateway at `https://<host>`, or at `http://localhost`, and a new profile of the browser. */
const inBrowser = async (
  browser: Browser,
  { host, isSecure = true, env }: { host: string; isSecure?: boolean; env: (port: number) => Env },
  prove: (site: Site) => Promise<void>,
): Promise<void> => {
  const front = await openFront(isSecure)
  const profile = await browser.newContext({ ignoreHTTPSErrors: true })
  try {
    const gateway = `${isSecure ? 'https' : 'http'}://${host}:${front.port}`
    const settings = { CURFEW_PUBLIC_URL: gateway, ...env(front.port) }
    await inWorld({ env: settings }, async (world) => {
      await createUser(world.rooms, { ...credentials, roles: [] })
      front.targets.set(host, world.url)
      const open = async (origin: string): Promise<Page> => {
        const page = await profile.newPage()
        await page.goto(`${origin}/page`)
        return page
      }
      await prove({ front, gateway, open })
    })
  } finally {
    await profile.close()
    await front.close()
  }
}

/** What docs/browsers.md prints, as a script of the page; the status of its answer. */
const logsInAsPrinted = (page: Page, gateway: string): Promise<number> => {
  const block = ledText(namedBlock('docs/browsers.md', 'login'), {
    'http://localhost:3000': gateway,
  })
  const script = `(async ({ username, password }) => { ${block}; return answer.status })`
  return page.evaluate(`${script}(${JSON.stringify(credentials)})`)
}

/** A whole session by `fetch`, as a page lives it. */
const livesThrough = async (page: Page, gateway: string): Promise<void> => {
  const { login, refresh, logout, me, call } = calls(page, gateway)
  assert.is(statusOf(await me()), 401)
  assert.is(statusOf(await login()), 200)
  assert.is(statusOf(await me()), 200)
  assert.is(statusOf(await refresh()), 200)
  assert.is(statusOf(await me()), 200)
  assert.equal(await call('/password', 'POST', { nothing: 1 }), {
    status: 400,
    code: null,
    position: null,
  })
  const out = await logout()
  assert.ok(out !== 'unreadable' && out.status === 200 && out.position !== null)
  assert.equal([statusOf(await me()), statusOf(await refresh())], [401, 401])
}

const browser = await openChromium('pages in a real Chromium')
if (browser !== null) {
  claims('a page in a real Chromium', {
    'on another port lives a whole session when it is named, and none when it is not': async () => {
      const other = await openFront(false)
      const named = `http://localhost:${other.port}`
      const env = (): Env => ({ CURFEW_TRUSTED_ORIGINS: named })
      try {
        await inBrowser(browser, { host: 'localhost', isSecure: false, env }, async (site) => {
          const page = await site.open(named)
          assert.is(await logsInAsPrinted(page, site.gateway), 200)
          assert.is(statusOf(await calls(page, site.gateway).logout()), 200)
          await livesThrough(page, site.gateway)
          const stranger = calls(await site.open(`http://127.0.0.1:${other.port}`), site.gateway)
          assert.is(await stranger.login(), 'unreadable')
          assert.is(await stranger.me(), 'unreadable')
          const again = calls(await site.open(named), site.gateway)
          assert.is(statusOf(await again.me()), 401, 'nobody was logged in')
        })
      } finally {
        await other.close()
      }
    },

    'on another origin of the same site needs one label in the place of the *': () =>
      inBrowser(
        browser,
        {
          host: 'auth.shop.test',
          env: (port) => ({ CURFEW_TRUSTED_ORIGINS: `https://*.shop.test:${port}` }),
        },
        async ({ gateway, open, front: { port } }) => {
          await livesThrough(await open(`https://app.shop.test:${port}`), gateway)
          for (const host of ['shop.test', 'a.b.shop.test', 'app.shop2.test']) {
            const { login } = calls(await open(`https://${host}:${port}`), gateway)
            assert.is(await login(), 'unreadable', host)
          }
        },
      ),

    'of another site has no session with SameSite=Lax, as the start warns': () =>
      inBrowser(
        browser,
        {
          host: 'auth.shop.test',
          env: (port) => ({ CURFEW_TRUSTED_ORIGINS: `https://other.test:${port}` }),
        },
        async ({ gateway, open, front: { port } }) => {
          const { login, me } = calls(await open(`https://other.test:${port}`), gateway)
          assert.equal([statusOf(await login()), statusOf(await me())], [200, 401])
        },
      ),

    'of another site lives a whole session with SameSite=None, where no third site finds it': () =>
      inBrowser(
        browser,
        {
          host: 'auth.shop.test',
          env: (port) => ({
            CURFEW_COOKIE_SAME_SITE: 'none',
            CURFEW_TRUSTED_ORIGINS: `https://other.test:${port},https://third.test:${port}`,
          }),
        },
        async ({ gateway, open, front: { port } }) => {
          const page = await open(`https://other.test:${port}`)
          await livesThrough(page, gateway)
          const { login, me } = calls(page, gateway)
          assert.is(statusOf(await login()), 200)
          const third = calls(await open(`https://third.test:${port}`), gateway)
          assert.is(statusOf(await third.me()), 401)
          const evil = calls(await open(`https://evil.test:${port}`), gateway)
          assert.equal([await evil.me(), await evil.logout()], ['unreadable', 'unreadable'])
          assert.is(statusOf(await me()), 200)
        },
      ),

    'that has a cookie from before SameSite=None logs in again, and is in no knot': () =>
      inBrowser(
        browser,
        { host: 'auth.shop.test', env: () => ({}) },
        async ({ front, gateway, open }) => {
          const { login, refresh, me } = calls(await open(gateway), gateway)
          assert.equal([statusOf(await login()), statusOf(await me())], [200, 200])
          const env = { CURFEW_PUBLIC_URL: gateway, CURFEW_COOKIE_SAME_SITE: 'none' }
          await inWorld({ env }, async (world) => {
            await createUser(world.rooms, { ...credentials, roles: [] })
            front.targets.set('auth.shop.test', world.url)
            assert.is(statusOf(await login()), 200)
            const statuses = [await me(), await refresh(), await me()].map(statusOf)
            assert.equal(statuses, [200, 200, 200])
          })
        },
      ),

    'posts its own form without telling where it is; a stranger’s form is refused': () =>
      inBrowser(
        browser,
        { host: 'auth.shop.test', env: () => ({}) },
        async ({ gateway, open, front: { port } }) => {
          const submit = async (origin: string): Promise<string> => {
            const page = await open(origin)
            await page.goto(`${origin}/page?to=${encodeURIComponent(`${gateway}/login`)}`)
            await Promise.all([page.waitForURL(`${gateway}/login`), page.click('button')])
            return (await page.textContent('body')) ?? ''
          }
          for (const origin of ['https://evil.test', 'https://app.shop.test']) {
            const told = await submit(`${origin}:${port}`)
            assert.match(told, 'origin_refused')
            assert.match(told, 'CURFEW_TRUSTED_ORIGINS')
          }
          assert.match(await submit(gateway), 'login success')
          const { me } = calls(await open(gateway), gateway)
          assert.is(statusOf(await me()), 200)
        },
      ),
  })
}
