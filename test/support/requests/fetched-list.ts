import { type RawAnswer, rawRequest } from '../../http/raw-request.ts'
import { placeOf, type ReadList, readStatusList, statusAt } from '../views/status-list-reader.ts'
import type { World } from '../worlds/gateway-world.ts'

type At = Readonly<{ url?: string; headers?: Readonly<Record<string, string>> }>
type Place = Readonly<{ idx: number; uri: string }>

/** Where `token` says that it is. @throws Error when it is in no list. */
export const placeIn = (token: string): Place => {
  const place = placeOf(token)
  if (!place) throw new Error('the token is in no list')
  return place
}

/** The answer at the address of a list, of the world's first gateway or of the one at `url`. */
export const askForList = (
  world: World,
  uri: string,
  { url = world.url, headers = {} }: At = {},
): Promise<RawAnswer> => rawRequest(`${url}${new URL(uri).pathname}`, { method: 'GET', headers })

export const fetchedList = async (world: World, uri: string, at: At = {}): Promise<ReadList> => {
  const { status, text } = await askForList(world, uri, at)
  if (status !== 200) throw new Error(`a status list answered ${status}: ${text}`)
  return readStatusList(text, world.gateway.access, uri)
}

/** The bits of `tokens`, in lists that know `position`; each list is fetched once. */
export const bitsOf = async (
  world: World,
  tokens: readonly string[],
  position: string,
): Promise<readonly number[]> => {
  const headers = { 'revocation-position': position }
  const lists = new Map<string, ReadList>()
  const bits: number[] = []
  for (const { uri, idx } of tokens.map(placeIn)) {
    const list = lists.get(uri) ?? (await fetchedList(world, uri, { headers }))
    lists.set(uri, list)
    bits.push(statusAt(list.statuses, list.bits, idx))
  }
  return bits
}
