import { appendStandaloneEvent } from '../../services/gateway/publication/index.ts'
import { event, noAct } from '../../shared/events/event.ts'
import { changeHolds, withRetention } from '../../shared/fleet/holds/index.ts'
import type { EpochMs } from '../../shared/kernel/ids.ts'
import { anAct, aSub } from '../support/fakes/builders.ts'
import { cookieHeader } from '../support/processes/browser.ts'
import { sendHttp } from '../support/requests/http-send.ts'
import { assert, claims } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { inWorld, type World } from '../support/worlds/gateway-world.ts'
import { inIndexedWorld } from '../support/worlds/indexed-world.ts'

const secret = 'a-secret-of-the-auditor'
const env = {
  CURFEW_SERVICE_CLIENTS: `auditor:${secret}:audit,other:${secret}-2:introspect+revoke+users`,
}
const basic = (id: string, of: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${of}`).toString('base64')}`,
})
const auditor = basic('auditor', secret)

type Shown = Readonly<{
  id: string
  type: string
  data: Readonly<Record<string, unknown>>
}>
type LetGo = Readonly<{ let_go_before: string | null }>
type Body = Readonly<{ events: readonly Shown[]; next: string | null }>

const get = async (world: World, path: string, headers: Readonly<Record<string, string>>) => {
  const answer = await sendHttp(`${world.url}${path}`, { method: 'GET', headers })
  return { status: answer.status, body: answer.body as Body }
}
const typesOf = ({ body }: Readonly<{ body: Body }>): string[] =>
  body.events.map(({ type }) => type)

/** With what `curfew start` fills the index by. */
const withIndex = (claim: (world: World) => Promise<void>) => () => inIndexedWorld({ env }, claim)

const until200 = (what: string, world: World, path: string, count: number) =>
  until(what, async () => ((await get(world, path, auditor)).body.events?.length ?? 0) >= count)

claims('GET /audit/events', {
  'an auditor finds what happened to a user, by id, kind and session': withIndex(async (world) => {
    const [user, other] = [await world.addUser(), await world.addUser()]
    await world.open(user)
    await world.open(other)
    const path = `/audit/events?user=${user.sub}`
    await until200('the login is there', world, path, 2)
    const found = await get(world, path, auditor)
    assert.is(found.status, 200)
    assert.equal(typesOf(found), ['TokenIssued', 'TokenIssued'])
    assert.ok(found.body.events.every(({ data }) => data['sub'] === user.sub))
    const byName = await get(world, `/audit/events?user=${user.username}&limit=1`, auditor)
    assert.is(byName.body.events.length, 1)
    const second = await get(world, `${path}&limit=1&after=${byName.body.next}`, auditor)
    assert.not.equal(second.body.events[0]?.id, byName.body.events[0]?.id)
    assert.is(second.body.next, null)
    const none = await get(world, `${path}&kind=LoginFailed`, auditor)
    assert.equal(none.body, { events: [], next: null, let_go_before: null })
  }),

  'an answer about a time of which a retention let go says so': withIndex(async (world) => {
    const user = await world.addUser()
    await world.open(user)
    await until200('the login is there', world, `/audit/events?user=${user.sub}`, 2)
    const before = 1_767_225_600_000 as EpochMs
    const told = {
      ...{ trail: 'h/audit', before, count: 256, logs: [], holds: [], exports: null },
      ...{ reason: 'x', ...noAct },
    }
    const retention = { id: 'a'.repeat(32), at: before, told, isDone: true }
    await changeHolds(world.state.store, (register) => withRetention(register, retention))
    const saysSo = async (query: string) =>
      ((await get(world, `/audit/events?${query}`, auditor)).body as unknown as LetGo).let_go_before
    assert.is(await saysSo('limit=1'), '2026-01-01T00:00:00.000Z')
    assert.is(await saysSo('since=2025-12-31'), '2026-01-01T00:00:00.000Z')
    assert.is(await saysSo('since=2026-01-01'), null)
  }),

  'each reading is an event, and a reading of readings feeds nothing': withIndex(async (world) => {
    const user = await world.addUser()
    await world.open(user)
    const path = `/audit/events?user=${user.sub}`
    await until200('the login is there', world, path, 2)
    const readings = '/audit/events?kind=AuditRead'
    const all = () => get(world, `${readings}&limit=1000`, auditor)
    const ofTwo = (events: readonly Shown[]) => events.find(({ data }) => data['rows'] === 2)
    await until('the reading is told', async () => ofTwo((await all()).body.events) !== undefined)
    const before = await all()
    const told = ofTwo(before.body.events)
    const { filter, actor } = (told?.data ?? {}) as Record<string, Record<string, unknown>>
    assert.equal([filter?.['user'], actor], [user.sub, { by: 'service', id: 'auditor' }])
    for (let turn = 0; turn < 20; turn += 1) await get(world, readings, auditor)
    await world.open(user)
    await until200('what came behind them', world, path, 4)
    const ofReadings = (await all()).body.events.filter(({ data }) => {
      return (data['filter'] as Readonly<Record<string, unknown>>)['kind'] === 'AuditRead'
    })
    assert.is(ofReadings.length, 1)
  }),

  'whoever is no auditor is refused, and no parameter is passed over': withIndex(async (world) => {
    const user = await world.addUser()
    const jar = await world.open(user)
    const headers = cookieHeader(jar)
    const status = async (path: string, of: Readonly<Record<string, string>>) =>
      (await get(world, path, of)).status
    assert.is(await status('/audit/events', {}), 401)
    assert.is(await status('/audit/events', headers), 403)
    assert.is(await status('/audit/events', basic('other', `${secret}-2`)), 403)
    await world.state.directory.change(user.sub, { roles: ['audit'] })
    assert.is(await status('/audit/events', headers), 200)
    assert.is(await status('/users', headers), 200, 'events name users by their ids')
    assert.is(await status('/guards', headers), 403, 'who may read may do nothing else')
    assert.is(await status('/users', auditor), 403)
    const wrong = ['usr=a', 'kind=Nothing', 'since=yesterday', 'limit=0', 'after=x', 'order=up']
    for (const query of [...wrong, 'user=', 'limit=1001', 'kind=LoginFailed&kind=LoginFailed']) {
      assert.is(await status(`/audit/events?${query}`, auditor), 400, query)
    }
  }),

  'a name that nobody has is refused; a deleted user is found by the id, while events tell of it':
    withIndex(async (world) => {
      const user = await world.addUser()
      await world.open(user)
      await until200('the login is there', world, `/audit/events?user=${user.sub}`, 2)
      for (const nobody of ['alcie', `${user.username}x`, `${user.sub.slice(0, -1)}-`]) {
        const { status, body } = await get(world, `/audit/events?user=${nobody}`, auditor)
        assert.equal([status, (body as unknown as { code: string }).code], [404, 'user_unknown'])
      }
      const gone = aSub()
      await appendStandaloneEvent(world.rooms, event('UserDeleted', { sub: gone, ...anAct }))
      await until200('the deleted user is found', world, `/audit/events?user=${gone}`, 1)
    }),

  'a question is answered to auditors alone, is a reading, and takes nothing that is unknown':
    withIndex(async (world) => {
      const user = await world.addUser()
      const jar = await world.open(user)
      await until200('the login is there', world, `/audit/events?user=${user.sub}`, 2)
      const sid = 'a'.repeat(32)
      const ways: Readonly<Record<string, string>> = {
        ...{ held: '', tokens: `session=${sid}`, acts: 'actor=auditor', refusals: 'limit=5' },
        ...{ 'used-after': `user=${user.sub}`, 'new-addresses': 'order=oldest' },
      }
      const headers = cookieHeader(jar)
      await get(world, '/audit/events?limit=1', auditor)
      await until200('the auditor acted', world, '/audit/events?actor=auditor', 1)
      for (const [ask, query] of Object.entries(ways)) {
        const path = `/audit/questions/${ask}`
        const { status, body } = await get(world, `${path}?${query}`, auditor)
        const { rows, next, complete } = body as unknown as Record<string, unknown>
        assert.is(status, 200, `${ask} ${JSON.stringify(body)}`)
        assert.ok(Array.isArray(rows) && next === null && complete, JSON.stringify(body))
        assert.is((await get(world, `${path}?${query}`, headers)).status, 403)
        assert.is((await get(world, `${path}?${query}`, {})).status, 401)
        for (const wrong of ['after=x', 'limit=0', 'since=5', 'other=1']) {
          assert.is((await get(world, `${path}?${wrong}`, auditor)).status, 400, `${ask} ${wrong}`)
        }
      }
      const held = (await get(world, '/audit/questions/held', auditor)).body as unknown as {
        rows: readonly { user: string; tokens: readonly object[]; certain: boolean }[]
      }
      assert.equal(
        held.rows.map(({ user, tokens, certain }) => [user, tokens.length, certain]),
        [[user.sub, 2, true]],
      )
      assert.is((await get(world, '/audit/questions/held?user=alcie', auditor)).status, 404)
      assert.is((await get(world, '/audit/questions/acts?actor=nobody', auditor)).status, 404)
      assert.is((await get(world, '/audit/questions/held?at=2999-01-01', auditor)).status, 400)
      assert.is((await get(world, '/audit/questions/tokens?session=x', auditor)).status, 400)
      await until('the answer is told', async () => {
        const { body } = await get(world, '/audit/events?kind=AuditRead&limit=1000', auditor)
        return body.events.some(({ data }) => {
          const { kind } = data['filter'] as Readonly<Record<string, unknown>>
          return kind === 'question:held' && data['rows'] === 1
        })
      })
    }),

  'where nobody fills the index no page is answered': () =>
    inWorld({ env }, async (world) => {
      for (const path of [
        '/audit/events',
        '/audit/questions/held',
        '/audit/questions/used-after',
      ]) {
        const { status, body } = await get(world, path, auditor)
        assert.equal([status, (body as unknown as { code: string }).code], [503, 'audit_unfilled'])
      }
    }),

  'a person reads what happened to their own account, and nothing else': withIndex(
    async (world) => {
      const [user, other] = [await world.addUser(), await world.addUser()]
      const jar = await world.open(user)
      await world.open(other)
      const headers = cookieHeader(jar)
      await until200('both logins are there', world, '/audit/events?kind=TokenIssued', 4)
      const own = await get(world, '/me/events', headers)
      assert.is(own.status, 200)
      assert.ok(own.body.events.length >= 2)
      assert.ok(own.body.events.every(({ data }) => data['sub'] === user.sub))
      assert.is((await get(world, `/me/events?user=${other.sub}`, headers)).status, 400)
      assert.is((await get(world, '/me/events', {})).status, 401)
    },
  ),
})
