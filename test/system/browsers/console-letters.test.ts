import { readEvents } from '../../../services/gateway/audit/index.ts'
import { noFilter } from '../../../shared/events/audit-terms.ts'
import { encodeDeadLetter } from '../../../shared/events/event-codec.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import { openChromium } from '../../support/processes/chromium.ts'
import { violationsOf } from '../../support/processes/violations-of.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { type ConsoleWorld, inConsole } from '../../support/worlds/console-world.ts'

const hostile = '<img src=x onerror=alert(1)><script>alert(2)</script>"\'&amp;{{7*7}}'

/** Operators read it; it is the whole log all the same. */
const park = ({ gateway }: ConsoleWorld['running'], values: readonly string[]) =>
  (gateway.rooms.operators.log as EventLog).publish(
    values.map((value, offset) => {
      const headers = { ce_type: 'x', strange: '<script>alert(2)</script>onerror=alert(2)' }
      const at = { topic: 'auth.events' as const, partition: 0, offset, key: 'k', headers }
      return encodeDeadLetter({ ...at, value: Buffer.from(value) }, 'unknown event type')
    }),
  )

/** A page that is opened sooner does not have it yet, and does not ask again by itself. */
const untilTold = ({ gateway }: ConsoleWorld['running']): Promise<void> => {
  const page = { since: null, until: null, order: 'newest', after: null, limit: 1 } as const
  const wanted = { ...noFilter, ...page, kind: 'DeadLetterSettled' } as const
  return until('who did it is in the index', async () => {
    return (await readEvents(gateway.rooms.audit, wanted)).events.length > 0
  })
}

const browser = await openChromium('the dead letters of the console')
if (browser !== null) {
  claims('the dead letters of the console', {
    'lists parked records, and shows what one says as text, whatever that is': () =>
      inConsole(browser, 1, async ({ signedIn, running }) => {
        const page = await signedIn('auditor')
        await page.click('nav >> text=Dead letters')
        await page.waitForSelector('text=That is how it should be')
        await page.waitForSelector('text=A log takes nothing back')
        await park(running, [hostile, '{"a":1}'])
        await page.reload()
        await until(
          'both are listed',
          async () => (await page.locator('tr[data-row]').count()) === 2,
        )
        await page.locator('[data-open]').last().click()
        await page.waitForSelector('.value >> text=onerror=alert(1)')
        assert.is(await page.locator('.value').textContent(), hostile)
        await page.waitForSelector('dd >> text=onerror=alert(2)')
        assert.is(await page.locator('main img, main script').count(), 0)
        assert.equal(await violationsOf(page), [])
        assert.is(await page.getByRole('link', { name: 'Drop' }).count(), 0, 'an auditor reads')
      }),

    'retries one in vain, drops it, and shows who did; by the keyboard alone': () =>
      inConsole(browser, 1, async ({ signedIn, running }) => {
        const page = await signedIn('admin')
        await park(running, ['{"a":1}'])
        await page.click('nav >> text=Dead letters')
        await page.waitForSelector('tr[data-row] >> text=open')
        await page.keyboard.press('j')
        await page.keyboard.press('Enter')
        for (const [way, waited] of [
          ['Retry', 'dialog >> text=dead_letter_unusable'],
          ['Drop', '.facts >> text=dropped'],
        ] as const) {
          await page.getByRole('link', { name: way, exact: true }).focus()
          await page.keyboard.press('Enter')
          const button = page.locator('dialog').getByRole('button', { name: `${way} letter` })
          await button.waitFor()
          assert.equal(await violationsOf(page), [])
          await button.focus()
          await page.keyboard.press('Enter')
          await page.waitForSelector(waited)
          if (way === 'Retry') await page.keyboard.press('Escape')
        }
        await page.click('main >> text=All of them')
        await page.waitForSelector('text=none to deal with')
        await page.click('main >> text=All of them')
        await page.waitForSelector('tr[data-row] >> text=dropped')
        await untilTold(running)
        await page.click('main >> text=Who dealt with some')
        await page.waitForSelector('.event >> text=Dead letter settled')
      }),
  })
}
