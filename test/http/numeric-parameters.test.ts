import { z } from 'zod'
import { gatewayRoutes } from '../../services/gateway/route-table.ts'
import { tokenIn } from '../support/processes/browser.ts'
import { assert, claims } from '../support/suite.ts'
import { inWorld } from '../support/worlds/gateway-world.ts'
import { rawRequest } from './raw-request.ts'

/** Guards ask for it, as clients; test/http/audit-head.test.ts has its parameters. */
const ofClients = '/audit/head'

const numbers = gatewayRoutes.flatMap(({ method, path, doc }) =>
  (doc.parameters ?? []).flatMap(({ in: place, name, schema }) => {
    const { type, minimum, maximum } = z.toJSONSchema(schema, { unrepresentable: 'any' })
    if (place !== 'query' || type !== 'integer' || path === ofClients) return []
    return [{ method, path, name, minimum: Number(minimum), maximum: Number(maximum) }]
  }),
)

const always = ['-1', '1.5', 'x', '', ' ', '+1', '0x1', '1e1', 'NaN', '9'.repeat(30)]

claims('a number in a query', {
  // asvs: 2.2.1
  'that cannot be is 400 by its name, with what can be, and never taken for another': () =>
    inWorld({}, async (world) => {
      const user = await world.addUser()
      await world.state.directory.change(user.sub, { roles: ['admin'] })
      const headers = { authorization: `Bearer ${tokenIn(await world.open(user), 'access')}` }
      assert.ok(numbers.length > 10)
      for (const { path, name, minimum, maximum } of numbers) {
        const place = path.replace(':sub', user.sub).replace(/:[a-z]+/g, 'a'.repeat(32))
        const edges = [String(minimum - 1), String(maximum + 1)]
        for (const text of [...always, ...edges]) {
          const asked = `${place}?${name}=${encodeURIComponent(text)}`
          const answer = await rawRequest(`${world.url}${asked}`, { method: 'GET', headers })
          const shown = `${asked}: ${answer.status} ${answer.text}`
          assert.is(answer.status, 400, shown)
          assert.equal(Object.keys(answer.body), [name], shown)
          assert.match(answer.text, /Must be (a whole number from|one text|the size)/, shown)
        }
      }
    }),
})
