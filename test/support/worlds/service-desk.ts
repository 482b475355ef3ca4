import { form, type RawAnswer, rawRequest } from '../../http/raw-request.ts'
import { tokenIn } from '../processes/browser.ts'
import type { World } from './gateway-world.ts'

export const basic = (text: string): Readonly<{ authorization: string }> => ({
  authorization: `Basic ${Buffer.from(text).toString('base64')}`,
})

type Fields = Readonly<Record<string, string>>

/** A form as RFC 7662 and RFC 7009 have it, from a service client of the world. */
export const postForm = (
  world: Pick<World, 'url'>,
  path: string,
  fields: Fields,
  headers: Readonly<Record<string, string>>,
): Promise<RawAnswer> =>
  rawRequest(`${world.url}${path}`, {
    headers: { ...form, ...headers },
    body: new URLSearchParams(fields).toString(),
  })

export type Pair = Readonly<{ access: string; refresh: string }>

/** The tokens of a new session of a new user. */
export const openPair = async (world: World): Promise<Pair> => {
  const jar = await world.open(await world.addUser())
  return { access: tokenIn(jar, 'access') ?? '', refresh: tokenIn(jar, 'refresh') ?? '' }
}
