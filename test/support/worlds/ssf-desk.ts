import { systemEntropy } from '../../../shared/kernel/entropy.ts'
import { type KeyFiles, openKeyFiles } from '../../../shared/tokens/key-rings/key-files.ts'
import { json, type RawAnswer, rawRequest } from '../../http/raw-request.ts'
import { tokenIn } from '../processes/browser.ts'
import { type ReceiverServer, readJwt } from '../servers/receiver-server.ts'
import { assert } from '../suite.ts'
import { inTempFolder } from '../temp-folder.ts'
import { until } from '../until.ts'
import type { World } from './gateway-world.ts'
import { basic } from './service-desk.ts'

export const caep = 'https://schemas.openid.net/secevent/caep/event-type'
export const push = 'urn:ietf:rfc:8935'
export const env = {
  CURFEW_RECEIVERS_PRIVATE: 'true',
  CURFEW_SERVICE_CLIENTS:
    'siem:a-long-enough-secret:receive,crm:another-long-secret:receive,web:a-third-long-secret',
}
let made: Promise<KeyFiles> | undefined
/** RSA keys take a second to make; worlds that do not look at the files may share them. */
export const sharedKeys = (): Promise<KeyFiles> => {
  made ??= inTempFolder('ssf-keys', async (dir) => {
    const keys = await openKeyFiles({ dir, entropy: systemEntropy })
    await keys.sets.ensure()
    return keys
  })
  return made
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

type Where = Pick<World, 'url'>
export type Polled = Readonly<{ sets: Readonly<Record<string, string>>; moreAvailable: boolean }>

/** A stream that is fetched; its id. */
export const subscribePolling = async (world: Where, over: object = {}): Promise<string> => {
  const { status, body } = await call(world, 'POST', '/ssf/streams', over)
  assert.is(status, 201)
  return String(body['stream_id'])
}

/** One poll that was answered; `returnImmediately` unless `asked` says otherwise. */
export const poll = async (world: Where, id: string, asked: object = {}): Promise<Polled> => {
  const wanted = { returnImmediately: true, ...asked }
  const { status, body, text } = await call(world, 'POST', `/ssf/poll/${id}`, wanted)
  assert.is(status, 200, text)
  return body as unknown as Polled
}

/** Polls until as many are open; they stay open. */
export const polled = async (world: Where, id: string, count: number): Promise<Polled['sets']> => {
  let sets: Polled['sets'] = {}
  await until(`${count} SETs are open`, async () => {
    sets = (await poll(world, id)).sets
    return Object.keys(sets).length >= count
  })
  assert.is(Object.keys(sets).length, count)
  return sets
}

export const typeOf = (token: string): string =>
  Object.keys(readJwt(token).claims['events'] as object)[0]
    ?.split('/')
    .at(-1) ?? ''
export const sidIn = (token: string): unknown => {
  const { sub_id: subject } = readJwt(token).claims as { sub_id: { session?: { id: string } } }
  return subject.session?.id
}
export const heardSids = (receiver: ReceiverServer): unknown[] => receiver.taken.map(sidIn)

/** A session that began and ended; its id. */
export const logOut = async (world: World): Promise<string> => {
  const jar = await world.open(await world.addUser())
  const { sid } = readJwt(tokenIn(jar, 'access') ?? '').claims
  await world.logout(jar)
  return String(sid)
}
