import { setActive } from '../../services/gateway/accounts/change-account.ts'
import { createUser } from '../../services/gateway/accounts/create-user.ts'
import { type AuthEvent, noOrigin } from '../../shared/events/event.ts'
import type { LogFields } from '../../shared/kernel/logger.ts'
import type { User } from '../../shared/ports/user-directory.ts'
import { aUser } from '../support/fakes/builders.ts'
import { withContext } from '../support/other-rooms.ts'
import { type Jar, newJar } from '../support/processes/browser.ts'
import { type HeardLine, heardLines } from '../support/processes/heard-lines.ts'
import { assert, claims } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { loggedEvents } from '../support/views/logged-events.ts'
import { openWorld, type World } from '../support/worlds/gateway-world.ts'

const service = 'manager:a-long-enough-secret'
const env = { CURFEW_SERVICE_CLIENTS: `${service}:users+revoke` }
const authorization = `Basic ${Buffer.from(service).toString('base64')}`
const agent = 'Told/1.0 (test)'
type Known = Readonly<{ user: User; jar: Jar }>
type Scene = Readonly<{ world: World; lines: HeardLine[] }>
type Call = Readonly<{
  method?: string
  json?: unknown
  headers?: Readonly<Record<string, string>>
  jar?: Jar
}>

const inScene = async (
  prove: (scene: Scene) => Promise<void>,
  over: Readonly<Record<string, string>> = {},
): Promise<void> => {
  const { lines, logger } = heardLines()
  const world = await openWorld({ env: { ...env, ...over }, logger })
  try {
    await prove({ world, lines })
  } finally {
    await world.close()
  }
}

const someone = async ({ world }: Scene, over: Partial<User> = {}): Promise<Known> => {
  const user = aUser(over)
  await world.state.directory.create(user)
  return { user, jar: await world.open(user) }
}

let requests = 0
/** Sends one request, and gives the lines that it wrote: those under its id. */
const told = async (
  { world, lines }: Scene,
  path: string,
  { method = 'POST', json, headers = {}, jar = newJar() }: Call,
): Promise<{ status: number; fields: LogFields[] }> => {
  requests += 1
  const id = `told-${requests}`
  const answer = await world.send(path, jar, {
    method,
    headers: { 'x-request-id': id, 'user-agent': agent, ...headers },
    ...(json === undefined ? {} : { json }),
  })
  assert.is(String(answer.headers['x-request-id']), id)
  const own = lines.filter(({ fields }) => fields['request'] === id)
  assert.ok(own.every(({ level }) => level === 'info' || level === 'debug' || level === 'warn'))
  return {
    status: answer.status,
    fields: own.filter(({ level }) => level !== 'debug').map(({ fields }) => fields),
  }
}

/** The one line of a request holds this, and where it came from. */
const tellsOnce = (fields: readonly LogFields[], wanted: LogFields): void => {
  assert.is(fields.length, 1, JSON.stringify(fields))
  const [line = {}] = fields
  const seen = Object.fromEntries(Object.keys(wanted).map((name) => [name, line[name]]))
  assert.equal(seen, wanted)
  assert.is(line['agent'], agent)
  assert.match(String(line['address']), /^(::ffff:)?127\.0\.0\.1$/)
}

const eventsOf = async ({ world }: Scene, type: AuthEvent['type']): Promise<AuthEvent[]> => {
  const logged = await loggedEvents(world.state.log, world.rooms.audit.privacy.opener)
  return logged.flatMap(({ event: one }) => (one.type === type ? [one] : []))
}

const firstEvent = async (scene: Scene, type: AuthEvent['type']): Promise<AuthEvent['data']> => {
  await until(`${type} is in the log`, async () => (await eventsOf(scene, type)).length > 0)
  return (await eventsOf(scene, type))[0]?.data ?? ({} as AuthEvent['data'])
}

claims('what happened can be read', {
  // asvs: 14.2.4, 16.2.1, 16.2.5, 16.3.1
  'a login, a failed one and a logout are one line each, and hold no secret': () =>
    inScene(async (scene) => {
      const { world, lines } = scene
      const alice = { username: 'alice', password: 'correct horse battery' }
      const { sub } = await createUser(world.rooms, { ...alice, roles: [] })
      const jar = newJar()
      const login = await told(scene, '/login', { json: alice, jar })
      tellsOnce(login.fields, { event: 'login', sub })
      assert.type(login.fields[0]?.['sid'], 'string')
      const wrong = { ...alice, password: 'a wrong secret of hers' }
      const failed = await told(scene, '/login', { json: wrong })
      tellsOnce(failed.fields, { event: 'login_failed', sub, reason: 'wrong_password' })
      const nobody = { username: 'hunter2-typed-here', password: 'x' }
      const unknown = await told(scene, '/login', { json: nobody })
      tellsOnce(unknown.fields, { event: 'login_failed', sub: null, reason: 'unknown_user' })
      const secrets = [alice.password, wrong.password, nobody.username, ...jar.values()]
      const out = await told(scene, '/logout', { jar })
      tellsOnce(out.fields, { event: 'logout', sub, sid: login.fields[0]?.['sid'] })
      const all = JSON.stringify(lines)
      for (const secret of secrets) assert.not.ok(all.includes(secret))
    }),

  // asvs: 16.2.1
  'what an administrator does to an account is one line and one event, which name the actor': () =>
    inScene(async (scene) => {
      const admin = await someone(scene, { roles: ['admin'] })
      const by = `administrator:${admin.user.sub}`
      const { sub } = (await someone(scene, { roles: ['staff'] })).user
      const act = async (event: string, path: string, call: Call): Promise<void> => {
        const { fields } = await told(scene, path, { ...call, jar: admin.jar })
        const [line = {}] = fields
        tellsOnce(fields, { event, by })
        assert.type(line['by_session'], 'string')
        if (event !== 'user_created') assert.is(line['sub'], sub)
      }
      const patch = { method: 'PATCH' }
      await act('user_created', '/users', { json: { username: 'made' } })
      await act('roles_changed', `/users/${sub}`, { ...patch, json: { roles: [] } })
      await act('user_disabled', `/users/${sub}`, { ...patch, json: { active: false } })
      await act('user_enabled', `/users/${sub}`, { ...patch, json: { active: true } })
      await act('revoked', '/revocations', { json: { scope: 'subject', id: sub } })
      await act('user_deleted', `/users/${sub}`, { method: 'DELETE' })
      const actor = { by: 'administrator', id: admin.user.sub }
      const types = ['UserCreated', 'RolesChanged', 'UserDisabled', 'UserEnabled', 'UserDeleted']
      for (const type of types as AuthEvent['type'][]) {
        const data = await firstEvent(scene, type)
        assert.equal('actor' in data && [data.actor, data.agent], [actor, agent], type)
      }
      const ends = await eventsOf(scene, 'TokenRevoked')
      assert.is(ends.length, 4)
      for (const { data } of ends) assert.equal('actor' in data && data.actor, actor)
    }),

  'what a service or a person ends names them': () =>
    inScene(async (scene) => {
      const { user, jar } = await someone(scene)
      const headers = { authorization }
      const json = { scope: 'subject', id: user.sub }
      const byService = await told(scene, '/revocations', { headers, json })
      tellsOnce(byService.fields, { event: 'revoked', by: 'service:manager', scope: 'subject' })
      const other = await someone(scene, { roles: ['admin'] })
      const own = await told(scene, '/revocations', { jar: other.jar, json: { scope: 'subject' } })
      tellsOnce(own.fields, { event: 'revoked', by: `user:${other.user.sub}` })
      assert.is((await world401(scene, jar)).length, 0)
      const [first, second] = await eventsOf(scene, 'TokenRevoked')
      assert.equal(first && 'actor' in first.data && first.data.actor?.by, 'service')
      assert.equal(second && 'actor' in second.data && second.data.actor?.by, 'user')
    }),

  'what is typed at the command line is told by the gateway that publishes it, once': () =>
    inScene(async (scene) => {
      const { world, lines } = scene
      const { user } = await someone(scene)
      const actor = { by: 'system', id: 'cli:root' } as const
      const act = () => ({ ...noOrigin, actor })
      const typed = withContext(world.rooms, { act, onAppended: () => {} })
      await setActive(typed, user.sub, false)
      const isTold = (): HeardLine[] =>
        lines.filter(({ fields }) => fields['by'] === 'system:cli:root')
      await until('a gateway has told it', async () => isTold().length > 0)
      await firstEvent(scene, 'UserDisabled')
      assert.equal(
        isTold().map(({ fields }) => [fields['event'], fields['sub']]),
        [['user_disabled', user.sub]],
      )
    }),

  'a reused token is one line': () =>
    inScene(
      async (scene) => {
        const { user, jar } = await someone(scene)
        const stolen = new Map(jar)
        assert.is((await scene.world.refresh(jar)).status, 200)
        const again = await told(scene, '/refresh', { jar: stolen })
        tellsOnce(again.fields, { event: 'token_reused', sub: user.sub })
      },
      { CURFEW_REFRESH_GRACE_PERIOD: '0s' },
    ),

  // asvs: 16.3.3
  'a limited login is a line each time, and an event once for a name and address': () =>
    inScene(async (scene) => {
      const json = { username: 'target', password: 'wrong' }
      for (let n = 0; n < 10; n += 1) await scene.world.send('/login', newJar(), { json })
      for (let n = 0; n < 3; n += 1) {
        const limited = await told(scene, '/login', { json })
        assert.is(limited.status, 429)
        tellsOnce(limited.fields, { event: 'login_limited', limit: 'pair', sub: null })
      }
      const data = await firstEvent(scene, 'LoginLimited')
      assert.equal('limit' in data && data.limit, 'pair')
      assert.is((await eventsOf(scene, 'LoginLimited')).length, 1)
      const [failed] = await eventsOf(scene, 'LoginFailed')
      const accounts = [data, failed?.data].map((one) => one && 'account' in one && one.account)
      assert.is(accounts[0], accounts[1])
    }),

  // asvs: 1.2.3, 16.3.3, 16.4.1
  'a refused origin is a line each time and an event; forged text stays one line': () =>
    inScene(async (scene) => {
      const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
      for (const path of ['/login', '/logout', '/login/%0a%22event%22']) {
        const refused = await told(scene, path, { headers })
        assert.is(refused.status, 403)
        const page = 'https://evil.example'
        tellsOnce(refused.fields, { event: 'origin_refused', code: 'origin_refused', page })
      }
      const data = await firstEvent(scene, 'OriginRefused')
      assert.equal('page' in data && [data.page, data.path], ['https://evil.example', '/login'])
      assert.is((await eventsOf(scene, 'OriginRefused')).length, 1)
    }),

  // asvs: 16.3.2
  'a 403 is a line and an event with whom it was refused to': () =>
    inScene(async (scene) => {
      const { user, jar } = await someone(scene)
      for (let n = 0; n < 2; n += 1) {
        const denied = await told(scene, '/users', { method: 'GET', jar })
        assert.is(denied.status, 403)
        tellsOnce(denied.fields, { event: 'access_denied', code: 'forbidden', sub: user.sub })
        assert.type(denied.fields[0]?.['sid'], 'string')
      }
      const data = await firstEvent(scene, 'AccessDenied')
      assert.equal('code' in data && [data.sub, data.path], [user.sub, '/users'])
      assert.is((await eventsOf(scene, 'AccessDenied')).length, 1)
      const { fields } = await told(scene, '/introspect', { headers: { authorization } })
      tellsOnce(fields, { event: 'access_denied', client: 'manager' })
      const wrong = `Basic ${Buffer.from('manager:wrong').toString('base64')}`
      const client = await told(scene, '/introspect', { headers: { authorization: wrong } })
      tellsOnce(client.fields, { event: 'client_refused' })
    }),
})

/** A session that is dead by now: its refusal is no line. */
const world401 = async (scene: Scene, jar: Jar): Promise<LogFields[]> => {
  const { status, fields } = await told(scene, '/me', { method: 'GET', jar })
  assert.is(status, 401)
  return fields
}
