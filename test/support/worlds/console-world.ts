import type { Browser, BrowserContext, Page } from 'playwright-core'
import { type Running, startEverything } from '../../../services/embedded/compose.ts'
import { readEmbeddedConfig } from '../../../services/embedded/config.ts'
import { createUser } from '../../../services/gateway/accounts/index.ts'
import { readEvents } from '../../../services/gateway/audit/index.ts'
import { noFilter } from '../../../shared/events/audit-terms.ts'
import { type Clock, systemClock } from '../../../shared/kernel/clock.ts'
import type { Env } from '../../../shared/kernel/config.ts'
import { processContext } from '../../../shared/kernel/process/process-context.ts'
import { payloadOf } from '../requests/visitor.ts'
import { freePort } from '../servers/server-process.ts'
import { assert } from '../suite.ts'
import { inTempFolder } from '../temp-folder.ts'
import { until } from '../until.ts'

export const password = 'a long phrase of the tests'

type Look = Readonly<{ width?: number; dark?: boolean; agent?: string; isTouched?: boolean }>

export type Fleet = Readonly<{ running: Running; url: string }>

export type ConsoleWorld = Fleet &
  Readonly<{
    /** A new browser in which this user is signed in; their page is at the console's beginning. */
    signedIn: (username: string, look?: Look) => Promise<Page>
    /** A login of this user without the console. */
    login: (username: string, agent: string) => Promise<BrowserContext>
  }>

/** What a page did that it must not. */
const watched = (page: Page, problems: string[]): void => {
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('console', (message) => {
    const isRefused = /the server responded with a status of/.test(message.text())
    if (message.type() === 'error' && !isRefused) problems.push(message.text())
  })
}

/** `curfew start` in this process with so many guards, and admin, auditor, alice and bert in it. */
export const inFleet = (
  { guards, env = {}, clock = systemClock }: Readonly<{ guards: number; env?: Env; clock?: Clock }>,
  prove: (fleet: Fleet) => Promise<void>,
): Promise<void> =>
  inTempFolder('console', async (dataDir) => {
    const port = await freePort()
    const own = {
      ...{ CURFEW_DATA_DIR: dataDir, CURFEW_PORT: String(port), CURFEW_ORDERS_PORT: '0' },
      // What a page waits for must not wait for a processor that is busy with others.
      CURFEW_AUDIT_DELAY_MAX: '0',
    }
    const config = readEmbeddedConfig({ ...own, CURFEW_LOG_LEVEL: 'error', ...env })
    const context = { ...processContext('console', 'error'), clock }
    const running = await startEverything({ config, context, ordersCount: guards })
    try {
      const roles = { admin: ['admin'], auditor: ['audit'], alice: [], bert: [] }
      for (const [username, given] of Object.entries(roles)) {
        await createUser(running.gateway.rooms, { username, password, roles: given })
      }
      const { index } = running.gateway.rooms.audit
      await until('the index is filled', async () => (await index.lanes()).length > 0)
      await prove({ running, url: `http://localhost:${port}` })
    } finally {
      await running.close()
    }
  })

/** A page that is opened sooner does not have the login yet, and does not ask again by itself. */
const untilIndexed = async ({ running }: Fleet, profile: BrowserContext): Promise<void> => {
  const access = (await profile.cookies()).find(({ name }) => name === 'access')
  const { sid } = payloadOf(access?.value ?? '')
  const page = { since: null, until: null, order: 'newest', after: null, limit: 1 } as const
  const wanted = { ...noFilter, ...page, session: sid as never }
  await until('the login is in the index', async () => {
    return (await readEvents(running.gateway.rooms.audit, wanted)).events.length > 0
  })
}

/** A fleet, and browsers to look at it; no page may have done what it must not. */
export const inConsole = (
  browser: Browser,
  guards: number,
  prove: (world: ConsoleWorld) => Promise<void>,
  clock?: Clock,
): Promise<void> =>
  inFleet({ guards, ...(clock && { clock }) }, async ({ running, url }) => {
    const opened: BrowserContext[] = []
    const problems: string[] = []
    const login: ConsoleWorld['login'] = async (username, userAgent) => {
      const profile = await browser.newContext({ userAgent })
      opened.push(profile)
      const answer = await profile.request.post(`${url}/login`, { data: { username, password } })
      assert.is(answer.status(), 200)
      await untilIndexed({ running, url }, profile)
      return profile
    }
    const signedIn: ConsoleWorld['signedIn'] = async (username, look = {}) => {
      const { width = 1_400, dark = false, isTouched = false } = look
      const profile = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme: dark ? 'dark' : 'light',
        reducedMotion: 'reduce',
        hasTouch: isTouched,
        isMobile: isTouched,
      })
      opened.push(profile)
      await profile.request.post(`${url}/login`, { data: { username, password } })
      await untilIndexed({ running, url }, profile)
      const page = await profile.newPage()
      watched(page, problems)
      await page.goto(`${url}/console`)
      await page.waitForSelector('main h1')
      return page
    }
    try {
      await prove({ running, url, signedIn, login })
      assert.equal(problems, [], problems.join('\n'))
    } finally {
      await Promise.all(opened.map((profile) => profile.close()))
    }
  })
