import { AuditIndexer } from '../../services/auditor/indexing/index.ts'
import { startProjector } from '../../services/projector/projector.ts'
import { openMemoryBlacklistView } from '../../shared/adapters/memory/blacklist-view.ts'
import { silentLogger as logger } from '../../shared/kernel/logger.ts'
import { Meter } from '../../shared/metrics/meter.ts'
import type { User } from '../../shared/ports/user-directory.ts'
import { cookieHeader, newJar } from '../support/processes/browser.ts'
import { sendHttp } from '../support/requests/http-send.ts'
import { assert, claims } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { everyRecord } from '../support/views/every-record.ts'
import { inWorld, type World } from '../support/worlds/gateway-world.ts'

const secret = 'a-secret-of-the-auditor'
const service = {
  authorization: `Basic ${Buffer.from(`auditor:${secret}`).toString('base64')}`,
}
const env = {
  CURFEW_SERVICE_CLIENTS: `auditor:${secret}:audit+users`,
  CURFEW_PROXY_HOPS: '1',
}
const agent = 'SealedBrowser/7.5'
const password = 'correct horse battery'

type Event = Readonly<{ type: string; data: Readonly<Record<string, unknown>> }>

/** With what `curfew start` runs beside a gateway. */
const withReaders = (
  over: Readonly<Record<string, string>>,
  claim: (world: World) => Promise<void>,
) =>
  inWorld({ env: { ...env, ...over } }, async (world) => {
    const { log, audit: index, sessions } = world.state
    const events = { ring: world.keys.events, unsigned: 'park' } as const
    const shared = { log, events, clock: world.clock, logger, meter: new Meter() }
    const follower = new AuditIndexer({ ...shared, index })
    follower.start()
    const view = openMemoryBlacklistView()
    const projector = await startProjector({ ...shared, view, sessions, ring: world.keys.mac })
    try {
      await claim(world)
    } finally {
      await projector.close()
      await follower.close()
    }
  })

const eventsAt = async (
  world: World,
  path: string,
  headers: Readonly<Record<string, string>> = service,
): Promise<readonly Event[]> => {
  const { body } = await sendHttp(`${world.url}${path}`, { method: 'GET', headers })
  return (body as Readonly<{ events?: readonly Event[] }>).events ?? []
}

const newUser = async (world: World, username: string): Promise<User> => {
  const { json } = { json: { username } }
  const { status } = await world.send('/users', newJar(), {
    method: 'POST',
    json,
    headers: service,
  })
  assert.is(status, 201)
  const user = await world.state.directory.byName(username)
  if (!user) throw new Error('no user')
  return user
}

const from = (address: string) => ({ 'x-forwarded-for': address, 'user-agent': agent })

const logIn = async (world: World, username: string, address: string, typed = password) => {
  const jar = newJar()
  const json = { username, password: typed }
  await world.send('/login', jar, { method: 'POST', json, headers: from(address) })
  return cookieHeader(jar)
}

const allText = async (world: World): Promise<string> => {
  const records = await everyRecord(world.state.log, ['auth.events'])
  const said = records.map(({ headers, value, key }) => [headers, `${value}`, `${key}`])
  return JSON.stringify(said)
}

claims('events with sealed fields', {
  'the log says nothing of a person; who may read is shown all, and finds it by address': () =>
    withReaders({}, async (world) => {
      const user = await newUser(world, 'magdalena')
      await world.rooms.accounts.directory.change(user.sub, {
        passwordHash: await world.rooms.accounts.passwords.hash(password),
      })
      const own = await logIn(world, 'magdalena', '203.0.113.77')
      await logIn(world, 'magdalena', '203.0.113.78', 'wrong')
      await logIn(world, 'nobody-of-this-name', '203.0.113.79')
      const path = '/audit/events?limit=100'
      const byAddress = (address: string) => eventsAt(world, `${path}&address=${address}`)
      const created = () => eventsAt(world, `${path}&kind=UserCreated`)
      await until('all is indexed', async () => {
        return (await byAddress('203.0.113.79')).length + (await created()).length === 2
      })
      const text = await allText(world)
      for (const clear of ['magdalena', '203.0.113.', agent]) {
        assert.not.ok(text.includes(clear), clear)
      }
      const facts = (await byAddress('203.0.113.77')).map(({ type, data }) => [
        type,
        data['address'],
        data['agent'],
      ])
      assert.equal(facts, Array(2).fill(['TokenIssued', '203.0.113.77', agent]))
      const [failed] = await byAddress('203.0.113.78')
      assert.equal([failed?.type, failed?.data['sub']], ['LoginFailed', user.sub])
      assert.match(String(failed?.data['account']), /^[0-9a-f]{32}$/)
      assert.equal(await byAddress('203.0.113.7'), [])
      const [made] = await created()
      assert.is(made?.data['username'], 'magdalena')
      const shown = await eventsAt(world, '/me/events', own)
      assert.ok(shown.some(({ data }) => data['address'] === '203.0.113.77'))
      const madeBy = shown.find(({ type }) => type === 'UserCreated')
      assert.is(madeBy?.data['username'], 'magdalena')
      assert.is(madeBy?.data['agent'], null, 'a person is not shown from where others acted')
    }),

  'a session list shows from where, and the view behind it does not': () =>
    withReaders({}, async (world) => {
      const user = await newUser(world, 'magdalena')
      await world.rooms.accounts.directory.change(user.sub, {
        passwordHash: await world.rooms.accounts.passwords.hash(password),
      })
      await logIn(world, 'magdalena', '203.0.113.77')
      const path = `/users/${user.sub}/sessions`
      const listed = async () => {
        const answer = await sendHttp(`${world.url}${path}`, { method: 'GET', headers: service })
        return (answer.body as { sessions: { started: Record<string, unknown> }[] }).sessions
      }
      await until('the session is listed', async () => (await listed()).length === 1)
      const [session] = await listed()
      assert.equal(
        [session?.started['address'], session?.started['agent']],
        ['203.0.113.77', agent],
      )
      const [entry] = await world.state.sessions.page(user.sub, null, 9)
      assert.equal([entry?.first?.address, entry?.first?.agent], [null, null])
      assert.not.ok(JSON.stringify(entry).includes('203.0.113'))
    }),

  'with CURFEW_EVENT_PRIVACY=clear events are as they were, and found by address too': () =>
    withReaders({ CURFEW_EVENT_PRIVACY: 'clear' }, async (world) => {
      await newUser(world, 'magdalena')
      await logIn(world, 'magdalena', '203.0.113.78', 'wrong')
      const byAddress = () => eventsAt(world, '/audit/events?address=203.0.113.78')
      const created = () => eventsAt(world, '/audit/events?kind=UserCreated')
      await until('all is indexed', async () => {
        return (await byAddress()).length + (await created()).length === 2
      })
      const text = await allText(world)
      for (const clear of ['magdalena', '203.0.113.78', agent]) assert.ok(text.includes(clear))
      assert.not.ok(text.includes('ce_personal'))
    }),
})
