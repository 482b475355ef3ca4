import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { newJar } from '../processes/browser.ts'
import { assert } from '../suite.ts'
import { until } from '../until.ts'
import type { World, WorldOptions } from './gateway-world.ts'
import { alice, inPagedWorld, visit } from './paged-world.ts'

export type Opened = Readonly<{ page: Page; world: World; url: string }>
type Profile = BrowserContextOptions & Readonly<{ env?: WorldOptions['env'] }>

/** A page of a new profile at a gateway's, and no word of the browser about what it refused. */
export const inBrowser = (
  browser: Browser,
  { env = {}, ...profile }: Profile,
  prove: (opened: Opened) => Promise<void>,
): Promise<void> =>
  inPagedWorld({ env }, async (world) => {
    const context = await browser.newContext({ locale: 'en-US', ...profile })
    try {
      const page = await context.newPage()
      const refused: string[] = []
      page.on('console', (message) => {
        const text = message.text()
        const isRefused = /Content Security Policy|Trusted/.test(text)
        if (isRefused && !text.includes('frame-ancestors')) refused.push(text)
      })
      page.setDefaultTimeout(15_000)
      await prove({ page, world, url: world.url.replace('127.0.0.1', 'localhost') })
      assert.equal(refused, [])
    } finally {
      await context.close()
    }
  })

export const others = async (world: World, agent = 'curl/8.5.0') => {
  const jar = newJar()
  await visit(world, '/sign-in', { jar, form: alice, headers: { 'user-agent': agent } })
  return jar
}
export const signIn = async ({ page, url }: Opened): Promise<void> => {
  await page.goto(`${url}/sign-in`)
  await page.fill('#username', alice.username)
  await page.fill('#password', alice.password)
  await page.click('button')
  await page.waitForURL(`${url}/account`)
}
export const shows = ({ page, url }: Opened, selector: string): Promise<void> =>
  until(`the account shows ${selector}`, async () => {
    await page.goto(`${url}/account`)
    return (await page.locator(selector).count()) > 0
  })
export const told = (page: Page): Promise<string> => page.locator('[role=status]').innerText()
export const focused = (page: Page): Promise<string> =>
  page.evaluate(
    '(document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.id) || ' +
      'document.activeElement?.textContent || ""',
  )

/** Goes on by Tab until the focus is on what is called so, and says how it is shown there. */
export const tabTo = async (page: Page, name: RegExp): Promise<void> => {
  for (let presses = 0; presses < 40; presses += 1) {
    if (name.test(await focused(page))) {
      const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')
      assert.is(outline, 'solid', `the focus on ${name} is seen`)
      return
    }
    await page.keyboard.press('Tab')
  }
  throw new Error(`no Tab leads to ${name}`)
}
