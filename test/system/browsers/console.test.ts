import type { Page } from 'playwright-core'
import { appendStandaloneEvent } from '../../../services/gateway/publication/index.ts'
import { event, noOrigin } from '../../../shared/events/event.ts'
import { openChromium } from '../../support/processes/chromium.ts'
import { violationsOf } from '../../support/processes/violations-of.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { type ConsoleWorld, inConsole } from '../../support/worlds/console-world.ts'

const pages = [
  ...['', '/events', '/events?live=1', '/sessions', '/users', '/guards', '/audit'],
  ...['/keys', '/dead-letters', '/clients', '/receivers', '/settings?q=role'],
  ...[
    '/sessions?end=all',
    '/keys?rotate=log',
    '/nothing',
    '/users/alice',
    '/audit?ask=held&asked=1',
  ],
]

/** The page's own policy lets no text become code, so a page is asked from here. */
const counted = (page: Page, what: string, count: number): Promise<void> =>
  until(`there are ${count} of ${what}`, async () => (await page.locator(what).count()) === count)

const settled = async (page: Page): Promise<void> => {
  await page.waitForSelector('main h1')
  await counted(page, '.skeleton', 0)
}

const looksRight = async (
  { signedIn, url }: ConsoleWorld,
  look: Readonly<{ width: number; dark: boolean }>,
): Promise<void> => {
  const page = await signedIn('admin', look)
  await page.goto(`${url}/console/sessions`)
  await page.waitForSelector('tr[data-row]')
  const session = await page.locator('tr[data-row]').first().getAttribute('data-row')
  for (const path of [...pages, `/sessions/${session}`]) {
    await page.goto(`${url}/console${path}`)
    await settled(page)
    assert.equal(await violationsOf(page), [])
    const wide = await Number(
      await page.evaluate('document.documentElement.scrollWidth - innerWidth'),
    )
    assert.ok(wide <= 0, `${path} is ${wide} pixels too wide at ${look.width}`)
  }
}

const tell = async ({ running }: ConsoleWorld, count: number): Promise<void> => {
  const { rooms } = running.gateway
  const told = Array.from({ length: count }, (_, nth) => {
    const failed = { reason: 'unknown_user', sub: null, account: `n-${nth}`, ...noOrigin } as const
    return appendStandaloneEvent(rooms, event('LoginFailed', failed))
  })
  await Promise.all(told)
}

const hostile = '<img src=x onerror=alert(1)><script>alert(2)</script>"\'&amp;{{7*7}}'

const browser = await openChromium('the console in a real Chromium')
if (browser !== null) {
  claims('the console in a real Chromium', {
    'ends a session by mouse, after it said what would end; each of eight guards is seen to refuse':
      () =>
        inConsole(browser, 8, async ({ signedIn, login, url }) => {
          const alice = await login('alice', 'Mozilla/5.0 (X11; Linux) Firefox/145.0')
          const page = await signedIn('admin')
          await page.click('nav >> text=Sessions')
          await page.fill('[data-search]', 'alice')
          await page.getByRole('button', { name: 'Search' }).click()
          const row = page.locator('tr[data-row]', { hasText: 'alice' })
          await row.locator('[data-open]').click()
          await page.waitForSelector('.timeline .mark.login')
          await page.click('main >> text=End it')
          await page.waitForSelector('dialog >> text=1 session of 1 user would end.')
          assert.is((await alice.request.get(`${url}/me`)).status(), 200)
          await page.click('dialog button.danger')
          await counted(page, '.watch .good', 8)
          assert.is((await alice.request.get(`${url}/me`)).status(), 401)
          await page.click('dialog >> text=Done')
          await page.waitForSelector('.timeline .mark.end')
          assert.match(await page.innerText('.facts'), /ended .*revoked/s)
        }),

    'is used by the keyboard alone': () =>
      inConsole(browser, 1, async ({ signedIn, login }) => {
        await login('alice', 'agent-of-alice')
        const page = await signedIn('admin')
        const { keyboard } = page
        await keyboard.press('g')
        await keyboard.press('e')
        await page.waitForSelector('.event')
        await keyboard.press('/')
        await keyboard.type('user:alice kind:TokenIssued')
        await keyboard.press('Enter')
        await page.waitForURL(/kind=TokenIssued/)
        await counted(page, '.event', 2)
        await keyboard.press('Escape')
        await keyboard.press('j')
        await keyboard.press('j')
        await keyboard.press('k')
        await keyboard.press('Enter')
        await page.waitForSelector('.event .detail')
        assert.match(page.url(), 'open=')
        await keyboard.press('u')
        await page.waitForURL(/utc=1/)
        await keyboard.press('?')
        await page.waitForSelector('dialog .keys')
        await keyboard.press('Escape')
        await counted(page, 'dialog', 0)
        await keyboard.press('g')
        await keyboard.press('s')
        await page.waitForURL(/\/console\/sessions\?utc=1$/)
      }),

    'everyone is logged out only by who types it, and the word stays while events come': () =>
      inConsole(browser, 1, async ({ signedIn, login, url }) => {
        const alice = await login('alice', 'agent')
        const page = await signedIn('admin')
        await page.goto(`${url}/console/sessions?end=all`)
        const button = page.locator('dialog button.danger')
        await button.waitFor()
        assert.ok(await button.isDisabled())
        await page.fill('dialog input', 'everyon')
        assert.ok(await button.isDisabled())
        await page.fill('dialog input', 'everyone')
        await button.click()
        // The admin's own session ended too.
        await page.waitForURL(/\/sign-in\?return_to=%2Fconsole%2Fsessions/)
        assert.is((await alice.request.get(`${url}/me`)).status(), 401)
      }),

    'a user agent full of markup is text, wherever it is shown': () =>
      inConsole(browser, 1, async ({ signedIn, login, url }) => {
        await login('alice', hostile)
        const page = await signedIn('admin')
        for (const path of ['/events?user=alice', '/sessions?user=alice', '/users/alice']) {
          await page.goto(`${url}/console${path}`)
          await page.waitForSelector(`main >> text=onerror=alert`)
          assert.is(await page.locator('main img, main script').count(), 0)
        }
        await page.goto(`${url}/console/sessions?user=alice`)
        await page.click('tr[data-row] [data-open]')
        await page.waitForSelector('.facts >> text=onerror=alert')
        assert.is(await page.locator('main img, main script').count(), 0)
      }),

    'an auditor sees what happens and nothing to press, and the routes refuse them': () =>
      inConsole(browser, 1, async ({ signedIn, login, url }) => {
        await login('alice', 'agent')
        const page = await signedIn('auditor')
        await page.waitForSelector('text=reads only')
        const refused: string[] = []
        page.on('response', (answer) => {
          if (answer.status() === 403) refused.push(answer.url())
        })
        for (const path of [...pages, '/users/admin?do=erase', '/keys?rotate=signing']) {
          await page.goto(`${url}/console${path}`)
          await settled(page)
          assert.is(await page.locator('.danger, dialog').count(), 0, path)
        }
        await page.goto(`${url}/console/users`)
        await page.waitForSelector('tr[data-row] >> text=alice')
        // Each would be an event that says that the auditor tried what they may not.
        assert.equal(refused, [])
        const { request } = page.context()
        const ended = await request.post(`${url}/revocations`, { data: { scope: 'all' } })
        assert.is(ended.status(), 403)
      }),

    'shows the newest thousand of five thousand events, and holds still while somebody looks': () =>
      inConsole(browser, 1, async (world) => {
        const page = await world.signedIn('admin')
        await page.goto(`${world.url}/console/events?live=1&kind=LoginFailed`)
        await page.waitForSelector('.live.live')
        await page.fill('[data-search]', 'half a wor')
        await tell(world, 5_000)
        const drawn = (): Promise<number> => page.locator('.event').count()
        await page.waitForSelector('main >> text=1,000 events')
        assert.ok((await drawn()) < 100, 'of a list that moves, what a screen shows')
        assert.is(await page.inputValue('[data-search]'), 'half a wor')
        await page.click('main >> text=Hold')
        await counted(page, '.event', 1_000)
        const first = await page.locator('.event').first().getAttribute('data-id')
        await tell(world, 7)
        await page.waitForSelector('.news')
        assert.is(await page.locator('.event').first().getAttribute('data-id'), first)
        await page.click('.news')
        await page.waitForSelector(`.event:first-child:not([data-id="${first}"])`)
        await until('few are drawn', async () => (await drawn()) < 100)
        await page.keyboard.press('j')
        await page.keyboard.press('j')
        const second = await page.locator('.event').nth(1).getAttribute('data-id')
        await tell(world, 7)
        await page.waitForSelector('.news')
        assert.is(await page.locator('.event').nth(1).getAttribute('data-id'), second)
        for (const key of ['Tab', 'j', 'k']) {
          await page.keyboard.press(key)
          const inPlace = await page.locator('.event').nth(1).getAttribute('data-id')
          assert.is(inPlace, second, `${key} moves the focus within the list, and no row`)
        }
        assert.is(await page.locator('.news').count(), 1)
      }),

    'goes on with new tokens where the old ones ran out, and to the sign-in where the session did':
      () =>
        inConsole(browser, 1, async ({ signedIn, url }) => {
          const page = await signedIn('admin')
          const profile = page.context()
          await profile.clearCookies({ name: 'access' })
          await page.click('nav >> text=Users')
          await page.waitForSelector('tr[data-row]')
          await profile.request.post(`${url}/logout`)
          await page.click('nav >> text=Audit')
          await page.click('nav >> text=Guards')
          await page.waitForURL(/\/sign-in\?return_to=%2Fconsole%2Fguards/)
        }),

    'has no violation of WCAG 2.2 AA and nothing too wide, from 360 to 1,600 pixels': () =>
      inConsole(browser, 3, async (world) => {
        await world.login('alice', 'Mozilla/5.0 (X11; Linux) Firefox/145.0')
        await looksRight(world, { width: 360, dark: true })
        await looksRight(world, { width: 1_600, dark: false })
      }),
  })
}
