import type { Page } from 'playwright-core'
import { axeViolations } from '../../support/processes/axe-violations.ts'
import { openChromium } from '../../support/processes/chromium.ts'
import { openFront } from '../../support/requests/web-front.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import {
  focused,
  inBrowser,
  type Opened,
  others,
  shows,
  signIn,
  tabTo,
  told,
} from '../../support/worlds/opened-page.ts'
import { alice } from '../../support/worlds/paged-world.ts'

const next = 'a new correct horse'

/** A whole life of an account, by mouse. */
const livesByMouse = async (opened: Opened): Promise<void> => {
  const { page, world, url } = opened
  await page.goto(`${url}/account`)
  await page.waitForURL(`${url}/sign-in?return_to=%2Faccount`)
  await page.fill('#username', alice.username)
  await page.fill('#password', 'wrong')
  await page.click('button')
  assert.match(await page.locator('[role=alert]').innerText(), 'is wrong')
  assert.is(await page.inputValue('#username'), alice.username)
  await page.fill('#password', alice.password)
  await page.check('#remember')
  await page.click('button')
  await page.waitForURL(`${url}/account`)
  const jar = await others(world)
  await shows(opened, 'button[aria-label*="curl/8.5.0"]')
  await page.click('button[aria-label*="curl/8.5.0"]')
  assert.match(await told(page), 'That session has ended')
  assert.is((await world.me(jar)).status, 401)
  await page.fill('#current_password', alice.password)
  await page.fill('#new_password', 'alicealice')
  await page.click('form[action$="/password"] button')
  assert.match(await page.locator('#new_password-problem').innerText(), 'too close to your name')
  await page.fill('#current_password', alice.password)
  await page.fill('#new_password', next)
  await page.click('form[action$="/password"] button')
  assert.match(await told(page), 'Your password is changed')
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.click('a[href$="/account/data"]'),
  ])
  assert.is(file.suggestedFilename(), 'account.json')
  await page.click('form[action$="/sign-out"] button')
  await page.waitForURL(/\/sign-out/)
  await page.click('form button')
  await page.waitForURL(`${url}/sign-in`)
  assert.is(await told(page), 'You are signed out.')
}

const livesByKeyboard = async (opened: Opened): Promise<void> => {
  const { page, world, url } = opened
  const { keyboard } = page
  await page.goto(`${url}/sign-in`)
  assert.is(await focused(page), 'username')
  await keyboard.type(alice.username)
  await keyboard.press('Tab')
  await keyboard.type('wrong')
  await keyboard.press('Enter')
  await page.waitForSelector('[role=alert]')
  assert.is(await focused(page), 'password')
  await keyboard.type(alice.password)
  await tabTo(page, /^remember$/)
  await keyboard.press('Space')
  await tabTo(page, /^Sign in$/)
  await keyboard.press('Enter')
  await page.waitForURL(`${url}/account`)
  await others(world)
  await shows(opened, 'button[aria-label*="curl/8.5.0"]')
  await tabTo(page, /^Skip to the content$/)
  await tabTo(page, /^End the session on curl/)
  await keyboard.press('Enter')
  await page.waitForSelector('[role=status]')
  await tabTo(page, /^current_password$/)
  await keyboard.type('not it')
  await keyboard.press('Tab')
  await keyboard.type(next)
  await keyboard.press('Enter')
  await page.waitForSelector('#current_password-problem')
  assert.is(await focused(page), 'current_password')
  await tabTo(page, /^Sign out$/)
  await keyboard.press('Enter')
  await page.waitForURL(/\/sign-out/)
  assert.is(await focused(page), 'Sign out')
  await keyboard.press('Enter')
  await page.waitForURL(`${url}/sign-in`)
}

/** Nothing that axe-core finds, and nothing wider than the window. */
const isSound = async (page: Page, what: string): Promise<void> => {
  assert.equal(await axeViolations(page), [], what)
  const wider = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
  assert.is(wider, false, `${what} scrolls sideways`)
}

const looksSound = async (opened: Opened, what: string): Promise<void> => {
  const { page, world, url } = opened
  await page.goto(`${url}/sign-in`)
  await isSound(page, `${what}: the sign-in`)
  await page.fill('#username', alice.username)
  await page.fill('#password', 'wrong')
  await page.click('button')
  await isSound(page, `${what}: a wrong password`)
  await signIn(opened)
  await others(world, `${'<b>'.repeat(20)}&"'`)
  await shows(opened, '.alert')
  await isSound(page, `${what}: the account`)
  await page.fill('#current_password', 'wrong')
  await page.fill('#new_password', next)
  await page.click('form[action$="/password"] button')
  await isSound(page, `${what}: a wrong password of the account`)
  await page.goto(`${url}/sign-out`)
  await isSound(page, `${what}: the sign-out`)
  await page.goto(`${url}/account?after=nonsense`)
  await isSound(page, `${what}: a problem`)
}

const browser = await openChromium('the sign-in and the account in a real Chromium')
if (browser !== null) {
  claims('the sign-in and the account in a real Chromium', {
    'do everything by mouse without JavaScript': () =>
      inBrowser(browser, { javaScriptEnabled: false }, livesByMouse),

    'do everything by keyboard alone, and show where the focus is': () =>
      inBrowser(browser, { viewport: { width: 1_600, height: 900 } }, livesByKeyboard),

    // asvs: 3.5.3
    'are sound at 360 and 1,600 pixels, light and dark, in both languages': async () => {
      for (const width of [360, 1_600]) {
        for (const colorScheme of ['light', 'dark'] as const) {
          const locale = width === 360 ? 'ko-KR' : 'en-US'
          const what = `${width} ${colorScheme} ${locale}`
          const profile = { viewport: { width, height: 800 }, colorScheme, locale }
          await inBrowser(browser, profile, (opened) => looksSound(opened, what))
        }
      }
    },

    'lead to an origin of the settings after the sign-in, which the browser lets pass':
      async () => {
        const other = await openFront(false)
        const origin = `http://localhost:${other.port}`
        try {
          await inBrowser(browser, { env: { CURFEW_RETURN_ORIGINS: origin } }, async (opened) => {
            const { page, url } = opened
            await page.goto(`${url}/sign-in?return_to=${encodeURIComponent(`${origin}/page`)}`)
            await page.fill('#username', alice.username)
            await page.fill('#password', alice.password)
            await page.click('button')
            await page.waitForURL(`${origin}/page`)
          })
        } finally {
          await other.close()
        }
      },

    'lead from both forms to a path of the own origin that redirects to another one': async () => {
      const [front, other] = [await openFront(false), await openFront(false)]
      const url = `http://localhost:${front.port}`
      const end = `http://127.0.0.1:${other.port}/page`
      const back = encodeURIComponent(`/away?to=${encodeURIComponent(end)}`)
      try {
        await inBrowser(browser, { env: { CURFEW_PUBLIC_URL: url } }, async ({ page, world }) => {
          front.targets.set('localhost', world.url)
          await page.goto(`${url}/sign-in?return_to=${back}`)
          await page.fill('#username', alice.username)
          await page.fill('#password', alice.password)
          await page.click('button')
          await page.waitForURL(end)
          await page.goto(`${url}/sign-out?return_to=${back}`)
          await page.click('button')
          await page.waitForURL(end)
        })
      } finally {
        await Promise.all([front.close(), other.close()])
      }
    },

    'find the session again for a link on another site, by the refresh cookie alone': async () => {
      const elsewhere = await openFront(false)
      try {
        await inBrowser(browser, {}, async (opened) => {
          const { page, url } = opened
          await signIn(opened)
          await page.context().clearCookies({ name: 'access' })
          await page.goto(`http://127.0.0.1:${elsewhere.port}/page`)
          await page.evaluate(`location.href = ${JSON.stringify(`${url}/account`)}`)
          await page.waitForURL(`${url}/account`)
          assert.match(await page.locator('h1').innerText(), 'Your account')
        })
      } finally {
        await elsewhere.close()
      }
    },

    'stay out of the frame of a page of another site': async () => {
      const elsewhere = await openFront(false)
      try {
        await inBrowser(browser, {}, async ({ page, url }) => {
          await page.goto(`http://127.0.0.1:${elsewhere.port}/page`)
          await page.evaluate(
            `document.body.append(Object.assign(document.createElement('iframe'), ` +
              `{ src: ${JSON.stringify(`${url}/sign-in`)} }))`,
          )
          await until('the frame shows that it was refused', async () =>
            page.frames().some((frame) => frame.url().startsWith('chrome-error://')),
          )
        })
      } finally {
        await elsewhere.close()
      }
    },
  })
}
