import { createHash } from 'node:crypto'
import { pageHeaders, pagePolicy } from '../../../shared/pages/index.ts'
import { assert, claims } from '../../support/suite.ts'

claims('The headers of a page', {
  'allow nothing that is not named': () => {
    assert.is(
      pagePolicy({}),
      "default-src 'none'; style-src 'none'; script-src 'none'; img-src data:; " +
        "connect-src 'none'; form-action 'none'; object-src 'none'; base-uri 'none'; " +
        "frame-ancestors 'none'; " +
        "require-trusted-types-for 'script'",
    )
  },

  'name the styles and scripts of the page by their hashes; forms stay here': () => {
    const hash = createHash('sha256').update('a{}').digest('base64')
    const policy = pagePolicy({ styles: ['a{}'], forms: true })
    assert.match(policy, `style-src 'sha256-${hash}';`)
    assert.match(policy, "form-action 'self';")
    assert.match(pagePolicy({ ownFiles: true, connects: true }), "script-src 'self';")
  },

  'keep it out of caches and frames, and its address within its origin': () => {
    const headers = pageHeaders({})
    assert.is(headers['Cache-Control'], 'no-store')
    assert.is(headers['Referrer-Policy'], 'same-origin')
    assert.is(headers['X-Frame-Options'], 'DENY')
    assert.is(headers['X-Content-Type-Options'], 'nosniff')
  },
})
