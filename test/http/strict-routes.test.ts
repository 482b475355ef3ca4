import fc from 'fast-check'
import { gatewayRoutes } from '../../services/gateway/route-table.ts'
import { assert, claims } from '../support/suite.ts'
import { inWorld } from '../support/worlds/gateway-world.ts'
import { rawRequest } from './raw-request.ts'

const paths = [...gatewayRoutes.map(({ path }) => path), '/healthz', '/readyz'].map((path) =>
  path
    .replace('{/}', '/')
    .replace('{*path}', '')
    .replace(/:[a-z]+/g, '7'),
)

/** The path with the case of the chosen letters changed; ids keep theirs. */
const otherwise = (path: string, letters: readonly boolean[]): string =>
  [...path]
    .map((char, at) => (letters[at % letters.length] === true ? char.toUpperCase() : char))
    .join('')

const drawn = fc
  .tuple(fc.constantFrom(...paths), fc.array(fc.boolean(), { minLength: 3, maxLength: 9 }))
  .map(([path, letters]) => [path, otherwise(path, letters)] as const)
  .filter(([path, other]) => path !== other)

claims('routes', {
  'are spelled one way: in other letters each is 404 like any path that is none': () =>
    inWorld({ env: { CURFEW_BASE_PATH: '/auth' } }, async ({ url }) => {
      const statusOf = async (method: string, path: string): Promise<number> =>
        (await rawRequest(`${url}${path}`, { method })).status
      await fc.assert(
        fc.asyncProperty(
          drawn,
          fc.constantFrom('GET', 'POST', 'OPTIONS'),
          async ([, other], method) => {
            const isBelow = !/^\/(healthz|readyz)$/i.test(other)
            assert.is(await statusOf(method, isBelow ? `/auth${other}` : other), 404, other)
          },
        ),
        { numRuns: 150 },
      )
      for (const path of ['/Auth/login', '/AUTH/me', '/auth/Verify/orders']) {
        assert.is(await statusOf('POST', path), 404, path)
      }
      assert.is(await statusOf('GET', '/.well-known/OAuth-authorization-server'), 404)
      assert.is(await statusOf('POST', '/auth/logout'), 401)
    }),

  'what stands in a path keeps its case: ids are compared as they are': () =>
    inWorld({}, async (world) => {
      const { sub } = await world.addUser()
      const asked = async (path: string): Promise<number> =>
        (await rawRequest(`${world.url}${path}`, { method: 'GET', headers: world.serviceHeaders }))
          .status
      const statuses = [await asked(`/users/${sub}`), await asked(`/Users/${sub}`)]
      assert.is(statuses[1], 404)
      assert.is.not(statuses[0], 404)
    }),
})
