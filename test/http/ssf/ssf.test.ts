import { event, noAct, noOrigin } from '../../../shared/events/event.ts'
import { tokenIn } from '../../support/processes/browser.ts'
import { readJwt, verifiedJwt, withReceiver } from '../../support/servers/receiver-server.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { appendAndDeliverCutoff } from '../../support/worlds/delivered-changes.ts'
import { inWorld } from '../../support/worlds/gateway-world.ts'
import {
  caep,
  env,
  heardSids,
  logOut,
  push,
  subscribe,
  typeOf,
} from '../../support/worlds/ssf-desk.ts'
import { json, rawRequest } from '../raw-request.ts'

claims('SSF push', {
  'a logout arrives as a session-revoked SET that the published keys verify': () =>
    inWorld({ env }, (world) =>
      withReceiver(async (receiver) => {
        await subscribe(world, receiver, {
          delivery: {
            method: push,
            endpoint_url: `${receiver.url}/events`,
            authorization_header: 'Bearer of-the-receiver',
          },
        })
        const user = await world.addUser()
        const jar = await world.open(user)
        const { sid } = readJwt(tokenIn(jar, 'access') ?? '').claims
        await world.logout(jar)
        await until('it arrived', () => receiver.taken.length === 1)
        const [{ headers, body } = { headers: {}, body: '' }] = receiver.heard
        assert.is(headers['content-type'], 'application/secevent+jwt')
        assert.is(headers['accept'], 'application/json')
        assert.is(headers['authorization'], 'Bearer of-the-receiver')
        const { header, claims: set } = await verifiedJwt(world, body)
        assert.is(header['typ'], 'secevent+jwt')
        assert.equal([set['iss'], set['aud']], ['http://localhost:8080', 'siem'])
        assert.equal(set['sub_id'], {
          format: 'complex',
          session: { format: 'opaque', id: sid },
          user: { format: 'iss_sub', iss: 'http://localhost:8080', sub: user.sub },
        })
        const events = set['events'] as Record<string, Record<string, unknown>>
        assert.is(events[`${caep}/session-revoked`]?.['initiating_entity'], 'user')
        for (const absent of ['sub', 'exp', 'nonce']) assert.is(absent in set, false)
        const asAccess = await rawRequest(`${world.url}/api/token/verify/`, {
          headers: json,
          body: JSON.stringify({ token: body }),
        })
        assert.is(asAccess.status, 401)
      }),
    ),

  'a cutoff is told of the user alone, and only what was asked for comes': () =>
    inWorld({ env }, (world) =>
      withReceiver((all) =>
        withReceiver(async (changes) => {
          await subscribe(world, all)
          await subscribe(world, changes, { events_requested: [`${caep}/credential-change`] })
          const { sub } = await world.addUser()
          await appendAndDeliverCutoff(world.rooms, {
            target: { scope: 'subject', sub },
            reason: 'password_changed',
            origin: noOrigin,
            alongside: [event('PasswordChanged', { sub, ...noAct })],
          })
          await until('both arrived', () => all.taken.length === 2 && changes.taken.length === 1)
          const user = { format: 'iss_sub', iss: 'http://localhost:8080', sub }
          const sets = all.taken.map((token) => readJwt(token).claims)
          assert.equal(all.taken.map(typeOf).sort(), ['credential-change', 'session-revoked'])
          for (const set of sets) assert.equal(set['sub_id'], user)
          assert.is(sets[0]?.['txn'], sets[1]?.['txn'])
          assert.equal(changes.taken.map(typeOf), ['credential-change'])
        }),
      ),
    ),

  'what a receiver fails to take comes again under the same id; what it refuses does not': () =>
    inWorld({ env }, (world) =>
      withReceiver(async (receiver) => {
        receiver.answer(() => ({
          status: receiver.heard.length === 1 ? 503 : receiver.heard.length === 2 ? 400 : 202,
          body: '{"err":"invalid_audience"}',
        }))
        const stream = await subscribe(world, receiver)
        const refused = await logOut(world)
        const stored = () => world.state.receivers.get(stream)
        await until('the refusal is recorded', async () => (await stored())?.refused === 1)
        assert.is((await stored())?.deliveredAt, null, 'what is refused is no success')
        const second = await logOut(world)
        await until('the second arrived', () => receiver.taken.length === 1)
        const ids = receiver.heard.map(({ body }) => readJwt(body).claims['jti'])
        assert.is(ids[0], ids[1])
        assert.is(new Set(ids).size, 2)
        assert.equal(heardSids(receiver), [second])
        assert.is.not(refused, second)
        const isTold = async () => (await stored())?.deliveredAt !== null
        await until('when it took the second is stored', isTold)
      }),
    ),

  // asvs: 15.2.2, 15.3.2
  'a receiver that does not answer delays no other, and no redirect is followed': () =>
    inWorld({ env }, (world) =>
      withReceiver((slow) =>
        withReceiver(async (quick) => {
          slow.answer(() => ({ status: 307, headers: { Location: `${quick.url}/elsewhere` } }))
          await subscribe(world, slow)
          await subscribe(world, quick)
          const sids = [await logOut(world), await logOut(world)]
          await until('the quick one heard both', () => quick.taken.length === 2)
          assert.equal(heardSids(quick), sids)
          assert.is(slow.taken.length, 0)
          slow.answer(() => ({ status: 202 }))
          await until('the slow one heard both', () => slow.taken.length === 2)
          assert.equal(heardSids(slow), sids)
          assert.is(quick.heard.length, 2)
        }),
      ),
    ),

  'of several gateways one serves a receiver': () =>
    inWorld({ env, gateways: 3 }, (world) =>
      withReceiver(async (receiver) => {
        await subscribe(world, receiver)
        const sids: string[] = []
        for (let count = 0; count < 5; count += 1) sids.push(await logOut(world))
        await until('all arrived', () => receiver.taken.length >= 5)
        assert.equal(heardSids(receiver), sids)
      }),
    ),
})
