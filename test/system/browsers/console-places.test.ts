import type { Page } from 'playwright-core'
import { openChromium } from '../../support/processes/chromium.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { inConsole } from '../../support/worlds/console-world.ts'

/** A sign-in that does not come, as on a slow line: what the page shows meanwhile is seen. */
const withholdSignIn = async (page: Page): Promise<readonly string[]> => {
  const asked: string[] = []
  await page.route('**/sign-in?**', (route) => {
    asked.push(route.request().url())
    return route.fulfill({ status: 204 })
  })
  return asked
}

const browser = await openChromium('the places of the console')
if (browser !== null) {
  claims('the console', {
    'shows nothing more when the session of whoever looks has ended, and keeps the place': () =>
      inConsole(browser, 1, async ({ signedIn, url }) => {
        for (const path of ['/users', '/sessions?state=alive', '/events?live=1']) {
          const page = await signedIn('admin')
          await page.goto(`${url}/console${path}`)
          await page.waitForSelector('[data-row], .event')
          const asked = await withholdSignIn(page)
          await page.context().request.post(`${url}/logout`)
          const said = page.locator('main', { hasText: 'You are signed out' })
          await until(`${path} says it`, async () => (await said.count()) === 1)
          assert.is(await page.locator('[data-row], .event, nav').count(), 0, path)
          const back = encodeURIComponent(`/console${path}`)
          await until(path, async () => asked.length > 0)
          assert.is(asked[0], `${url}/sign-in?return_to=${back}`)
        }
      }),

    'shows on a phone where in the menu one is': () =>
      inConsole(browser, 1, async ({ signedIn, url }) => {
        const page = await signedIn('admin', { width: 360 })
        await page.goto(`${url}/console/settings`)
        const here = page.locator('nav [aria-current=page]')
        await until('it is in sight', async () => {
          const { x = -1, width = 0 } = (await here.boundingBox()) ?? {}
          return x >= 0 && x + width <= 360
        })
      }),

    'has a page that says so for every address that is none': () =>
      inConsole(browser, 1, async ({ signedIn, url }) => {
        const page = await signedIn('admin')
        for (const list of ['sessions', 'users', 'dead-letters']) {
          for (const part of ['%ff', '%', '%c3%28', '%u0041', 'a/b']) {
            await page.goto(`${url}/console/${list}/${part}`)
            await page.waitForSelector('main >> text=There is no page at this address.')
          }
        }
        await page.goto(`${url}/console/users/%C3%A9`)
        await page.waitForSelector('main [role=alert]')
      }),
  })
}
