import type { Page } from 'playwright-core'
import { openChromium } from '../../support/processes/chromium.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { startConsoleAlone } from '../../support/worlds/console-alone.ts'
import { type ConsoleWorld, inConsole, password } from '../../support/worlds/console-world.ts'

/** What the page asked for: where, and what was not passed on. */
const listenTo = (page: Page) => {
  const asked = { origins: new Set<string>(), missing: [] as string[], problems: [] as string[] }
  page.on('request', (request) => {
    if (request.url().startsWith('http')) asked.origins.add(new URL(request.url()).origin)
  })
  page.on('response', (answer) => {
    if (answer.status() === 404 || answer.status() >= 500) asked.missing.push(answer.url())
  })
  page.on('pageerror', (error) => asked.problems.push(String(error)))
  return asked
}

const pages = [
  ...['', '/events', '/sessions', '/users', '/clients', '/guards', '/receivers', '/keys'],
  ...['/dead-letters', '/audit', '/audit?ask=held&asked=1', '/settings', '/sessions?end=all'],
]

const browser = await openChromium('the console alone in a real Chromium')
if (browser !== null) {
  /** A console at an address that has no cookie of the gateway’s, and a page of it. */
  const inAlone = (
    prove: (page: Page, url: string, world: ConsoleWorld) => Promise<void>,
  ): Promise<void> =>
    inConsole(browser, 3, async (world) => {
      const alone = await startConsoleAlone(world.url)
      const profile = await browser.newContext()
      try {
        const page = await profile.newPage()
        const asked = listenTo(page)
        await page.goto(alone.url)
        await page.fill('[name=username]', 'admin')
        await page.fill('[name=password]', password)
        await page.click('button[type=submit]')
        await page.waitForURL(`${alone.url}/console`)
        await page.waitForSelector('main h1')
        await prove(page, alone.url, world)
        assert.equal(asked, { origins: new Set([alone.url]), missing: [], problems: [] })
      } finally {
        await profile.close()
        await alone.close()
      }
    })

  claims('the console alone in a real Chromium', {
    'signs in, shows the overview and live events, ends a session, and signs out': () =>
      inAlone(async (page, url, { login, url: gateway }) => {
        await until('three guards are drawn', async () => {
          return (await page.locator('.guards li').count()) === 3
        })
        await page.goto(`${url}/console/events?live=1&kind=TokenIssued`)
        await page.waitForSelector('.live.live')
        const alice = await login('alice', 'agent-of-alice')
        await page.waitForSelector('.event >> text=alice')
        await page.goto(`${url}/console/sessions?user=alice`)
        await page.click('tr[data-row] [data-open]')
        await page.click('main >> text=End it')
        await page.waitForSelector('dialog >> text=1 session of 1 user would end.')
        await page.click('dialog button.danger')
        await until('three guards refuse', async () => {
          return (await page.locator('.watch .good').count()) === 3
        })
        assert.is((await alice.request.get(`${gateway}/me`)).status(), 401)
        await page.click('dialog >> text=Done')
        await page.click('text=Sign out')
        await page.click('button[type=submit]')
        await page.waitForURL(`${url}/sign-in`)
        await page.goto(`${url}/console/keys`)
        await page.waitForURL(`${url}/sign-in?return_to=%2Fconsole%2Fkeys`)
      }),

    'asks the gateway for nothing that is not passed on, whatever page is open': () =>
      inAlone(async (page, url, { login }) => {
        await login('alice', 'agent-of-alice')
        await page.goto(`${url}/console/sessions?user=alice`)
        await page.waitForSelector('tr[data-row]')
        const sid = await page.locator('tr[data-row]').first().getAttribute('data-row')
        for (const path of [...pages, `/sessions/${sid}`, '/users/alice']) {
          await page.goto(`${url}/console${path}`)
          await page.waitForSelector('main h1')
          await until(
            `${path} is whole`,
            async () => (await page.locator('.skeleton').count()) === 0,
          )
        }
        await page.goto(`${url}/account`)
        await page.waitForSelector('h1')
      }),
  })
}
