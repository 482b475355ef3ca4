import type { Page } from 'playwright-core'
import { readEvents } from '../../../services/gateway/audit/index.ts'
import { noFilter } from '../../../shared/events/audit-terms.ts'
import { type Clock, systemClock } from '../../../shared/kernel/clock.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { openChromium } from '../../support/processes/chromium.ts'
import { violationsOf } from '../../support/processes/violations-of.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { type ConsoleWorld, inConsole, password } from '../../support/worlds/console-world.ts'

/** A clock of the whole service that can be put forward: what happened before is older then. */
const movableClock = (): Readonly<{ clock: Clock; forward: (ms: number) => void }> => {
  let ahead = 0
  const clock: Clock = {
    ...systemClock,
    now: () => (systemClock.now() + ahead) as EpochMs,
    monotonicMs: () => systemClock.monotonicMs() + ahead,
  }
  const forward = (ms: number): void => {
    ahead += ms
  }
  return { clock, forward }
}

const count = async ({ running }: ConsoleWorld, kind: string): Promise<number> => {
  const wanted = { since: null, until: null, order: 'newest', after: null, limit: 100 } as const
  const filter = { ...noFilter, kind, ...wanted }
  return (await readEvents(running.gateway.rooms.audit, filter as never)).events.length
}

/** What the gateway answered to the act, each time that it was asked for. */
const answersTo = (page: Page, path: string): readonly string[] => {
  const told: string[] = []
  page.on('response', (answer) => {
    // A preview has a query.
    if (answer.request().method() !== 'POST' || !answer.url().endsWith(path)) return
    told.push(`${answer.status()} ${answer.headers()['www-authenticate'] ?? ''}`.trim())
  })
  return told
}

const logEveryoneOut = async (page: Page, url: string): Promise<void> => {
  await page.goto(`${url}/console/sessions?end=all`)
  await page.locator('dialog button.danger').waitFor()
  await page.fill('dialog input', 'everyone')
  await page.locator('dialog button.danger').click()
}

const challenge = 'Bearer error="insufficient_user_authentication", max_age="300"'
const passwordDialog = 'dialog:has([type=password])'

const browser = await openChromium('a step-up in the console')
if (browser !== null) {
  claims('a login of six minutes ago, in the console', {
    'is refused what ends everyone, gives the password again, and does it once': () => {
      const { clock, forward } = movableClock()
      const prove = async (world: ConsoleWorld): Promise<void> => {
        const { signedIn, login, url } = world
        const alice = await login('alice', 'agent')
        const page = await signedIn('admin')
        const answers = answersTo(page, '/revocations')
        forward(6 * 60_000)
        await logEveryoneOut(page, url)
        const asked = page.locator(passwordDialog)
        await asked.waitFor()
        assert.equal(answers, [`401 ${challenge}`])
        assert.is((await alice.request.get(`${url}/me`)).status(), 200, 'nothing was ended')
        assert.equal(await violationsOf(page), [])
        await asked.locator('[type=password]').fill('guessed')
        await page.keyboard.press('Enter')
        await asked.locator('[role=alert]').waitFor()
        assert.is((await alice.request.get(`${url}/me`)).status(), 200, 'nor by a guess')
        await asked.locator('[type=password]').fill(password)
        await page.keyboard.press('Enter')
        // The admin's own session ends too.
        await page.waitForURL(/\/sign-in\?return_to=%2Fconsole%2Fsessions/)
        assert.is((await alice.request.get(`${url}/me`)).status(), 401)
        assert.equal(answers, [`401 ${challenge}`, '200'])
        await until('the index has it', async () => (await count(world, 'TokenRevoked')) > 0)
        assert.is(await count(world, 'TokenRevoked'), 1)
        assert.is(await count(world, 'SteppedUp'), 1)
        await page.fill('#username', 'admin')
        await page.fill('#password', password)
        await page.click('button')
        await page.waitForURL(/\/console\/sessions/)
      }
      return inConsole(browser, 1, prove, clock)
    },

    'ends nobody’s session where the password is not given': () => {
      const { clock, forward } = movableClock()
      const prove = async ({ signedIn, url }: ConsoleWorld): Promise<void> => {
        const page = await signedIn('admin')
        const answers = answersTo(page, '/revocations')
        forward(6 * 60_000)
        await logEveryoneOut(page, url)
        await page.locator(passwordDialog).locator('text=Cancel').click()
        await page.locator('dialog [role=alert]').waitFor()
        assert.equal(answers, [`401 ${challenge}`])
        assert.is((await page.context().request.get(`${url}/me`)).status(), 200)
      }
      return inConsole(browser, 1, prove, clock)
    },
  })
}
