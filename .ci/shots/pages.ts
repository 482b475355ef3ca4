import type { Page } from 'playwright-core'
import { maxClockErrorMs } from '../../services/gateway/publication/index.ts'
import { type Clock, systemClock } from '../../shared/kernel/clock.ts'
import type { EpochMs } from '../../shared/kernel/ids.ts'
import { newJar } from '../../test/support/processes/browser.ts'
import { until } from '../../test/support/until.ts'
import type { World } from '../../test/support/worlds/gateway-world.ts'
import { alice, inPagedWorld, visit } from '../../test/support/worlds/paged-world.ts'
import type { Scene, Scenes } from './scene.ts'

const hourMs = 3_600_000
/** A Monday morning; what comes next is told as so long after it. */
const monday = 1_796_029_920_000

type JumpingClock = Clock & Readonly<{ jump: (ms: number) => void }>

/** Real time from Monday on, and hours that are left out: nothing waits for them to go by. */
const jumpingClock = (): JumpingClock => {
  let ahead = monday - systemClock.now()
  return {
    ...systemClock,
    now: () => (systemClock.now() + ahead) as EpochMs,
    monotonicMs: () => systemClock.monotonicMs() + ahead,
    jump: (ms) => {
      ahead += ms
    },
  }
}
const phone = {
  agent:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 ' +
    '(KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1',
  address: '203.0.113.7',
}
const laptop = {
  agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  address: '198.51.100.23',
}
const stranger = { agent: 'curl/8.5.0', address: '192.0.2.44' }
type Device = typeof phone

const from = ({ agent, address }: Device) => ({
  'user-agent': agent,
  'x-forwarded-for': address,
})
const signIn = (world: World, device: Device, password = alice.password) =>
  visit(world, '/sign-in', {
    jar: newJar(),
    form: { ...alice, password },
    headers: from(device),
  })

const live = async (world: World, clock: JumpingClock): Promise<void> => {
  const { storeClock } = world.rooms.context
  const later = async (ms: number): Promise<void> => {
    clock.jump(ms)
    await until('the gateway has read the clock', () => storeClock.errorMs() < maxClockErrorMs)
  }
  await signIn(world, phone)
  await later(26 * hourMs)
  await signIn(world, stranger, 'guessed')
  await later(2 * hourMs)
  await signIn(world, laptop)
  await later(7 * 60_000)
}

const fillIn = async (page: Page, url: string, password: string): Promise<void> => {
  await page.goto(`${url}/sign-in`)
  await page.fill('#username', alice.username)
  await page.fill('#password', password)
  await page.click('button')
}

const scenesOf = (url: string): readonly Scene[] => {
  const size = { width: 560, height: 560 } as const
  const account = async (page: Page): Promise<void> => {
    await page.setExtraHTTPHeaders({ 'x-forwarded-for': laptop.address })
    await fillIn(page, url, alice.password)
    await page.waitForURL(`${url}/account`)
    await until('the account shows what happened', async () => {
      await page.goto(`${url}/account`)
      const rows = await page.locator('[aria-labelledby=history] li').count()
      return rows >= 4 && (await page.locator('[aria-labelledby=sessions] li').count()) >= 3
    })
  }
  return [
    { ...size, name: 'sign-in', colors: 'light', open: (page) => fillIn(page, url, 'a wrong one') },
    {
      ...size,
      name: 'sign-in-korean',
      colors: 'dark',
      locale: 'ko-KR',
      open: (page) => page.goto(`${url}/sign-in`),
    },
    { name: 'account', width: 1_180, height: 960, colors: 'light', open: account },
    { name: 'account-phone', width: 360, height: 760, colors: 'dark', open: account },
  ]
}

/** The sign-in and the account, of somebody who has lived a little. */
export const pageScenes: Scenes = async (shoot) => {
  const clock = jumpingClock()
  await inPagedWorld({ clock, env: { CURFEW_PROXY_HOPS: '1' } }, async (world) => {
    await live(world, clock)
    for (const scene of scenesOf(world.url)) await shoot(scene)
  })
}
