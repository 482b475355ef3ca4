import fc from 'fast-check'
import { z } from 'zod'
import { publicCodeOf } from '../../services/gateway/http/answer-error.ts'
import { gatewayRoutes } from '../../services/gateway/route-table.ts'
import { type AuthErrorCode, errorCatalogue } from '../../shared/kernel/errors.ts'
import { bodyLike, type Node } from '../support/fakes/body-like.ts'
import { tokenIn } from '../support/processes/browser.ts'
import { assert, claims } from '../support/suite.ts'
import { inWorld, type World } from '../support/worlds/gateway-world.ts'
import { basic } from '../support/worlds/service-desk.ts'
import { json, type RawAnswer, rawRequest } from './raw-request.ts'

const everyRight = 'every:a-long-enough-secret:introspect+revoke+feed+audit+receive+users'
const env = { CURFEW_SERVICE_CLIENTS: everyRight, CURFEW_PROXY_HOPS: '1' }
const runs = 60

const withBody = gatewayRoutes.flatMap(({ method, path, doc }) => {
  const [body] = (doc.body ?? []).filter(({ type }) => type === 'application/json')
  if (!body) return []
  const schema = z.toJSONSchema(body.schema, { io: 'input', unrepresentable: 'any' }) as Node
  const takesPeople = doc.security.some(([first]) => first === 'bearer')
  const takesClients = doc.security.some(([first]) => first === 'serviceClient')
  return [{ method, path, schema, takesPeople, takesClients }]
})
type Row = (typeof withBody)[number]

const codes = new Set(
  (Object.keys(errorCatalogue) as AuthErrorCode[]).map(publicCodeOf).filter((code) => code),
)
/** RFC 6749, 5.2, and RFC 7009, 2.2.1. */
const oauthCodes = new Set([
  ...['invalid_request', 'invalid_client', 'unauthorized_client', 'unsupported_token_type'],
  ...['temporarily_unavailable'],
])
/** What the libraries below say by themselves. */
const foreign = [
  /invalid (input|string|key|option|element|value)/i,
  /expected \w+|received|unrecognized|too (big|small)|zod|SyntaxError|undefined/i,
]
/** Django REST framework's own. */
const django = 'Expected a list of strings.|Expected a dictionary, but got \\w+.'

const namesIn = (value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, inner]) => [name, ...namesIn(inner)])
    : []
const namesOf = ({ properties = {}, ...node }: Node): string[] => [
  ...Object.entries(properties).flatMap(([name, inner]) => [name, ...namesOf(inner)]),
  ...[...(node.anyOf ?? []), ...(node.oneOf ?? []), node.items ?? {}].flatMap((one) =>
    Object.keys(one).length > 0 ? namesOf(one) : [],
  ),
]

const isListOfOne = (value: unknown): value is readonly [string] =>
  Array.isArray(value) && value.length === 1 && typeof value[0] === 'string' && value[0] !== ''

/** The members that a refusal names as being at fault; throws where it is none of the three. */
const namedIn = ({ status, body, text }: RawAnswer, shown: string): readonly string[] => {
  if (typeof body['error'] === 'string') {
    assert.ok(oauthCodes.has(body['error']), shown)
    assert.is(typeof body['error_description'], 'string', shown)
    return status === 400 ? [String(body['error_description']).split(/[: ]/)[0] ?? ''] : []
  }
  if (typeof body['detail'] === 'string') {
    assert.ok(body['code'] === undefined || codes.has(String(body['code'])), shown)
    return []
  }
  assert.ok(status === 400 && text !== '{}' && Object.values(body).every(isListOfOne), shown)
  return Object.keys(body)
}

const isClear = (row: Row, given: unknown, answer: RawAnswer): readonly string[] => {
  const shown = `${row.path}: ${answer.status} ${answer.text} to ${JSON.stringify(given)}`
  const said = answer.text.replace(new RegExp(django, 'g'), '')
  for (const words of foreign) assert.not.match(said, words, shown)
  const named = namedIn(answer, shown)
  const known = ['non_field_errors', ...namesOf(row.schema), ...namesIn(given)]
  for (const name of named) {
    const parts = known.map((one) => one.replace(/[^\x20-\x7e]|["\\]/g, '?').slice(0, 100))
    assert.ok([...known, ...parts].includes(name.split('.')[0] ?? ''), shown)
  }
  return named
}

let sender = 0
const asked = async (world: World, row: Row, given: unknown, own: object): Promise<RawAnswer> => {
  sender += 1
  const path = row.path.replace('{/}', '/').replace(/:[a-z]+/g, 'a'.repeat(32))
  return rawRequest(`${world.url}${path}`, {
    method: row.method.toUpperCase(),
    headers: { ...json, ...own, 'x-forwarded-for': `10.1.${sender >> 8}.${sender & 255}` },
    body: JSON.stringify(given) ?? '',
  })
}

const callers = async (world: World, row: Row): Promise<readonly object[]> => {
  const client = row.takesClients ? [basic('every:a-long-enough-secret')] : []
  if (!row.takesPeople) return client.length > 0 ? client : [{}]
  const user = await world.addUser()
  await world.state.directory.change(user.sub, { roles: ['admin'] })
  const access = tokenIn(await world.open(user), 'access')
  return [...client, { authorization: `Bearer ${access}` }]
}

claims('every route with a body of JSON', {
  // asvs: 2.2.1, 16.5.1
  'refuses what is nearly right in our own words, by a closed code or the name of the member': () =>
    inWorld({ env }, async (world) => {
      const unnamed: string[] = []
      for (const row of withBody) {
        const named = new Set<string>()
        await fc.assert(
          fc.asyncProperty(bodyLike(row.schema), async (given) => {
            for (const own of await callers(world, row)) {
              const answer = await asked(world, row, given, own)
              assert.ok(answer.status < 500, `${row.path}: ${answer.status} ${answer.text}`)
              if (answer.status < 400) continue
              for (const name of isClear(row, given, answer)) named.add(name)
            }
          }),
          { numRuns: runs },
        )
        if (named.size === 0) unnamed.push(row.path)
      }
      assert.equal(unnamed, [])
    }),
})
