import { gatewayRoutes } from '../../services/gateway/route-table.ts'
import type { User } from '../../shared/ports/user-directory.ts'
import { cookieHeader, type Jar } from '../support/processes/browser.ts'
import { sendHttp } from '../support/requests/http-send.ts'
import { assert, claims } from '../support/suite.ts'
import { sidIn } from '../support/views/seen-tokens.ts'
import type { World } from '../support/worlds/gateway-world.ts'
import { inIndexedWorld } from '../support/worlds/indexed-world.ts'

const secret = 'a-secret-of-the-auditor'
const env = { CURFEW_SERVICE_CLIENTS: `auditor:${secret}:audit,powerless:${secret}:introspect` }
type Headers = Readonly<Record<string, string>>
const basic = (id: string): Headers => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
})

/** It answers for as long as somebody reads. */
const rows = gatewayRoutes.filter(({ path }) => path !== '/audit/tail')
const methodsOf = (method: string): readonly string[] =>
  method === 'all' ? ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] : [method.toUpperCase()]

type Meant = Readonly<{ sub: string; sid: string }>

/** What would do something, where a route takes it from whoever may. */
const bodiesOf = ({ sub, sid }: Meant): Readonly<Record<string, object>> => ({
  '/revocations': { scope: 'session', id: sid },
  '/global-token-revocation': { sub_id: { format: 'opaque', id: sub } },
  '/users': { username: 'made-by-an-auditor', roles: ['admin'] },
  '/users/:sub': { roles: ['admin'] },
  '/audit/holds': { everything: true, reason: 'x' },
  '/audit/holds/:id/release': { reason: 'x' },
  '/ssf/streams': { delivery: { method: 'urn:ietf:rfc:8936' } },
})

const pathOf = (path: string, { sub, sid }: Meant): string =>
  path
    .replace('{/}', '')
    .replace('{*path}', '')
    .replace(':sub', sub)
    .replace(':sid', sid)
    .replace(':ring', 'jwt')
    .replace(/:[a-z]+/g, '7')

/** Of a person; a new session for each request, since some end it. */
const asPerson = (world: World, user: User) => async (): Promise<Headers> =>
  cookieHeader(await world.open(user))
const asService = (id: string) => async (): Promise<Headers> => basic(id)

const everyRequest = (meant: Meant) =>
  rows.flatMap(({ method: of, path }) =>
    methodsOf(of).map((method) => {
      const json = bodiesOf(meant)[path] ?? {}
      const body = method === 'GET' || method === 'DELETE' ? {} : { json }
      return { method, path, to: pathOf(path, meant), body }
    }),
  )

const tokenNow = async (world: World, jar: Jar): Promise<number> =>
  (await world.send('/me', jar, { method: 'GET' })).status

claims('whoever may audit', {
  // asvs: 8.2.1
  'reads, and writes nothing that others may not: at every route, as a person and as a service':
    () =>
      inIndexedWorld({ env }, async (world: World) => {
        const [auditor, plain, victim] = [
          await world.addUser(),
          await world.addUser(),
          await world.addUser(),
        ]
        await world.state.directory.change(auditor.sub, { roles: ['audit'] })
        const jar = await world.open(victim)
        const meant = { sub: victim.sub, sid: sidIn(world.rooms, jar) }
        const pairs = [
          [asPerson(world, auditor), asPerson(world, plain)],
          [asService('auditor'), asService('powerless')],
        ] as const
        const more = new Set<string>()
        for (const { method, path, to, body } of everyRequest(meant)) {
          for (const [mayAudit, mayNot] of pairs) {
            const statusOf = async (who: () => Promise<Headers>): Promise<number> =>
              (await sendHttp(`${world.url}${to}`, { method, headers: await who(), ...body }))
                .status
            const [one, other] = [await statusOf(mayAudit), await statusOf(mayNot)]
            if (one === other || path === '/introspect') continue
            assert.ok([403, 404].includes(other), `${method} ${path}: ${one}, to others ${other}`)
            assert.is(method, 'GET', `${method} ${path}: ${one}`)
            more.add(path)
          }
        }
        for (const path of ['/audit/events', '/sessions/:sid', '/users', '/users/:sub']) {
          assert.ok(more.has(path), `${path} is not in ${[...more].join(' ')}`)
        }
        assert.is(await tokenNow(world, jar), 200)
        const after = await world.state.directory.bySub(victim.sub)
        assert.equal([after?.roles, after?.active], [victim.roles, true])
        assert.is(await world.state.directory.byName('made-by-an-auditor'), null)
      }),
})
