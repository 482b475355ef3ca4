import { noOrigin } from '../../../shared/events/event.ts'
import { encodeDeadLetter } from '../../../shared/events/event-codec.ts'
import { aUser } from '../../support/fakes/builders.ts'
import {
  type Jwt,
  type ReceiverServer,
  readJwt,
  verifiedJwt,
  withReceiver,
} from '../../support/servers/receiver-server.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { appendAndDeliverCutoff } from '../../support/worlds/delivered-changes.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { call, crm, env, logOut } from '../../support/worlds/ssf-desk.ts'
import { rawRequest } from '../raw-request.ts'

const path = '/backchannel-logout'
const register = async (world: World, { url }: ReceiverServer): Promise<void> => {
  const backchannel_logout_uri = `${url}/logout`
  const { status, body } = await call(world, 'PUT', path, { backchannel_logout_uri })
  assert.equal(
    [status, body],
    [
      200,
      { client_id: 'siem', backchannel_logout_uri, backchannel_logout_session_required: false },
    ],
  )
}

const tokenOf = (body: string): string => new URLSearchParams(body).get('logout_token') ?? ''
const logoutsIn = ({ taken }: ReceiverServer): Jwt['claims'][] =>
  taken.map((body) => readJwt(tokenOf(body)).claims)

claims('OIDC back-channel logout', {
  // asvs: 7.6.1
  'a logout arrives as a logout token that the published keys verify': () =>
    inWorld({ env }, (world) =>
      withReceiver(async (receiver) => {
        await register(world, receiver)
        const sid = await logOut(world)
        await until('it arrived', () => receiver.taken.length === 1)
        const [{ headers, body } = { headers: {}, body: '' }] = receiver.heard
        assert.is(headers['content-type'], 'application/x-www-form-urlencoded')
        const { header, claims: token } = await verifiedJwt(world, tokenOf(body))
        assert.is(header['typ'], 'logout+jwt')
        assert.equal([token['iss'], token['aud']], ['http://localhost:8080', 'siem'])
        assert.is(token['sid'], sid)
        assert.is(typeof token['sub'], 'string')
        assert.is(Number(token['exp']) - Number(token['iat']), 120)
        assert.equal(token['events'], {
          'http://schemas.openid.net/event/backchannel-logout': {},
        })
        assert.is('nonce' in token, false)
      }),
    ),

  'a logout that was parked and is retried is not told again': () =>
    inWorld({ env }, (world) =>
      withReceiver(async (receiver) => {
        await register(world, receiver)
        const sid = await logOut(world)
        await until('it arrived', () => receiver.taken.length === 1)
        const { log, directory } = world.state
        const place = { topic: 'auth.events', partition: 0 } as const
        const { end } = await log.bounds(place)
        for (let at = 0; at < end; at += 1) {
          const record = await log.recordAt(place, at)
          if (record) await log.publish([encodeDeadLetter(record, 'bad MAC')])
        }
        const admin = aUser({ roles: ['admin'] })
        await directory.create(admin)
        const jar = await world.open(admin)
        for (let offset = 0; offset < end; offset += 1) {
          const { status } = await world.send(`/dead-letters/${offset}/retry`, jar)
          assert.is(status, 204)
        }
        const later = await logOut(world)
        await until('the next one arrived', () => receiver.taken.length > 1)
        assert.equal(
          logoutsIn(receiver).map((token) => token['sid']),
          [sid, later],
        )
      }),
    ),

  'a cutoff names the user alone; what has no such token is not told': () =>
    inWorld({ env }, (world) =>
      withReceiver(async (receiver) => {
        await register(world, receiver)
        const { sub } = await world.addUser()
        const cut = { reason: 'revoked', origin: noOrigin } as const
        await appendAndDeliverCutoff(world.rooms, { ...cut, target: { scope: 'all' } })
        await appendAndDeliverCutoff(world.rooms, { ...cut, target: { scope: 'subject', sub } })
        await until('it arrived', () => receiver.taken.length === 1)
        const [token = {}] = logoutsIn(receiver)
        assert.equal([token['sub'], 'sid' in token], [sub, false])
      }),
    ),

  'one that is down hears everything later, under the same ids, in fresh tokens': () =>
    inWorld({ env }, (world) =>
      withReceiver(async (receiver) => {
        receiver.answer(() => ({ status: 500 }))
        await register(world, receiver)
        const sids = [await logOut(world), await logOut(world)]
        await until('it was tried', () => receiver.heard.length >= 2)
        receiver.answer(() => ({ status: 204 }))
        await until('both arrived', () => receiver.taken.length === 2)
        assert.equal(
          logoutsIn(receiver).map(({ sid }) => sid),
          sids,
        )
        const [first, again] = receiver.heard.map(({ body }) => readJwt(tokenOf(body)).claims)
        assert.is(first?.['jti'], again?.['jti'])
      }),
    ),

  'is registered once a client, changed and ended by it': () =>
    inWorld({ env }, (world) =>
      withReceiver((first) =>
        withReceiver(async (second) => {
          await register(world, first)
          await register(world, second)
          assert.is((await call(world, 'GET', path, null, crm)).status, 404)
          await logOut(world)
          await until('the new address heard it', () => second.taken.length === 1)
          assert.is(first.heard.length, 0)
          assert.equal((await call(world, 'GET', '/ssf/streams')).body, [])
          assert.is((await call(world, 'DELETE', path)).status, 204)
          assert.is((await call(world, 'GET', path)).status, 404)
          for (const backchannel_logout_uri of ['x', 'ftp://a.example/', 7]) {
            const bad = await call(world, 'PUT', path, { backchannel_logout_uri })
            assert.is(bad.status, 400)
          }
        }),
      ),
    ),

  'is named in the metadata': () =>
    inWorld({ env }, async (world) => {
      const where = `${world.url}/.well-known/oauth-authorization-server`
      const { body } = await rawRequest(where, { method: 'GET' })
      assert.is(body['backchannel_logout_supported'], true)
      assert.is(body['backchannel_logout_session_supported'], true)
    }),
})
