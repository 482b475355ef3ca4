import { isTokenId } from '../../../shared/kernel/ids.ts'
import { tokenIn } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { form, json, type RawAnswer, rawRequest } from '../raw-request.ts'

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
const onlyIntrospects = 'reader:another-long-secret'
const env = {
  CURFEW_SERVICE_CLIENTS: `${onlyIntrospects},admin:a-long-enough-secret:introspect+revoke`,
}
const reader = { authorization: basic(onlyIntrospects) }
const admin = { authorization: basic('admin:a-long-enough-secret') }

const introspect = (
  { url }: World,
  token: string,
  headers: Record<string, string> = reader,
): Promise<RawAnswer> =>
  rawRequest(`${url}/introspect`, {
    headers: { ...form, ...headers },
    body: new URLSearchParams({ token }).toString(),
  })
const revoke = (
  { url }: World,
  body: object,
  headers: Record<string, string> = admin,
): Promise<RawAnswer> =>
  rawRequest(`${url}/revocations`, { headers: { ...json, ...headers }, body: JSON.stringify(body) })

const open = async (world: World) => {
  const user = await world.addUser()
  const jar = await world.open(user)
  return { user, jar, access: tokenIn(jar, 'access') ?? '', refresh: tokenIn(jar, 'refresh') ?? '' }
}

type Opened = Awaited<ReturnType<typeof open>>

claims('POST /introspect', {
  'an active token is told with its claims': () =>
    inWorld({ env }, async (world) => {
      const { user, access } = await open(world)
      const { status, body } = await introspect(world, access)
      assert.is(status, 200)
      assert.is(body['active'], true)
      assert.is(body['sub'], user.sub)
      assert.is(body['token_type'], 'Bearer')
      assert.is(body['client_id'], 'curfew')
      assert.is(body['iss'], 'http://localhost:8080')
      assert.ok(isTokenId(body['jti']) && isTokenId(body['sid']))
      assert.ok(Number(body['exp']) > Number(body['iat']))
    }),

  'every other token is exactly {"active":false}, whatever the reason': () =>
    inWorld({ env }, async (world) => {
      const { jar, access, refresh } = await open(world)
      await world.logout(jar)
      for (const token of [access, refresh, 'abc', 'a.b.c', 'x'.repeat(5_000)]) {
        const answer = await introspect(world, token)
        assert.equal([answer.status, answer.text], [200, '{"active":false}'])
      }
    }),

  // asvs: 10.4.10
  'without a client, or with a wrong one, it is 401': () =>
    inWorld({ env }, async (world) => {
      const { access } = await open(world)
      const bad = [
        '',
        'Basic',
        basic('reader:wrong'),
        basic('nobody:another-long-secret'),
        'Basic !!',
        `Bearer ${access}`,
      ]
      for (const authorization of bad) {
        const answer = await introspect(world, access, authorization ? { authorization } : {})
        assert.equal(
          [answer.status, answer.body],
          [401, { error: 'invalid_client' }],
          authorization,
        )
        assert.match(String(answer.headers['www-authenticate']), /^Basic realm=/)
      }
    }),

  // asvs: 15.3.7
  'a missing, a repeated token and another content type are refused': () =>
    inWorld({ env }, async (world) => {
      const send = (headers: object, body: string) =>
        rawRequest(`${world.url}/introspect`, { headers: { ...reader, ...headers }, body })
      assert.is((await send(form, 'other=1')).status, 400)
      assert.is((await send(form, 'token=a&token=b')).status, 400)
      assert.is((await send(json, '{"token":"a"}')).status, 415)
    }),
})

claims('POST /revocations', {
  // asvs: 7.4.5
  'ends a session, a subject, a client, everyone': () =>
    inWorld({ env }, async (world) => {
      const targets: ((who: Opened) => Promise<object>)[] = [
        async ({ access }) => ({
          scope: 'session',
          id: (await introspect(world, access)).body['sid'],
        }),
        async ({ user }) => ({ scope: 'subject', id: user.sub }),
        async () => ({ scope: 'client', id: 'curfew' }),
        async () => ({ scope: 'all' }),
      ]
      for (const target of targets) {
        const who = await open(world)
        assert.is((await world.me(who.jar)).status, 200)
        const answer = await revoke(world, await target(who))
        assert.is(answer.status, 200)
        assert.is(answer.body['status'], 'acknowledged')
        assert.is(answer.headers['revocation-position'], answer.body['position'])
        assert.is((await world.me(who.jar)).status, 401)
        assert.is((await introspect(world, who.access)).text, '{"active":false}')
      }
    }),

  // asvs: 8.2.1, 10.4.11
  'needs the permission': () =>
    inWorld({ env }, async (world) => {
      const { jar, user } = await open(world)
      const body = { scope: 'subject', id: user.sub }
      const without = await revoke(world, body, reader)
      assert.equal([without.status, without.body], [403, { error: 'unauthorized_client' }])
      assert.is((await revoke(world, body, {})).status, 401)
      assert.is((await world.me(jar)).status, 200)
    }),

  'bad targets are 400, an unknown session 404': () =>
    inWorld({ env }, async (world) => {
      const bad = [
        {},
        { scope: 'subject' },
        { scope: 'everything', id: 'x' },
        { scope: 'session', id: 'short' },
        { scope: 'client', id: 'a b' },
        { scope: 'subject', id: 'zo\u00eb\u0007' },
        { scope: 'all', id: 'x' },
        { scope: 'others', id: 'x' },
        { scope: 'subject', sub: 'x' },
        { scope: ['all'] },
      ]
      for (const body of bad) {
        assert.is((await revoke(world, body)).status, 400, JSON.stringify(body))
      }
      const unknown = { scope: 'session', id: 'f'.repeat(32) }
      assert.is((await revoke(world, unknown)).status, 404)
    }),
})
