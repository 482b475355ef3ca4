import { type Jar, tokenIn } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld } from '../../support/worlds/gateway-world.ts'
import { visit } from '../../support/worlds/paged-world.ts'

claims('GET /', {
  'leads a browser to the sign-in, or to its account': () =>
    inWorld({}, async (world) => {
      assert.is((await visit(world, '/?utm_source=mail')).location, '/sign-in')
      const jar = await world.open(await world.addUser())
      assert.is((await visit(world, '/', { jar })).location, '/account')
      const late: Jar = new Map([['refresh', tokenIn(jar, 'refresh') ?? '']])
      assert.is((await visit(world, '/', { jar: late })).location, '/account')
      assert.is((await world.me(late)).status, 200)
    }),

  'is a 404 in JSON, as ever, for the rest': () =>
    inWorld({}, async (world) => {
      for (const accept of ['*/*', 'application/json', 'application/json, text/html', '']) {
        const { status, text } = await visit(world, '/', { headers: { accept } })
        assert.is(status, 404, accept)
        assert.equal(JSON.parse(text), { detail: 'Not found.', code: 'not_found' })
      }
    }),

  'is at the base path, and nothing is above it': () =>
    inWorld({ env: { CURFEW_BASE_PATH: '/auth' } }, async (world) => {
      assert.is((await visit(world, '/auth')).location, '/auth/sign-in')
      assert.is((await visit(world, '/')).status, 404)
    }),
})
