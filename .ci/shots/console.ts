import type { Page } from 'playwright-core'
import { until } from '../../test/support/until.ts'
import { type Fleet, inFleet, password } from '../../test/support/worlds/console-world.ts'
import type { Scene, Scenes } from './scene.ts'

const agents = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) Version/19.1 Mobile Safari/604.1',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36',
] as const
const names = ['alice', 'bert', 'alice', 'alice', 'bert', 'alice', 'bert', 'alice'] as const
const roundsCount = 12

type Visitor = Readonly<{ cookie: string; headers: Readonly<Record<string, string>> }>

const cookiesOf = (answer: Response): string =>
  answer.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ')

const arrive = async ({ url }: Fleet, username: string, nth: number): Promise<Visitor> => {
  const headers = {
    'content-type': 'application/json',
    'user-agent': agents[nth % agents.length] ?? agents[0],
    'x-forwarded-for': `198.51.100.${20 + nth * 7}`,
  }
  const body = JSON.stringify({ username, password })
  const answer = await fetch(`${url}/login`, { method: 'POST', headers, body })
  return { cookie: cookiesOf(answer), headers }
}

const refresh = async ({ url }: Fleet, { cookie, headers }: Visitor): Promise<Visitor> => {
  const answer = await fetch(`${url}/refresh`, { method: 'POST', headers: { ...headers, cookie } })
  return { cookie: cookiesOf(answer), headers }
}

/** Logins, rotations, a failure, and a logout that guards refuse by. */
const live = async (fleet: Fleet): Promise<void> => {
  const { url } = fleet
  let visitors = await Promise.all(names.map((name, nth) => arrive(fleet, name, nth)))
  for (let round = 0; round < roundsCount; round += 1) {
    visitors = await Promise.all(visitors.map((visitor) => refresh(fleet, visitor)))
  }
  const [first, second] = visitors
  const wrong = JSON.stringify({ username: 'alice', password: 'guessed' })
  const { headers = {} } = second ?? {}
  await fetch(`${url}/login`, { method: 'POST', headers, body: wrong })
  if (!first) return
  const out = { ...first.headers, cookie: first.cookie }
  await fetch(`${url}/logout`, { method: 'POST', headers: out })
}

const signIn = async (page: Page, { url }: Fleet): Promise<void> => {
  await page.request.post(`${url}/login`, { data: { username: 'admin', password } })
}

const at =
  (fleet: Fleet, path: string, ready: string) =>
  async (page: Page): Promise<void> => {
    await signIn(page, fleet)
    await page.goto(`${fleet.url}/console${path}`)
    await page.waitForSelector(ready)
    await until('nothing is loading', async () => (await page.locator('.skeleton').count()) === 0)
  }

const oneSession =
  (fleet: Fleet) =>
  async (page: Page): Promise<void> => {
    await at(fleet, '/sessions?state=ended', 'tr[data-row]')(page)
    await page.click('tr[data-row] [data-open]')
    await page.waitForSelector('.timeline .mark.end')
  }

/** The other pages, and what each has once it is whole. */
const lists = [
  ['sessions', 'tr[data-row]'],
  ['users', 'tr[data-row]'],
  ['guards', 'tr[data-row]'],
  ['clients', 'tr[data-row]'],
  ['receivers', '.empty'],
  ['keys', '.ringed'],
  ['dead-letters', '.empty'],
  ['audit', '.choices'],
  ['settings', 'tr[data-row]'],
] as const

const scenesOf = (fleet: Fleet): readonly Scene[] => {
  const size = { width: 1_280, height: 820, colors: 'light' } as const
  return [
    { ...size, name: 'console', open: at(fleet, '', '.guards li') },
    { ...size, name: 'console-events', open: at(fleet, '/events?live=1', '.event') },
    { ...size, colors: 'dark', name: 'console-session', open: oneSession(fleet) },
    { ...size, name: 'console-end', open: at(fleet, '/sessions?end=all', 'dialog input') },
    ...lists.map(
      ([page, ready]): Scene => ({
        ...size,
        name: `console-${page}`,
        open: at(fleet, `/${page}`, ready),
      }),
    ),
  ]
}

/** The console, over a fleet of eight guards in which somebody lives. */
export const consoleScenes: Scenes = (shoot) =>
  inFleet({ guards: 8, env: { CURFEW_PROXY_HOPS: '1' } }, async (fleet) => {
    await live(fleet)
    for (const scene of scenesOf(fleet)) await shoot(scene)
  })
