import type { Actor } from '../../../shared/events/event.ts'
import type { User } from '../../../shared/ports/user-directory.ts'
import { aUser } from '../../support/fakes/builders.ts'
import { cookieHeader, newJar } from '../../support/processes/browser.ts'
import { sendHttp } from '../../support/requests/http-send.ts'
import { payloadOf } from '../../support/requests/visitor.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import type { World } from '../../support/worlds/gateway-world.ts'
import { inIndexedWorld } from '../../support/worlds/indexed-world.ts'

const secret = 'a-secret-of-the-auditor'
const env = {
  CURFEW_SERVICE_CLIENTS: `auditor:${secret}:audit,other:${secret}-2:introspect+revoke+users`,
  CURFEW_PROXY_HOPS: '1',
}
const basic = (id: string, of: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${of}`).toString('base64')}`,
})
const auditor = basic('auditor', secret)

type Row = Readonly<{
  sid: string
  user: string
  status: string
  started: Readonly<{ address: string | null; agent: string | null }>
  last_used_at: string | null
  ended: Readonly<{ reason: string | null }> | null
}>
type Body = Readonly<{ sessions: readonly Row[]; next: string | null }>

const ask = async (
  world: World,
  query: string,
  headers: Readonly<Record<string, string>> = auditor,
) => {
  const answer = await sendHttp(`${world.url}/sessions/search?${query}`, { method: 'GET', headers })
  return { status: answer.status, body: answer.body as Body }
}
const found = async (world: World, query = '') => (await ask(world, query)).body.sessions

const withIndex = (claim: (world: World) => Promise<void>) => () => inIndexedWorld({ env }, claim)

type From = Readonly<{ address: string; agent: string }>
const password = 'correct horse battery'

/** A user of the directory whose password verifies. */
const aReal = async (world: World): Promise<User> => {
  const passwordHash = await world.rooms.accounts.passwords.hash(password)
  const user = aUser({ passwordHash })
  await world.state.directory.create(user)
  return user
}

const loggedIn = async (world: World, user: User, { address, agent }: From) => {
  const jar = newJar()
  const headers = { 'x-forwarded-for': address, 'user-agent': agent }
  const json = { username: user.username, password }
  assert.is((await world.send('/login', jar, { json, headers })).status, 200)
  return { jar, sid: payloadOf(jar.get('access') ?? '').sid }
}
const sids = (rows: readonly Row[]): string[] => rows.map(({ sid }) => sid)

claims('GET /sessions/search', {
  'finds sessions of all users by user, address, agent and state, newest first': withIndex(
    async (world) => {
      const [anna, bert] = [await aReal(world), await aReal(world)]
      const firefox = { address: '192.0.2.1', agent: 'Mozilla Firefox/150' }
      const first = await loggedIn(world, anna, firefox)
      const second = await loggedIn(world, bert, { address: '192.0.2.2', agent: 'curl/8' })
      const third = await loggedIn(world, anna, { ...firefox, address: '192.0.2.2' })
      assert.is((await world.logout(first.jar)).status, 200)
      await until('all are there', async () => (await found(world)).length === 3)
      assert.equal(sids(await found(world)), [third.sid, second.sid, first.sid])
      assert.equal(sids(await found(world, 'order=oldest')), [first.sid, second.sid, third.sid])
      assert.equal(sids(await found(world, `user=${anna.username}`)), [third.sid, first.sid])
      assert.equal(sids(await found(world, 'address=192.0.2.2')), [third.sid, second.sid])
      assert.equal(sids(await found(world, 'agent=FIREFOX')), [third.sid, first.sid])
      assert.equal(sids(await found(world, 'state=alive')), [third.sid, second.sid])
      const ended = await found(world, `state=ended&user=${anna.sub}`)
      assert.equal(
        ended.map(({ sid, status, ended: end, started }) => [
          sid,
          status,
          end?.reason,
          started.agent,
        ]),
        [[first.sid, 'ended', 'logout', firefox.agent]],
      )
      assert.equal(sids(await found(world, 'state=alive&agent=curl&address=192.0.2.2')), [
        second.sid,
      ])
      assert.is((await ask(world, 'client=nobody')).status, 404)
      const later = new Date(world.clock.now() + 60_000).toISOString()
      const since = `since=${encodeURIComponent(later)}`
      assert.equal(await found(world, since), [])
    },
  ),

  'says of all sessions whose user or client was cut off that they ended, and why': withIndex(
    async (world) => {
      const [anna, bert] = [await world.addUser(), await world.addUser()]
      await world.open(anna)
      await world.open(bert)
      const headers = basic('other', `${secret}-2`)
      const json = { scope: 'subject', id: anna.sub }
      const answer = await world.send('/revocations', newJar(), { json, headers })
      assert.is(answer.status, 200)
      await until('both are there', async () => (await found(world)).length === 2)
      const rows = await found(world)
      assert.equal(
        rows.map(({ user, status, ended }) => [user, status, ended?.reason]).sort(),
        [
          [anna.sub, 'ended', 'revoked'],
          [bert.sub, 'alive', undefined],
        ].sort(),
      )
    },
  ),

  'shows each session once, page by page, also where few of many fit': withIndex(async (world) => {
    const users = [await world.addUser(), await world.addUser()] as const
    for (let n = 0; n < 12; n += 1) await world.open(users[n % 4 === 0 ? 0 : 1])
    await until('all are there', async () => (await found(world)).length === 12)
    for (const [query, count] of [
      ['', 12],
      [`user=${users[0].sub}&`, 3],
      ['state=alive&', 12],
      ['state=expired&', 0],
    ] as const) {
      const seen: string[] = []
      let after = ''
      do {
        const { body } = await ask(world, `${query}limit=2${after}`)
        assert.ok(body.sessions.length <= 2)
        seen.push(...sids(body.sessions))
        after = body.next === null ? '' : `&after=${body.next}`
      } while (after !== '')
      assert.equal([seen.length, new Set(seen).size], [count, count], query)
    }
  }),

  'is a reading, told with what was asked for': withIndex(async (world) => {
    const user = await world.addUser()
    await world.open(user)
    await until('it is there', async () => (await found(world)).length === 1)
    await found(world, `user=${user.sub}`)
    type Told = Readonly<{ data: Readonly<{ filter: Record<string, unknown>; actor: Actor }> }>
    await until('the reading is told', async () => {
      const url = `${world.url}/audit/events?kind=AuditRead`
      const { body } = await sendHttp(url, { method: 'GET', headers: auditor })
      return (body as Readonly<{ events: readonly Told[] }>).events.some(({ data }) => {
        const { kind, user: asked } = data.filter
        return kind === 'question:sessions' && asked === user.sub && data.actor.id === 'auditor'
      })
    })
  }),

  'refuses whoever is no auditor, and names a parameter that is wrong': withIndex(async (world) => {
    const user = await world.addUser()
    const jar = await world.open(user)
    assert.is((await ask(world, '', cookieHeader(jar))).status, 403)
    assert.is((await ask(world, '', basic('other', `${secret}-2`))).status, 403)
    assert.is((await ask(world, '', {})).status, 401)
    for (const query of ['state=living', 'limit=0', 'after=x', 'since=yesterday', 'agent=']) {
      const { status, body } = await ask(world, query)
      assert.equal([status, Object.keys(body)], [400, [query.split('=')[0]]], query)
    }
    assert.is((await ask(world, 'user=nobody')).status, 404)
  }),
})
