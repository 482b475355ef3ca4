import fc from 'fast-check'
import { assert, claims } from '../../support/suite.ts'
import { inWorld } from '../../support/worlds/gateway-world.ts'
import { visit } from '../../support/worlds/paged-world.ts'

const json = 'application/json'
const segment = fc
  .stringMatching(/^[a-z0-9%-]{0,8}$/)
  .filter((text) => !/%(?![0-9a-f]{2})/.test(text))
const below = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))
const page = fc.constantFrom('sign-in', 'sign-out', 'account')
/** A slash at the end is no other address. */
const routes = /^\/(?:[a-z-]+|account\/(?:data|sessions|password).*)\/?$/

claims('a problem at an address of the pages', {
  'is a page with the same status for a browser, and JSON for who asks for it': () =>
    inWorld({}, async (world) => {
      const drawn = fc.tuple(page, below, fc.constantFrom('GET', 'POST', 'DELETE'))
      const prove = async ([name, rest, method]: readonly [string, string, string]) => {
        const path = `/${name}/${rest}`
        const seen = await visit(world, path, { method })
        assert.is(seen.status, 404, path)
        assert.is(seen.headers['content-type'], 'text/html; charset=utf-8', path)
        assert.match(String(seen.headers['content-security-policy']), "default-src 'none'")
        assert.match(seen.text, 'There is nothing here.')
        assert.match(String(seen.headers['vary']), 'Accept')
        const told = await visit(world, path, { method, headers: { accept: json } })
        assert.equal(
          [told.status, JSON.parse(told.text)],
          [404, { detail: 'Not found.', code: 'not_found' }],
        )
      }
      const property = fc.asyncProperty(
        drawn.filter(([name, rest]) => !routes.test(`/${name}/${rest}`)),
        prove,
      )
      await fc.assert(property, { numRuns: 60 })
    }),

  'is JSON also where a form could be shown again': () =>
    inWorld({}, async (world) => {
      const form = { username: 'nobody', password: 'guessed' }
      const told = await visit(world, '/sign-in', { form, headers: { accept: json } })
      assert.is(told.status, 401)
      assert.match(JSON.parse(told.text).detail, 'No active account')
      const page = await visit(world, '/sign-in/', { form })
      assert.equal([page.status, page.headers['content-type']], [401, 'text/html; charset=utf-8'])
      const wrong = await visit(world, '/account', { method: 'DELETE' })
      assert.equal([wrong.status, wrong.headers['allow']], [405, 'GET, HEAD, OPTIONS'])
      assert.match(wrong.text, 'There is nothing here.')
    }),

  'leaves everything else as it was: JSON': () =>
    inWorld({}, async (world) => {
      for (const path of ['/accounts', '/sign-inn', '/nothing', '/me/x']) {
        const { status, text } = await visit(world, path)
        assert.equal([status, JSON.parse(text).code], [404, 'not_found'], path)
      }
      const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
      const refused = await visit(world, '/sign-in/', { form: { a: '' }, headers: foreign })
      assert.equal(
        [refused.status, refused.headers['content-type']],
        [403, 'text/html; charset=utf-8'],
      )
    }),
})
