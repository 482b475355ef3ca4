import fc from 'fast-check'
import { documentedPath, documentedRoutes } from '../../.ci/reference/openapi.ts'
import { undocumented } from '../support/documents/documented.ts'
import { assert, claims } from '../support/suite.ts'
import { inWorld, type World } from '../support/worlds/gateway-world.ts'
import { type RawAnswer, rawRequest } from './raw-request.ts'

type Row = ReturnType<typeof documentedRoutes>[number]

const ask = (world: World, { method, path }: Row, query: string): Promise<RawAnswer> =>
  rawRequest(`${world.url}${documentedPath(path).replace(/\{[^}]+\}/g, 'x')}?${query}`, {
    method: method.toUpperCase(),
    headers: {
      'content-type': 'application/json',
      ...world.serviceHeaders,
      // Node sends no length for the body of a DELETE by itself.
      ...(method === 'get' ? {} : { 'content-length': '2' }),
    },
    ...(method === 'get' ? {} : { body: '{}' }),
  })

const namesOf = ({ doc }: Row): readonly string[] =>
  (doc.parameters ?? []).flatMap((one) => (one.in === 'query' ? [one.name] : []))

const strict = documentedRoutes().filter(({ doc }) => !doc.queryOfOthers && !doc.ignoresQuery)

/** Spelled nearly as a parameter that is there, or as nothing that is anywhere. */
const queries = fc.oneof(
  fc.constantFrom('preveiw=true', 'Limit=1', 'limit%20=1', '=1', 'preview[]=true', 'next=/'),
  fc.string({ minLength: 1 }).map((name) => `${encodeURIComponent(`${name}_`)}=1`),
)
const oneForEach = fc.array(queries, { minLength: strict.length, maxLength: strict.length })

claims('a query parameter that no description names', {
  // asvs: 2.2.1, 15.3.3
  'is a 400 that names it, on every route and in its words, whoever asks': () =>
    inWorld({}, async (world) => {
      const property = fc.asyncProperty(oneForEach, async (drawn) => {
        const problems: string[] = []
        for (const [index, row] of strict.entries()) {
          const query = drawn[index] ?? ''
          const answer = await ask(world, row, query)
          const what = `${row.method} ${row.path}?${query} ${answer.status} ${answer.text}`
          if (answer.status !== 400) problems.push(what)
          else if (!/Unknown parameter\./.test(answer.text)) problems.push(what)
          problems.push(
            ...undocumented({
              method: row.method,
              path: documentedPath(row.path),
              status: answer.status,
              contentType: String(answer.headers['content-type'] ?? ''),
              text: answer.text,
            }),
          )
        }
        assert.is([...new Set(problems)].join('\n'), '')
      })
      await fc.assert(property, { numRuns: 1, endOnFailure: true })
    }),

  // asvs: 15.3.7
  'is one also where a known one comes twice': () =>
    inWorld({}, async (world) => {
      const withNames = strict.flatMap((row) => namesOf(row).map((name) => ({ row, name })))
      assert.ok(withNames.length > 3)
      for (const { row, name } of withNames) {
        const { status, text } = await ask(world, row, `${name}=1&${name}=1`)
        assert.equal([status, /twice/.test(text)], [400, true], `${row.path} ${name} ${text}`)
      }
    }),

  'is not looked at where it belongs to the request that a proxy asks about': () =>
    inWorld({}, async (world) => {
      for (const path of ['/verify?next=1', '/verify/orders?a=1&a=2']) {
        assert.is((await rawRequest(`${world.url}${path}`, { method: 'GET' })).status, 401)
      }
    }),
})
