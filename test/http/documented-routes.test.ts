import type { Router } from '@koa/router'
import { documentedPath, documentedRoutes } from '../../.ci/reference/openapi.ts'
import { documented, undocumented } from '../support/documents/documented.ts'
import { assert, claims } from '../support/suite.ts'
import { inWorld, type World } from '../support/worlds/gateway-world.ts'
import { form, json, type RawAnswer, rawRequest } from './raw-request.ts'

/** HEAD comes with GET, OPTIONS describes; what is mounted for every method is told by these. */
const told = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])

const mounted = ({ gateway }: World): string[] =>
  gateway.app.middleware
    .flatMap((one) => (one as { router?: Router }).router?.stack ?? [])
    .flatMap(({ methods, path }) =>
      methods
        .filter((method) => told.has(method))
        .map((method) => `${method.toLowerCase()} ${documentedPath(String(path))}`),
    )

const health = /^get \/(healthz|readyz)$/

type Probe = Readonly<{ headers?: Readonly<Record<string, string>>; body?: string }>

// Node sends no length for the body of a DELETE by itself.
const requestOf = (method: string, { headers = {}, body = '' }: Probe) =>
  method === 'get'
    ? { method: 'GET', headers }
    : {
        method: method.toUpperCase(),
        headers: { ...headers, 'content-length': String(body.length) },
        body,
      }

const exchange = (method: string, path: string, answer: RawAnswer) => ({
  method,
  path,
  status: answer.status,
  contentType: String(answer.headers['content-type'] ?? ''),
  text: answer.text,
})

/** Requests that every route must answer as its description says, whoever adds it. */
const probes: readonly Probe[] = [
  {},
  { headers: json, body: '{}' },
  { headers: json, body: '{"id": 7, "scope": null}' },
  { headers: form, body: 'token=abc' },
  { headers: { authorization: 'Bearer a.b.c' } },
  { headers: { authorization: 'Basic eDp5', ...form }, body: 'token=abc' },
  { headers: { origin: 'https://elsewhere.example', ...json }, body: '{}' },
]

claims('The OpenAPI document', {
  // asvs: 6.3.4
  'names exactly the routes that are mounted': () =>
    inWorld({}, async (world) => {
      const rows = documented().filter((route) => !health.test(route))
      assert.equal([...new Set(mounted(world))].sort(), [...rows].sort())
    }),

  'names them under a base path too, and a route that no row describes is noticed': () =>
    inWorld({ env: { CURFEW_BASE_PATH: '/auth' } }, async (world) => {
      const own = mounted(world).filter((route) => route.includes(' /auth/'))
      assert.ok(own.length > 10)
      const [first] = own
      assert.ok(first && !documented().includes(first))
    }),

  // asvs: 2.1.1
  'describes what every route answers to requests that show nothing or nonsense': () =>
    inWorld({}, async (world) => {
      const problems: string[] = []
      for (const { method, path } of documentedRoutes()) {
        const asked = documentedPath(path).replace(/\{[^}]+\}/g, 'x')
        for (const probe of probes) {
          const answer = await rawRequest(`${world.url}${asked}`, requestOf(method, probe))
          problems.push(...undocumented(exchange(method, documentedPath(path), answer)))
        }
      }
      assert.equal([...new Set(problems)], [])
    }),

  'an answer with a member that no schema names is noticed': () => {
    const answer = { method: 'get', path: '/healthz', contentType: 'application/json' }
    assert.equal(undocumented({ ...answer, status: 200, text: '{"status":"ok"}' }), [])
    assert.is(undocumented({ ...answer, status: 200, text: '{"status":"ok","a":1}' }).length, 1)
    assert.is(undocumented({ ...answer, status: 201, text: '{"status":"ok"}' }).length, 1)
  },
})
