import { utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { systemClock } from '../../../shared/kernel/clock.ts'
import { keyFileNames } from '../../../shared/tokens/key-rings/index.ts'
import { openChromium } from '../../support/processes/chromium.ts'
import { violationsOf } from '../../support/processes/violations-of.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { inConsole, password } from '../../support/worlds/console-world.ts'

const counted = (page: Page, what: string, count: number): Promise<void> =>
  until(`there are ${count} of ${what}`, async () => (await page.locator(what).count()) === count)

/** As for a login that is older than five minutes, until the password was given again. */
const refusedAsLongAgo = (page: Page): Promise<unknown> =>
  page.route('**/rotate', async (route) => {
    const { cookie = '' } = await route.request().allHeaders()
    if (cookie.includes('step-up=')) return route.continue()
    const detail = 'The password was given too long ago.'
    return route.fulfill({ status: 401, json: { detail, code: 'step_up_required' } })
  })

const browser = await openChromium('the keys of the console')
if (browser !== null) {
  claims('the keys of the console', {
    'rotates a ring for who types its name, and the password where the login is long ago': () =>
      inConsole(browser, 1, async ({ signedIn, running, url }) => {
        const page = await signedIn('admin')
        await refusedAsLongAgo(page)
        await page.goto(`${url}/console/keys`)
        await page.click('main >> [aria-label="Rotate the ring refresh"]')
        const rotate = page.locator('dialog button.danger')
        assert.ok(await rotate.isDisabled())
        await page.fill('dialog input', 'refresh')
        await rotate.click()
        const asked = page.locator('dialog', { has: page.locator('[type=password]') })
        await asked.waitFor()
        assert.equal(await violationsOf(page), [])
        await asked.locator('[type=password]').fill('guessed')
        await page.keyboard.press('Enter')
        await asked.locator('text=Invalid password.').waitFor()
        await asked.locator('[type=password]').fill(password)
        await page.keyboard.press('Enter')
        // The file was made a moment ago: nobody has seen its next key yet.
        await page.waitForSelector('dialog >> text=/not everybody knows.*Try again in \\d+ s/')
        await page.waitForSelector('dialog >> text=key_not_shown_yet')
        assert.is(await page.locator('dialog').count(), 1)
        const longAgo = systemClock.now() / 1_000 - 600
        const file = join(running.gateway.rooms.keyFolder.dir, keyFileNames.refresh)
        await utimes(file, longAgo, longAgo)
        const shown = page.locator('[aria-label="Keys of refresh"] tbody tr')
        const next = await shown.nth(1).getAttribute('data-row')
        await rotate.click()
        await page.waitForSelector(`.said >> text=refresh: ${next}`)
        await counted(page, 'dialog', 0)
        await page.waitForSelector('[aria-label="Keys of refresh"] >> text=still accepted')
        assert.is(await shown.first().getAttribute('data-row'), next)
      }),

    'says where keys are rotated when the gateway may only read them': () =>
      inConsole(browser, 1, async ({ signedIn, url }) => {
        const page = await signedIn('admin')
        const detail = 'The key folder is read-only here, and nothing was changed.'
        await page.route('**/rotate', (route) =>
          route.fulfill({ status: 501, json: { detail, code: 'keys_read_only' } }),
        )
        await page.goto(`${url}/console/keys?rotate=signing`)
        await page.fill('dialog input', 'signing')
        await page.keyboard.press('Enter')
        await page.waitForSelector(`dialog [role=alert] >> text=${detail}`)
        await page.click('dialog >> text=Cancel')
        await counted(page, 'dialog', 0)
        await page.waitForSelector('main >> text=curfew keys rotate --ring signing')
      }),
  })
}
