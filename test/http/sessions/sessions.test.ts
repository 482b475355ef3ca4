import { noOrigin, type RevocationReason } from '../../../shared/events/event.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import type { CutoffTarget } from '../../../shared/session/cutoff-commit.ts'
import { aUser } from '../../support/fakes/builders.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import type { Jar } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { appendAndDeliverCutoff } from '../../support/worlds/delivered-changes.ts'
import type { World } from '../../support/worlds/gateway-world.ts'
import { inListedWorld } from '../../support/worlds/listed-world.ts'
import { lmdbBacking } from '../../support/worlds/world-backing.ts'

const manager = 'manager:a-long-enough-secret'
const env = { CURFEW_SERVICE_CLIENTS: `${manager}:users` }

type Shown = Readonly<{
  sid: string
  current: boolean
  status: string
  kind: string
  client_id: string
  started: Readonly<{ at: string; address: string | null; agent: string | null }>
  last_used: Readonly<{ at: string; address: string | null; agent: string | null }>
  expires_at: string
  ended: Readonly<{ at: string | null; reason: string | null }> | null
}>
type Page = Readonly<{ sessions: readonly Shown[]; next: string | null }>

const listed = async (world: World, jar: Jar, query = ''): Promise<Page> => {
  const answer = await world.send(`/sessions${query}`, jar, { method: 'GET' })
  assert.is(answer.status, 200, JSON.stringify(answer.body))
  return answer.body as Page
}

const sawAll = (world: World, jar: Jar, count: number): Promise<void> =>
  until('the list knows them all', async () => {
    const { sessions } = await listed(world, jar, '?limit=100')
    return sessions.length === count
  })

const cut = async (world: World, target: CutoffTarget, reason: RevocationReason): Promise<void> => {
  await appendAndDeliverCutoff(world.rooms, { target, reason, origin: noOrigin })
}

claims('GET /sessions', {
  // asvs: 15.3.4
  'shows the address that one’s own outermost proxy wrote, in one spelling': () =>
    inListedWorld({ env: { CURFEW_PROXY_HOPS: '2' } }, async (world) => {
      const written: readonly [string, string][] = [
        ['203.0.113.9:41234, 10.0.0.1:80', '203.0.113.9'],
        ['1.1.1.1, "[2001:DB8:0:0::1]:4711", 10.0.0.1', '2001:db8::1'],
        ['evil, ::ffff:203.0.113.7, 10.0.0.1', '203.0.113.7'],
        [`${'x'.repeat(4_000)}, fe80::1%eth0, 10.0.0.1`, 'fe80::1'],
        ['8.8.8.8, unknown, 10.0.0.1', '127.0.0.1'],
        ['10.0.0.1', '127.0.0.1'],
      ]
      const user = await world.addUser()
      for (const [index, [header, expected]] of written.entries()) {
        const jar = await world.open(user)
        const headers = { 'x-forwarded-for': header }
        assert.is((await world.send('/refresh', jar, { headers })).status, 200)
        await sawAll(world, jar, index + 1)
        await until('the use is listed', async () => {
          const mine = (await listed(world, jar)).sessions.find(({ current }) => current)
          return mine?.last_used.address === expected
        })
      }
    }),

  'shows where the caller is logged in, by device and address, and nobody else': () =>
    inListedWorld({ backing: lmdbBacking }, async (world) => {
      const user = await world.addUser('correct horse')
      const jar = await world.open(user)
      await world.open(await world.addUser())
      const headers = { 'user-agent': 'Tab/1' }
      assert.is((await world.send('/refresh', jar, { headers })).status, 200)
      await until('its use is listed', async () => {
        const { sessions } = await listed(world, jar)
        return sessions[0]?.last_used.agent === 'Tab/1'
      })
      const { sessions, next } = await listed(world, jar)
      assert.equal([sessions.length, next], [1, null])
      const [mine] = sessions
      assert.equal([mine?.current, mine?.status, mine?.kind], [true, 'alive', 'pair'])
      assert.equal([mine?.client_id, mine?.ended], ['curfew', null])
      assert.equal([mine?.last_used.agent, mine?.last_used.address], ['Tab/1', '127.0.0.1'])
      assert.equal([mine?.started.agent, mine?.started.address], [null, null])
      assert.ok((mine?.started.at ?? '') <= (mine?.last_used.at ?? ''))
      const days = (Date.parse(mine?.expires_at ?? '') - clock.now()) / 86_400_000
      assert.ok(days > 2.9 && days < 3.1)
    }),

  'a session that ended by itself is shown so at once, with its reason': () =>
    inListedWorld({}, async (world) => {
      const user = await world.addUser()
      const [phone, laptop] = [await world.open(user), await world.open(user)]
      await sawAll(world, laptop, 2)
      assert.is((await world.logout(phone)).status, 200)
      const { sessions } = await listed(world, laptop)
      const other = sessions.find(({ current }) => !current)
      assert.equal([other?.status, other?.ended?.reason], ['ended', 'logout'])
      assert.ok(other?.ended?.at)
      assert.is(sessions.find(({ current }) => current)?.status, 'alive')
    }),

  'cutoffs end sessions in the list, with the reason of the first that did': () =>
    inListedWorld({}, async (world) => {
      const user = await world.addUser()
      await world.open(user)
      await cut(world, { scope: 'subject', sub: user.sub }, 'password_changed')
      await world.open(user)
      await cut(world, { scope: 'client', client: world.rooms.sessions.client }, 'revoked')
      await world.open(user)
      await cut(world, { scope: 'all' }, 'restored')
      const jar = await world.open(user)
      await sawAll(world, jar, 4)
      const { sessions } = await listed(world, jar)
      const told = new Map(sessions.map((one) => [one.ended?.reason ?? null, one.status]))
      assert.equal(
        [...told].sort(),
        [
          ['password_changed', 'ended'],
          ['restored', 'ended'],
          ['revoked', 'ended'],
          [null, 'alive'],
        ].sort(),
      )
    }),

  // asvs: 7.3.1
  'a session whose tokens ran out is expired': async () => {
    const turned = fakeClock()
    const env = { CURFEW_REFRESH_TOKEN_LIFETIME: '60s', CURFEW_ACCESS_TOKEN_LIFETIME: '60s' }
    await inListedWorld({ clock: turned, env }, async (world) => {
      const user = await world.addUser()
      const old = await world.open(user)
      await sawAll(world, old, 1)
      await turned.advance(61_000)
      const jar = await world.open(user)
      await sawAll(world, jar, 2)
      const { sessions } = await listed(world, jar)
      assert.equal(
        sessions.map(({ status, current }) => [status, current]),
        [
          ['alive', true],
          ['expired', false],
        ],
      )
    })
  },

  'pages come newest first and meet without a gap': () =>
    inListedWorld({}, async (world) => {
      const user = await world.addUser()
      for (let count = 0; count < 4; count += 1) await world.open(user)
      const jar = await world.open(user)
      await sawAll(world, jar, 5)
      const whole = (await listed(world, jar, '?limit=5')).sessions.map(({ sid }) => sid)
      const seen: string[] = []
      let next: string | null = ''
      for (let turns = 0; next !== null && turns < 5; turns += 1) {
        const after: string = next === '' ? '' : `&after=${next}`
        const page: Page = await listed(world, jar, `?limit=2${after}`)
        seen.push(...page.sessions.map(({ sid }) => sid))
        next = page.next
      }
      assert.equal([seen, next], [whole, null])
    }),

  // asvs: 8.2.2
  'of another user: for administrators and services, and nobody else': () =>
    inListedWorld({ env }, async (world) => {
      const user = await world.addUser()
      const jar = await world.open(user)
      await sawAll(world, jar, 1)
      const get = async (as: Jar, headers = {}): Promise<readonly [number, Page]> => {
        const path = `/users/${user.sub}/sessions`
        const answer = await world.send(path, as, { method: 'GET', headers })
        return [answer.status, answer.body as Page]
      }
      const root = aUser({ roles: ['admin'] })
      await world.state.directory.create(root)
      const [status, { sessions }] = await get(await world.open(root))
      assert.equal([status, sessions.map(({ current }) => current)], [200, [false]])
      const authorization = `Basic ${Buffer.from(manager).toString('base64')}`
      assert.is((await get(new Map(), { authorization }))[1].sessions.length, 1)
      assert.is((await get(jar))[1].sessions[0]?.current, true, 'one’s own by id too')
      assert.is((await get(await world.open(await world.addUser())))[0], 403)
      assert.is((await get(new Map()))[0], 401)
    }),

  'asks for a caller and for a page that can be': () =>
    inListedWorld({}, async (world) => {
      const jar = await world.open(await world.addUser())
      const get = { method: 'GET' }
      assert.is((await world.send('/sessions', new Map(), get)).status, 401)
      const bad = ['limit=0', 'limit=101', 'limit=x', 'limit=1&limit=2', 'after=1', 'after=x.y']
      for (const query of [...bad, `after=1.${'f'.repeat(32)}.1`, `after=-1.${'f'.repeat(32)}`]) {
        const answer = await world.send(`/sessions?${query}`, jar, get)
        assert.is(answer.status, 400, query)
        assert.ok(Object.hasOwn(answer.body as object, query.split('=')[0] ?? ''))
      }
    }),
})
