import { AuthError } from '../../../shared/kernel/errors.ts'
import { replacing } from '../../support/fakes/faulty-stores.ts'
import { readJwt, verifiedJwt, withReceiver } from '../../support/servers/receiver-server.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import {
  call,
  crm,
  env,
  logOut,
  poll,
  polled,
  push,
  sharedKeys,
  sidIn,
  subscribe,
  subscribePolling,
  typeOf,
} from '../../support/worlds/ssf-desk.ts'

const keys = await sharedKeys()
const idsOf = (sets: Readonly<Record<string, string>>): string[] => Object.keys(sets)
const sidsOf = (sets: Readonly<Record<string, string>>): unknown[] => Object.values(sets).map(sidIn)

/** Of a SET as it is stored: what the gateway must find again after a restart. */
const storedOf = async ({ state }: World, id: string) => {
  const stored = await state.receivers.get(id)
  assert.ok(stored)
  return stored
}

claims('SSF poll', {
  'a logout is fetched as a SET that the published keys verify, until it is acknowledged': () =>
    inWorld({ env, keys }, async (world) => {
      const id = await subscribePolling(world)
      const { body } = await call(world, 'GET', `/ssf/streams?stream_id=${id}`)
      const endpoint_url = `http://localhost:8080/ssf/poll/${id}`
      assert.equal(body['delivery'], { method: 'urn:ietf:rfc:8936', endpoint_url })
      const sid = await logOut(world)
      const sets = await polled(world, id, 1)
      const [[jti, token] = ['', '']] = Object.entries(sets)
      const { header, claims: set } = await verifiedJwt(world, token)
      assert.equal([header['typ'], set['jti'], set['aud']], ['secevent+jwt', jti, 'siem'])
      assert.is(sidIn(token), sid)
      assert.equal(idsOf((await poll(world, id)).sets), [jti])
      assert.equal(await poll(world, id, { ack: [jti] }), { sets: {}, moreAvailable: false })
      assert.equal(await poll(world, id, { ack: [jti, 'of-nobody'] }), {
        sets: {},
        moreAvailable: false,
      })
    }),

  'a poll waits for what happens next, and a newer one ends the wait of an older': () =>
    inWorld({ env, keys }, async (world) => {
      const id = await subscribePolling(world)
      const older = poll(world, id, { returnImmediately: false })
      const newer = poll(world, id, { returnImmediately: false })
      const first = await Promise.race([older, newer])
      assert.equal(first, { sets: {}, moreAvailable: false })
      const sid = await logOut(world)
      const answers = await Promise.all([older, newer])
      assert.equal(
        answers.flatMap(({ sets }) => sidsOf(sets)),
        [sid],
      )
    }),

  'acknowledged out of order, each comes until it is; another gateway knows the same': () =>
    inWorld({ env, keys, gateways: 2 }, async (world) => {
      const [here, there] = world.gateways
      assert.ok(here && there)
      const id = await subscribePolling(world)
      const sids = [await logOut(world), await logOut(world), await logOut(world)]
      const given = await polled(here, id, 3)
      assert.equal(sidsOf(given), sids)
      const [first, second, third] = idsOf(given)
      const left = await poll(there, id, { ack: [second] })
      assert.equal(idsOf(left.sets), [first, third])
      assert.equal((await storedOf(world, id)).acked, [second])
      assert.equal(idsOf((await poll(here, id)).sets), [first, third])
      await poll(here, id, { ack: [first] })
      assert.equal((await storedOf(world, id)).acked, [])
      assert.equal(idsOf((await poll(there, id)).sets), [third])
      await poll(there, id, { ack: [third], maxEvents: 0 })
      assert.equal(idsOf((await poll(here, id)).sets), [])
    }),

  'maxEvents bounds an answer; what the receiver refuses is recorded, and not sent again': () =>
    inWorld({ env, keys }, async (world) => {
      const id = await subscribePolling(world)
      for (let count = 0; count < 3; count += 1) await logOut(world)
      const all = idsOf(await polled(world, id, 3))
      const one = await poll(world, id, { maxEvents: 1 })
      assert.equal([idsOf(one.sets), one.moreAvailable], [all.slice(0, 1), true])
      const setErrs = { [all[0] ?? '']: { err: 'invalid_key', description: 'no such key' } }
      await poll(world, id, { maxEvents: 0, setErrs })
      assert.is((await storedOf(world, id)).deliveredAt, null, 'what is refused is no success')
      const none = await poll(world, id, { maxEvents: 0, setErrs, ack: [all[2]] })
      assert.type((await storedOf(world, id)).deliveredAt, 'number')
      assert.equal(none, { sets: {}, moreAvailable: true })
      assert.is((await storedOf(world, id)).refused, 1)
      assert.equal(idsOf((await poll(world, id)).sets), [all[1]])
    }),

  'a paused stream gives nothing but that; a disabled one forgets': () =>
    inWorld({ env, keys }, async (world) => {
      const stream_id = await subscribePolling(world)
      const set = (status: string) => call(world, 'POST', '/ssf/status', { stream_id, status })
      await set('paused')
      const held = await logOut(world)
      const [[jti, token] = ['', '']] = Object.entries(await polled(world, stream_id, 1))
      assert.is(typeOf(token), 'stream-updated')
      await poll(world, stream_id, { ack: [jti], maxEvents: 0 })
      const waiting = poll(world, stream_id, { returnImmediately: false })
      await set('enabled')
      assert.is(typeOf(Object.values((await waiting).sets)[0] ?? ''), 'stream-updated')
      const both = await polled(world, stream_id, 2)
      assert.is(sidsOf(both)[1], held)
      await set('disabled')
      assert.equal(await poll(world, stream_id), { sets: {}, moreAvailable: false })
      await logOut(world)
      await set('enabled')
      const last = await logOut(world)
      // The first of them says that it is enabled.
      assert.equal(sidsOf(await polled(world, stream_id, 2)), [undefined, last])
    }),

  'a stream changes from polling to push and back, and nothing is lost on the way': () =>
    inWorld({ env, keys }, (world) =>
      withReceiver(async (receiver) => {
        const stream_id = await subscribePolling(world)
        await logOut(world)
        const [jti] = idsOf(await polled(world, stream_id, 1))
        const waiting = call(world, 'POST', `/ssf/poll/${stream_id}`, { ack: [jti] })
        const sid = await logOut(world)
        const delivery = { method: push, endpoint_url: `${receiver.url}/events` }
        const changed = await call(world, 'PATCH', '/ssf/streams', { stream_id, delivery })
        assert.equal(changed.body['delivery'], delivery)
        assert.ok([200, 404].includes((await waiting).status))
        await until('it was pushed', () => receiver.taken.map(sidIn).includes(sid))
        assert.is((await call(world, 'POST', `/ssf/poll/${stream_id}`, {})).status, 404)
        await call(world, 'PUT', '/ssf/streams', { stream_id })
        const last = await logOut(world)
        await until('it is fetched', async () =>
          sidsOf((await poll(world, stream_id)).sets).includes(last),
        )
      }),
    ),

  'a stream that ends amid a poll is gone': () =>
    inWorld({ env, keys }, async (world) => {
      const id = await subscribePolling(world)
      const older = call(world, 'POST', `/ssf/poll/${id}`, {})
      const newer = call(world, 'POST', `/ssf/poll/${id}`, {})
      // The one that did not end waits for sure.
      await Promise.race([older, newer])
      await call(world, 'DELETE', `/ssf/streams?stream_id=${id}`)
      const statuses = (await Promise.all([older, newer])).map(({ status }) => status)
      assert.equal(statuses.sort(), [200, 404])
    }),

  'a verification event is fetched too, and acknowledged': () =>
    inWorld({ env, keys }, async (world) => {
      const stream_id = await subscribePolling(world)
      const waiting = poll(world, stream_id, { returnImmediately: false })
      await call(world, 'POST', '/ssf/verify', { stream_id, state: 'here' })
      const [[jti, token] = ['', '']] = Object.entries((await waiting).sets)
      assert.equal(Object.values(readJwt(token).claims['events'] as object), [{ state: 'here' }])
      assert.equal(idsOf((await poll(world, stream_id, { ack: [jti] })).sets), [])
      assert.equal((await storedOf(world, stream_id)).control, [])
    }),

  'a cursor beyond the end is of another log: all of this one is told': () =>
    inWorld({ env, keys }, async (world) => {
      const id = await subscribePolling(world)
      const sid = await logOut(world)
      await polled(world, id, 1)
      const stored = await storedOf(world, id)
      const cursor = stored.cursor.map(({ partition }) => ({ partition, next: 1_000_000 }))
      // A restart comes between; within one process the generation tells the reader.
      const generation = stored.generation + 1
      await world.state.receivers.replace({ ...stored, cursor, generation, acked: ['x'] })
      assert.equal(sidsOf(await polled(world, id, 1)), [sid])
      const after = await storedOf(world, id)
      assert.equal([after.generation, after.acked], [stored.generation + 2, []])
    }),

  'an acknowledgement that cannot be stored is a 503, and what it named comes again': () => {
    let isDown = false
    return inWorld(
      {
        env,
        keys,
        wrap: (ports) => ({
          ...ports,
          receivers: replacing(ports.receivers, {
            replace: (receiver) =>
              isDown
                ? Promise.reject(new AuthError('STORE_UNAVAILABLE', 'down'))
                : ports.receivers.replace(receiver),
          }),
        }),
      },
      async (world) => {
        const id = await subscribePolling(world)
        await logOut(world)
        const [jti] = idsOf(await polled(world, id, 1))
        isDown = true
        const path = `/ssf/poll/${id}`
        const refused = await call(world, 'POST', path, { ack: [jti], returnImmediately: true })
        assert.is(refused.status, 503)
        isDown = false
        assert.equal(idsOf((await poll(world, id)).sets), [jti])
      },
    )
  },

  'bad polls are 4xx, and so are those of others': () =>
    inWorld({ env, keys }, (world) =>
      withReceiver(async (receiver) => {
        const id = await subscribePolling(world)
        const path = `/ssf/poll/${id}`
        const bad = [{ maxEvents: -1 }, { maxEvents: 1.5 }, { ack: 'x' }, { ack: [7] }]
        const more = [{ setErrs: { a: 'b' } }, { setErrs: [] }, { returnImmediately: 'no' }]
        for (const asked of [...bad, ...more]) {
          const { status, body } = await call(world, 'POST', path, asked)
          assert.equal([status, body['error']], [400, 'invalid_request'], JSON.stringify(asked))
        }
        assert.is((await call(world, 'POST', path, {}, crm)).status, 404)
        assert.is((await call(world, 'POST', '/ssf/poll/x', {})).status, 400)
        assert.is((await call(world, 'POST', path, {}, {})).status, 401)
        const pushed = await subscribe(world, receiver)
        assert.is((await call(world, 'POST', `/ssf/poll/${pushed}`, {})).status, 404)
        const delivery = { method: 'urn:ietf:rfc:8936', endpoint_url: 'https://a.example/' }
        assert.is((await call(world, 'POST', '/ssf/streams', { delivery })).status, 400)
      }),
    ),
})
