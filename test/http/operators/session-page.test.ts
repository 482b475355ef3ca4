import { aUser } from '../../support/fakes/builders.ts'
import { cookieHeader, copyOf, type Jar, newJar } from '../../support/processes/browser.ts'
import { sendHttp } from '../../support/requests/http-send.ts'
import { payloadOf } from '../../support/requests/visitor.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { inIndexedWorld } from '../../support/worlds/indexed-world.ts'

const secret = 'a-secret-of-the-auditor'
const env = {
  CURFEW_SERVICE_CLIENTS: `auditor:${secret}:audit,other:${secret}-2:introspect+revoke+users`,
}
const basic = (id: string, of: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${of}`).toString('base64')}`,
})
const auditor = basic('auditor', secret)

type Life = Readonly<{
  events: readonly Readonly<{ type: string; data: Readonly<Record<string, unknown>> }>[]
  next: string | null
  cutoff: string | null
  refusals: readonly object[]
}>
type Body = Readonly<{
  session: Readonly<Record<string, unknown>>
  life: Life | null
}>

const ask = async (
  world: World,
  path: string,
  headers: Readonly<Record<string, string>> = auditor,
) => {
  const answer = await sendHttp(`${world.url}/sessions/${path}`, { method: 'GET', headers })
  return { status: answer.status, body: answer.body as Body }
}
const sidOf = (jar: Jar): string => payloadOf(jar.get('access') ?? '').sid

const withIndex = (claim: (world: World) => Promise<void>) => () => inIndexedWorld({ env }, claim)

claims('GET /sessions/{sid}', {
  'tells the life of a session from its login to its end, in the order of time': withIndex(
    async (world) => {
      const user = await world.addUser()
      const jar = await world.open(user)
      const sid = sidOf(jar)
      const old = copyOf(jar)
      assert.is((await world.refresh(jar)).status, 200)
      assert.is((await world.logout(jar)).status, 200)
      assert.is((await world.refresh(old)).status, 401)
      await until(
        'its end is there',
        async () => (await ask(world, sid)).body.life?.events.length === 6,
      )
      const { status, body } = await ask(world, sid)
      assert.is(status, 200)
      assert.equal(
        body.life?.events.map(({ type, data }) => `${type} ${data['kind'] ?? data['reason']}`),
        [
          'TokenIssued refresh',
          'TokenIssued access',
          'TokenRevoked rotated',
          'TokenIssued refresh',
          'TokenIssued access',
          'TokenRevoked logout',
        ],
      )
      const { username, user: sub, status: state, current, ended } = body.session
      assert.equal([username, sub, state, current], [user.username, user.sub, 'ended', false])
      assert.is((ended as Readonly<{ reason: string }>).reason, 'logout')
      const page = await ask(world, `${sid}?limit=4`)
      const rest = await ask(world, `${sid}?limit=4&after=${page.body.life?.next}`)
      assert.equal(
        [...(page.body.life?.events ?? []), ...(rest.body.life?.events ?? [])],
        [...(body.life?.events ?? [])],
      )
    },
  ),

  'names the cutoff that ended it, to auditors': withIndex(async (world) => {
    const user = await world.addUser()
    const jar = await world.open(user)
    const sid = sidOf(jar)
    const json = { scope: 'subject', id: user.sub }
    const headers = basic('other', `${secret}-2`)
    assert.is((await world.send('/revocations', newJar(), { json, headers })).status, 200)
    await until('it is there', async () => (await ask(world, sid)).body.life?.cutoff != null)
    const { body } = await ask(world, sid)
    assert.is(body.life?.cutoff, `u/${user.sub}:0:0`)
    assert.equal(body.session['ended'], {
      at: (body.session['ended'] as Readonly<{ at: string }>).at,
      reason: 'revoked',
    })
  }),

  'is shown to its own user, to auditors and administrators; to others it does not exist':
    withIndex(async (world) => {
      const user = await world.addUser()
      const jar = await world.open(user)
      const sid = sidOf(jar)
      await until('it is there', async () => (await ask(world, sid)).body.life?.events.length === 2)
      const statusAs = async (roles: readonly string[]) => {
        const other = aUser({ roles: [...roles] })
        await world.state.directory.create(other)
        return (await ask(world, sid, cookieHeader(await world.open(other)))).status
      }
      assert.equal(
        [await statusAs([]), await statusAs(['audit']), await statusAs(['admin'])],
        [404, 200, 200],
      )
      const own = await ask(world, sid, cookieHeader(jar))
      assert.equal([own.status, own.body.session['current']], [200, true])
      assert.equal([own.body.life?.cutoff, own.body.life?.refusals], [null, []])
      assert.is((await ask(world, sid, basic('other', `${secret}-2`))).status, 403)
      assert.is((await ask(world, sid, {})).status, 401)
      for (const unknown of ['0'.repeat(32), 'x']) {
        assert.is((await ask(world, unknown)).status, 404)
      }
    }),

  'does not show its user from where somebody else ended it': withIndex(async (world) => {
    const user = await world.addUser()
    const sid = sidOf(await world.open(user))
    const other = aUser({ roles: ['admin'] })
    await world.state.directory.create(other)
    const administrator = await world.open(other)
    const ended = await world.send(`/sessions/${sid}`, administrator, { method: 'DELETE' })
    assert.is(ended.status, 200)
    await until('it is there', async () => (await ask(world, sid)).body.life?.events.length === 3)
    const endIn = (body: Body) => body.life?.events.at(-1)?.data ?? {}
    const audited = endIn((await ask(world, sid)).body)
    assert.equal([audited['reason'], audited['address']], ['revoked', '127.0.0.1'])
    const own = endIn((await ask(world, sid, cookieHeader(await world.open(user)))).body)
    assert.equal([own['reason'], own['address']], ['revoked', null])
  }),

  'is known from the store where nobody fills the index, without its life': () =>
    inWorld({ env }, async (world) => {
      const user = await world.addUser()
      const sid = sidOf(await world.open(user))
      const { status, body } = await ask(world, sid)
      assert.equal([status, body.life, body.session['status']], [200, null, 'alive'])
      assert.equal([body.session['user'], body.session['event']], [user.sub, null])
    }),
})
