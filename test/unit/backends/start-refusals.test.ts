import fc from 'fast-check'
import { gatewayFields } from '../../../services/gateway/config.ts'
import { ordersFields } from '../../../services/orders/config.ts'
import { directoryFields } from '../../../shared/backends/directory-settings.ts'
import { type Env, readConfig } from '../../../shared/kernel/config.ts'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import { openAccessKeys } from '../../../shared/tokens/configured-keys/access-keys.ts'
import { isKnownSecret } from '../../../shared/tokens/known-secrets/publicly-known-secret.ts'
import { accessRing } from '../../support/fakes/sample-tokens.ts'
import { assert, claims } from '../../support/suite.ts'

type Table = Parameters<typeof readConfig>[0]

const saidOf = (env: Env, table: Table = gatewayFields): string => {
  try {
    readConfig(table, env)
    return ''
  } catch (error) {
    assert.ok(isAuthError(error, 'CONFIG_INVALID'))
    return (error as Error).message
  }
}

const refuses = (env: Env, why: RegExp, table?: Table): void => {
  const said = saidOf(env, table)
  const [name = ''] = Object.keys(env)
  assert.match(said, why, JSON.stringify(env))
  assert.ok(said.includes(name), `${said} names ${name}`)
}
const takes = (env: Env, table?: Table): void => assert.is(saidOf(env, table), '')

const fromTutorials = [
  'your-256-bit-secret',
  'a-string-secret-at-least-256-bits-long',
  'my-32-character-ultra-secure-and-ultra-long-secret',
  'supersecretsupersecretsupersecret',
  'Sup3rS3cretK3y!Sup3rS3cretK3y!!!',
  'thisisaverysecretkeythatisatleast32characterslong',
  'passwordpasswordpassword12345678',
  '<random_string_at_least_32_characters_long>',
  // From the published list: no word of it says so.
  'r9iMKoe5CRMgvJBBtp4HrqN7QiPpUToj',
]

claims('a start is refused', {
  // asvs: 9.1.3, 12.3.3
  'with a key set that comes over http, but for this machine': () => {
    for (const url of [
      'http://keys.example/jwks',
      'http://10.0.0.7/jwks',
      'http://localhost.evil.example/',
    ]) {
      for (const table of [gatewayFields, ordersFields]) {
        refuses({ CURFEW_JWK_URL: url }, /http beyond loopback/, table)
      }
    }
    for (const url of ['https://keys.example/jwks', 'http://localhost:1/a', 'http://[::1]:9/']) {
      takes({ CURFEW_JWK_URL: url })
    }
  },

  'with a public address that has a path': () => {
    for (const url of ['https://a.example/auth', 'https://a.example/auth/', 'http://localhost/x']) {
      for (const table of [gatewayFields, ordersFields]) {
        refuses({ CURFEW_PUBLIC_URL: url }, /has a path.*CURFEW_BASE_PATH/, table)
      }
    }
    for (const url of ['https://a.example', 'https://a.example/']) takes({ CURFEW_PUBLIC_URL: url })
  },

  'with a base path that has a part of dots': () => {
    const part = fc.constantFrom('a', 'v1.0', '.hidden', 'a..b')
    const dots = fc.constantFrom('.', '..', '...')
    fc.assert(
      fc.property(fc.array(part), dots, fc.array(part), (before, between, behind) => {
        const path = `/${[...before, between, ...behind].join('/')}`
        refuses({ CURFEW_BASE_PATH: path }, /a part of dots alone/)
        if (before.length > 0) takes({ CURFEW_BASE_PATH: `/${before.join('/')}` })
      }),
    )
  },

  'with a header for tokens that means something else, in any case': () => {
    const taken = [
      'Cookie',
      'Host',
      'Content-Length',
      'Content-Type',
      'Transfer-Encoding',
      'Connection',
      'Origin',
      'Sec-Fetch-Site',
      'X-Forwarded-For',
      'Forwarded',
      'Set-Cookie',
      'If-None-Match',
      'Proxy-Authorization',
      'Revocation-Position',
    ]
    for (const name of taken.flatMap((one) => [one, one.toLowerCase(), one.toUpperCase()])) {
      refuses({ CURFEW_AUTH_HEADER_NAME: name }, /another meaning in HTTP/)
      refuses({ CURFEW_AUTH_HEADER_NAME: name }, /another meaning in HTTP/, ordersFields)
    }
    for (const name of ['Authorization', 'X-Access-Token', 'Token', 'X-Auth']) {
      takes({ CURFEW_AUTH_HEADER_NAME: name })
    }
  },

  'with one client id twice': () => {
    const one = 'orders:p4rV9sQ2mX7tB1nK6wZ3'
    refuses({ CURFEW_SERVICE_CLIENTS: `${one},${one}` }, /one client id twice/)
    const other = 'orders:q5sW0tR3nY8uC2oL7xA4:feed'
    refuses({ CURFEW_SERVICE_CLIENTS: `${one},stock${one.slice(6)},${other}` }, /twice/)
    takes({ CURFEW_SERVICE_CLIENTS: `${one},Orders${one.slice(6)}` })
  },

  // asvs: 13.2.3
  'with a client’s secret that is published or made of the usual words, which is not shown': () => {
    for (const secret of fromTutorials) {
      const env = { CURFEW_SERVICE_CLIENTS: `orders:${secret}:introspect` }
      refuses(env, /a secret that is published/)
      assert.not.ok(saidOf(env).includes(secret))
    }
  },

  // asvs: 13.2.3
  'with such a secret to present, to the directory, the feed or the gateway': () => {
    const settings: readonly (readonly [name: string, table: Table])[] = [
      ['CURFEW_DIRECTORY_SECRET', directoryFields],
      ['CURFEW_FEED_CLIENT_SECRET', ordersFields],
      ['CURFEW_INTROSPECT_CLIENT_SECRET', ordersFields],
    ]
    for (const [name, table] of settings) {
      for (const secret of fromTutorials) {
        refuses({ [name]: secret }, /a secret that is published/, table)
        assert.not.ok(saidOf({ [name]: secret }, table).includes(secret))
      }
      takes({ [name]: 'p4rV9sQ2mX7tB1nK6wZ3' }, table)
    }
  },

  // asvs: 13.2.3
  'with such a secret to sign or verify with': async () => {
    for (const secret of fromTutorials.filter(({ length }) => length >= 32)) {
      for (const name of ['signingKey', 'verifyingKey'] as const) {
        const none = { signingKey: null, signingKeyFile: null }
        const given = { algorithm: 'HS256', verifyingKey: null, verifyingKeyFile: null } as const
        const opening = openAccessKeys(accessRing, { ...none, ...given, [name]: secret })
        const said = await opening.then(
          () => 'it was accepted',
          (error: Error) => error.message,
        )
        assert.match(said, /CURFEW_(SIGNING|VERIFYING)_KEY has a secret that is published/)
        assert.not.ok(said.includes(secret))
      }
    }
  },
})

claims('a secret that a machine made', {
  'is taken, in hex, base64 and base64url': () => {
    const bytes = fc.uint8Array({ minLength: 12, maxLength: 64 })
    fc.assert(
      fc.property(bytes, fc.constantFrom('hex', 'base64', 'base64url'), (drawn, encoding) => {
        fc.pre(new Set(drawn).size >= 8)
        assert.not.ok(isKnownSecret(Buffer.from(drawn).toString(encoding as BufferEncoding)))
      }),
      { numRuns: 2_000 },
    )
  },

  'is looked at in a time that its length bounds, whatever it repeats': () => {
    for (const text of ['secret', 'a', 'test1', '1', 'an']) {
      assert.is(isKnownSecret(`${text.repeat(4_000)}q`), false)
    }
  },
})
