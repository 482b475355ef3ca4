import type { CDPSession, Page } from 'playwright-core'
import { appendStandaloneEvent } from '../../../services/gateway/publication/index.ts'
import { event, noOrigin } from '../../../shared/events/event.ts'
import { openChromium } from '../../support/processes/chromium.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { type ConsoleWorld, inConsole } from '../../support/worlds/console-world.ts'

const fail = async ({ running }: ConsoleWorld, account: string): Promise<void> => {
  const told = { reason: 'unknown_user', sub: null, account, ...noOrigin } as const
  await appendStandaloneEvent(running.gateway.rooms, event('LoginFailed', told))
}

type Place = Readonly<{ id: string; x: number; y: number }>

const rowAt = async (page: Page, nth: number): Promise<Place> => {
  const link = page.locator('.event').nth(nth).locator('[data-open]')
  const box = await link.boundingBox()
  const id = await page.locator('.event').nth(nth).getAttribute('data-id')
  if (box === null || id === null) throw new Error('there is no such row')
  return { id, x: Math.round(box.x + 20), y: Math.round(box.y + box.height / 2) }
}

const touch = (
  device: CDPSession,
  type: 'touchStart' | 'touchMove' | 'touchEnd' | 'touchCancel',
  at?: Readonly<{ x: number; y: number }>,
) =>
  device.send('Input.dispatchTouchEvent', { type, touchPoints: at ? [{ x: at.x, y: at.y }] : [] })

const browser = await openChromium('fingers on the console in a real Chromium')
if (browser !== null) {
  /** The live view on a phone, with five events. */
  const onPhone = (
    prove: (page: Page, device: CDPSession, world: ConsoleWorld) => Promise<void>,
  ): Promise<void> =>
    inConsole(browser, 1, async (world) => {
      const page = await world.signedIn('admin', { width: 390, isTouched: true })
      await page.goto(`${world.url}/console/events?live=1&kind=LoginFailed`)
      await page.waitForSelector('.live.live')
      for (const nth of [1, 2, 3, 4, 5]) await fail(world, `account-${nth}`)
      await until('five are there', async () => (await page.locator('.event').count()) === 5)
      await prove(page, await page.context().newCDPSession(page), world)
    })

  claims('a finger on the live events', {
    'opens the row that it came down on, however many come before it leaves': () =>
      onPhone(async (page, device, world) => {
        const pressed = await rowAt(page, 2)
        await touch(device, 'touchStart', pressed)
        for (const nth of [6, 7, 8]) await fail(world, `account-${nth}`)
        await page.waitForSelector('.news >> text=3 new')
        assert.equal(await rowAt(page, 2), pressed, 'no row moved')
        await touch(device, 'touchEnd')
        await page.waitForURL(/open=/)
        assert.is(new URL(page.url()).searchParams.get('open'), pressed.id)
        await until('what came is shown', async () => (await page.locator('.event').count()) === 8)
        assert.is(await page.locator('.event .detail').count(), 1)
        assert.is(await page.locator(`.event[data-id="${pressed.id}"] .detail`).count(), 1)
      }),

    'that is taken away for something else lets the list go on': () =>
      onPhone(async (page, device, world) => {
        const pressed = await rowAt(page, 2)
        await touch(device, 'touchStart', pressed)
        await fail(world, 'account-6')
        await page.waitForSelector('.news >> text=1 new')
        await touch(device, 'touchCancel')
        await until('it goes on', async () => (await page.locator('.event').count()) === 6)
        await touch(device, 'touchStart', pressed)
        await fail(world, 'account-7')
        await page.waitForSelector('.news >> text=1 new')
        // So far that no click comes of it.
        await touch(device, 'touchMove', { x: pressed.x, y: pressed.y + 60 })
        await touch(device, 'touchEnd')
        await until('it goes on again', async () => (await page.locator('.event').count()) === 7)
        assert.not.match(page.url(), 'open=')
      }),

    'finds the same row there when the first of many comes meanwhile': () =>
      onPhone(async (page, device, world) => {
        const rows = await Promise.all([0, 1, 2, 3, 4].map((nth) => rowAt(page, nth)))
        await touch(device, 'touchStart', rows[4])
        for (let nth = 0; nth < 120; nth += 1) await fail(world, `more-${nth}`)
        await page.waitForSelector('.news >> text=120 new')
        assert.equal(await Promise.all([0, 1, 2, 3, 4].map((nth) => rowAt(page, nth))), rows)
        await touch(device, 'touchCancel')
        await until('all came', async () => {
          return (await page.locator('.event').first().getAttribute('data-id')) !== rows[0]?.id
        })
      }),
  })
}
