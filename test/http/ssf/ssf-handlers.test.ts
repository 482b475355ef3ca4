import { verifiedJwt, withReceiver } from '../../support/servers/receiver-server.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { inWorld } from '../../support/worlds/gateway-world.ts'
import { basic } from '../../support/worlds/service-desk.ts'
import {
  call,
  crm,
  env,
  heardSids,
  logOut,
  push,
  siem,
  subscribe,
  typeOf,
} from '../../support/worlds/ssf-desk.ts'

claims('SSF streams', {
  'a paused stream is held, a disabled one forgets': () =>
    inWorld({ env }, (world) =>
      withReceiver(async (receiver) => {
        const stream_id = await subscribe(world, receiver)
        const set = async (status: string): Promise<void> => {
          const answer = await call(world, 'POST', '/ssf/status', { stream_id, status })
          assert.equal([answer.status, answer.body], [200, { stream_id, status }])
        }
        const revoked = () => receiver.taken.filter((token) => typeOf(token) === 'session-revoked')
        await set('paused')
        await until('it was told', () =>
          receiver.taken.some((one) => typeOf(one) === 'stream-updated'),
        )
        const held = await logOut(world)
        assert.is(revoked().length, 0)
        await set('enabled')
        await until('the held one came', () => revoked().length === 1)
        await set('disabled')
        const lease = async () => (await world.state.receivers.get(stream_id))?.lease
        await until('nobody serves it', async () => (await lease())?.until === 0)
        await logOut(world)
        await set('enabled')
        const last = await logOut(world)
        await until('the last one came', () => heardSids(receiver).includes(last))
        assert.equal(heardSids(receiver).filter(Boolean), [held, last])
      }),
    ),

  'a verification event echoes the state, and not too often': () =>
    inWorld({ env }, (world) =>
      withReceiver(async (receiver) => {
        const stream_id = await subscribe(world, receiver)
        const ask = () => call(world, 'POST', '/ssf/verify', { stream_id, state: 'here' })
        assert.is((await ask()).status, 204)
        await until('it arrived', () => receiver.taken.length === 1)
        const { claims: set } = await verifiedJwt(world, receiver.taken[0] ?? '')
        assert.equal(set['sub_id'], { format: 'opaque', id: stream_id })
        assert.equal(Object.values(set['events'] as object), [{ state: 'here' }])
        const again = await ask()
        assert.equal([again.status, again.headers['retry-after']], [429, '30'])
      }),
    ),

  'it is read, changed and ended by its owner and nobody else': () =>
    inWorld({ env }, (world) =>
      withReceiver(async (receiver) => {
        const stream_id = await subscribe(world, receiver)
        const path = `/ssf/streams?stream_id=${stream_id}`
        const { body } = await call(world, 'GET', path)
        assert.is(body['stream_id'], stream_id)
        assert.is(JSON.stringify(body).includes('authorization'), false)
        assert.equal((await call(world, 'GET', '/ssf/streams')).body, [body])
        assert.equal((await call(world, 'GET', '/ssf/streams', null, crm)).body, [])
        const description = 'ours'
        const patched = await call(world, 'PATCH', '/ssf/streams', { stream_id, description })
        assert.equal(patched.body, { ...body, description })
        const delivery = { method: push, endpoint_url: `${receiver.url}/other` }
        const put = await call(world, 'PUT', '/ssf/streams', { stream_id, delivery })
        assert.equal(put.body, { ...body, delivery })
        for (const method of ['GET', 'DELETE']) {
          assert.is((await call(world, method, path, null, crm)).status, 404)
        }
        assert.is((await call(world, 'DELETE', path)).status, 204)
        assert.is((await call(world, 'GET', path)).status, 404)
      }),
    ),

  'bad requests are 4xx': () =>
    inWorld({ env: { ...env, CURFEW_RECEIVERS_PRIVATE: 'false' } }, async (world) => {
      const create = (delivery: unknown, headers = siem) =>
        call(world, 'POST', '/ssf/streams', { delivery }, headers)
      const urls = [
        'http://a.example/',
        'https://127.0.0.1/',
        'https://[::1]/',
        'https://10.1.2.3/',
      ]
      const more = ['https://u:p@a.example/', 'https://169.254.169.254/', 'https://0x7f.1/', 'x']
      for (const endpoint_url of [...urls, ...more, 7, null]) {
        assert.is((await create({ method: push, endpoint_url })).status, 400, String(endpoint_url))
      }
      const good = { method: push, endpoint_url: 'https://receiver.example/' }
      assert.is((await create({ ...good, authorization_header: 'a\r\nb: c' })).status, 400)
      assert.is((await create({ ...good, method: 'urn:other' })).status, 400)
      assert.is((await create(undefined)).status, 201, 'it is polled')
      assert.is((await create({})).status, 400)
      assert.is((await create(good, basic('web:a-third-long-secret'))).status, 403)
      assert.is((await create(good, basic('siem:wrong'))).status, 401)
      assert.is((await call(world, 'GET', '/ssf/streams?stream_id=x')).status, 400)
      assert.is((await call(world, 'GET', '/ssf/status')).status, 404)
      assert.is((await call(world, 'POST', '/ssf/status', { status: 'on' })).status, 400)
    }),

  'the configuration says where they are': () =>
    inWorld({ env: { ...env, CURFEW_ISSUER: 'https://id.example/t/7' } }, async (world) => {
      const path = '/.well-known/ssf-configuration/t/7'
      const { status, body } = await call(world, 'GET', path, null, {})
      assert.equal([status, body['issuer']], [200, 'https://id.example/t/7'])
      assert.is(body['configuration_endpoint'], 'http://localhost:8080/ssf/streams')
      assert.is(body['default_subjects'], 'ALL')
    }),
})
