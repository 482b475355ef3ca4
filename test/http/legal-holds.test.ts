import fc from 'fast-check'
import { cookieHeader } from '../support/processes/browser.ts'
import { sendHttp } from '../support/requests/http-send.ts'
import { assert, claims } from '../support/suite.ts'
import { inWorld, type World } from '../support/worlds/gateway-world.ts'
import { inIndexedWorld } from '../support/worlds/indexed-world.ts'

const secret = 'a-secret-of-the-auditor'
const env = { CURFEW_SERVICE_CLIENTS: `auditor:${secret}:audit+users+revoke` }
const service = { authorization: `Basic ${Buffer.from(`auditor:${secret}`).toString('base64')}` }

type Headers = Readonly<Record<string, string>>
type Hold = Readonly<{ id: string; user: string | null; since: string | null }>

/** A person with this role. */
const personOf = async (world: World, role: string): Promise<Headers> => {
  const user = await world.addUser()
  const jar = await world.open(user)
  await world.state.directory.change(user.sub, { roles: [role] })
  return cookieHeader(jar)
}

const send = (world: World, path: string, headers: Headers, body?: object) =>
  sendHttp(`${world.url}${path}`, {
    method: body ? 'POST' : 'GET',
    headers,
    ...(body && { json: body }),
  })

const listed = async (world: World, headers: Headers) =>
  ((await send(world, '/audit/holds', headers)).body as { holds: Hold[] }).holds

claims('routes of legal holds', {
  'an administrator places, lists and releases one, by the name of whom it is about': () =>
    inWorld({ env }, async (world) => {
      const headers = await personOf(world, 'admin')
      const held = await world.addUser()
      const asked = { reason: 'case 7', user: held.username, since: '2026-01-01' }
      const answer = await send(world, '/audit/holds', headers, asked)
      assert.is(answer.status, 201)
      const { id, user, since } = answer.body as Hold
      assert.equal([user, since], [held.sub, '2026-01-01T00:00:00.000Z'])
      assert.equal(
        (await listed(world, headers)).map((one) => one.id),
        [id],
      )
      const path = `/audit/holds/${id}/release`
      assert.is((await send(world, path, headers, {})).status, 400)
      assert.is((await send(world, path, headers, { reason: 'closed' })).status, 204)
      assert.is((await send(world, path, headers, { reason: 'closed' })).status, 404)
      assert.equal(await listed(world, headers), [])
    }),

  'who may audit reads them, and nobody but an administrator changes them': () =>
    inWorld({ env }, async (world) => {
      const [auditor, other] = [await personOf(world, 'audit'), await personOf(world, 'staff')]
      const everything = { reason: 'x', everything: true }
      const statuses = async (headers: Headers) => [
        (await send(world, '/audit/holds', headers)).status,
        (await send(world, '/audit/holds', headers, everything)).status,
        (await send(world, '/audit/holds/0123456789abcdef/release', headers, { reason: 'x' }))
          .status,
      ]
      assert.equal(await statuses(auditor), [200, 403, 403])
      assert.equal(await statuses(service), [200, 403, 403])
      assert.equal(await statuses(other), [403, 403, 403])
      assert.equal(await statuses({}), [401, 401, 401])
    }),

  'a member of another form is refused in words of ours': () =>
    inWorld({ env }, async (world) => {
      const headers = await personOf(world, 'admin')
      const members = ['reason', 'user', 'session', 'client', 'since', 'until', 'everything']
      const values = fc.oneof(
        ...[fc.integer(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null)],
        ...[fc.constant(''), fc.constant('x'.repeat(600)), fc.array(fc.string()), fc.object()],
      )
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...members), values, async (member, value) => {
          fc.pre(value !== true)
          const asked = { reason: 'case 7', client: 'web', [member]: value }
          const { status, body } = await send(world, '/audit/holds', headers, asked)
          const [said = ''] = (body as Record<string, string[]>)[member] ?? []
          assert.equal([status, /^Must be .*\.$/.test(said)], [400, true], JSON.stringify(body))
        }),
        { numRuns: 60 },
      )
      assert.equal(await listed(world, headers), [])
    }),

  'bad input is refused by the name of the field, and holds nothing': () =>
    inWorld({ env }, async (world) => {
      const headers = await personOf(world, 'admin')
      const bad: readonly (readonly [object, string])[] = [
        [{ everything: true }, 'reason'],
        [{ reason: ' ', everything: true }, 'reason'],
        [{ reason: 'x'.repeat(257), everything: true }, 'reason'],
        [{ reason: 'x' }, 'everything'],
        [{ reason: 'x', everything: false }, 'everything'],
        [{ reason: 'x', everything: true, client: 'web' }, 'everything'],
        [{ reason: 'x', session: 'nope' }, 'session'],
        [{ reason: 'x', session: 'a'.repeat(32) }, 'user'],
        [{ reason: 'x', client: 'a b' }, 'client'],
        [{ reason: 'x', since: 'yesterday' }, 'since'],
        [{ reason: 'x', since: '2026-02-30' }, 'since'],
        [{ reason: 'x', since: '2026-02-02', until: '2026-02-02' }, 'until'],
        [{ reason: 'x', usr: 'a' }, 'usr'],
        [{ reason: 'x', user: 7 }, 'user'],
      ]
      for (const [body, field] of bad) {
        const answer = await send(world, '/audit/holds', headers, body)
        assert.is(answer.status, 400, JSON.stringify(body))
        assert.equal(Object.keys(answer.body as object), [field], JSON.stringify(body))
      }
      const nobody = await send(world, '/audit/holds', headers, { reason: 'x', user: 'nobody' })
      assert.is(nobody.status, 404)
      assert.equal(await listed(world, headers), [])
    }),

  'on a client that nothing names is refused, and holds nothing': () =>
    inIndexedWorld({ env }, async (world) => {
      const headers = await personOf(world, 'admin')
      const place = (client: string) =>
        send(world, '/audit/holds', headers, { reason: 'case 9', client })
      await fc.assert(
        fc.asyncProperty(fc.stringMatching(/^[A-Za-z0-9._-]{1,30}$/), async (text) => {
          const { status, body } = await place(`no.${text}`)
          assert.equal([status, (body as { code: string }).code], [404, 'client_unknown'])
        }),
        { numRuns: 20 },
      )
      assert.equal(await listed(world, headers), [])
      assert.is((await place('curfew')).status, 201)
    }),
})
