import { json, type RawAnswer, rawRequest } from '../http/raw-request.ts'
import { tokenIn } from './browser.ts'
import type { World } from './gateway-world.ts'
import { type ReceiverServer, readJwt } from './receiver-server.ts'
import { basic } from './service-desk.ts'
import { assert } from './suite.ts'

export const caep = 'https://schemas.openid.net/secevent/caep/event-type'
export const push = 'urn:ietf:rfc:8935'
export const env = {
  CURFEW_RECEIVERS_PRIVATE: 'true',
  CURFEW_SERVICE_CLIENTS:
    'siem:a-long-enough-secret:receive,crm:another-long-secret:receive,web:a-third-long-secret',
}
export const siem = basic('siem:a-long-enough-secret')
export const crm = basic('crm:another-long-secret')

export const call = (
  { url }: Pick<World, 'url'>,
  method: string,
  path: string,
  body: object | null = null,
  headers: Record<string, string> = siem,
): Promise<RawAnswer> =>
  rawRequest(`${url}${path}`, {
    method,
    headers: { ...(body === null ? {} : json), ...headers },
    ...(body === null ? {} : { body: JSON.stringify(body) }),
  })

export const subscribe = async (
  world: World,
  receiver: ReceiverServer,
  over: object = {},
): Promise<string> => {
  const delivery = { method: push, endpoint_url: `${receiver.url}/events` }
  const { status, body } = await call(world, 'POST', '/ssf/streams', { delivery, ...over })
  assert.is(status, 201)
  return String(body['stream_id'])
}

export const typeOf = (token: string): string =>
  Object.keys(readJwt(token).claims['events'] as object)[0]
    ?.split('/')
    .at(-1) ?? ''
export const heardSids = (receiver: ReceiverServer): unknown[] =>
  receiver.taken.map((token) => {
    const { sub_id: subject } = readJwt(token).claims as { sub_id: { session?: { id: string } } }
    return subject.session?.id
  })

/** A session that began and ended; its id. */
export const logOut = async (world: World): Promise<string> => {
  const jar = await world.open(await world.addUser())
  const { sid } = readJwt(tokenIn(jar, 'access') ?? '').claims
  await world.logout(jar)
  return String(sid)
}
