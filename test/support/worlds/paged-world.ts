import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import { absorb, type Jar } from '../processes/browser.ts'
import { sendHttp } from '../requests/http-send.ts'
import type { World, WorldOptions } from './gateway-world.ts'
import { whileIndexing } from './indexed-world.ts'
import { inListedWorld } from './listed-world.ts'

export type Seen = Readonly<{
  status: number
  headers: Readonly<Record<string, unknown>>
  setCookie: readonly string[]
  text: string
  /** Where the browser goes on; `null` if nowhere. */
  location: string | null
}>
type Visit = Readonly<{
  jar?: Jar
  /** Sent as a form, by POST. */
  form?: Readonly<Record<string, string>>
  headers?: Readonly<Record<string, string>>
  method?: string
}>

/** What browsers send when somebody opens an address, or sends a form of this origin. */
export const navigating = {
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'same-origin',
}

/** Opens an address as a browser does, with the cookies of `jar`, and follows nothing. */
export const visit = async (
  world: Pick<World, 'url'>,
  path: string,
  { jar = new Map(), form, headers = {}, method = form ? 'POST' : 'GET' }: Visit = {},
): Promise<Seen> => {
  const cookie = [...jar].map((pair) => pair.join('=')).join('; ')
  const answer = await sendHttp(`${world.url}${path}`, {
    method,
    headers: { ...navigating, ...(cookie !== '' && { cookie }), ...headers },
    ...(form && { form }),
  })
  absorb(jar, answer.setCookie)
  const { status, headers: got, setCookie, body } = answer
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const location = typeof got.location === 'string' ? got.location : null
  return { status, headers: got, setCookie, text, location }
}

/** Where a page leads by itself, with no redirect; `null` if nowhere. */
export const ledBy = ({ status, headers }: Seen): string | null => {
  const [, address = null] = /^0; url=(.+)$/.exec(String(headers['refresh'])) ?? []
  return status === 200 ? address : null
}

export const alice = { username: 'alice', password: 'correct horse' }

/** A world with `alice`, whose sessions are listed and whose events are found. */
export const inPagedWorld = (
  options: WorldOptions,
  prove: (world: World) => Promise<void>,
): Promise<void> =>
  inListedWorld(options, (world) =>
    whileIndexing(world, async () => {
      await createUser(world.rooms, { ...alice, roles: [] })
      await prove(world)
    }),
  )
