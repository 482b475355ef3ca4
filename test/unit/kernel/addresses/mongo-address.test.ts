import fc from 'fast-check'
import { newMongoClient } from '../../../../shared/adapters/mongo/connection/new-mongo-client.ts'
import { backendFields } from '../../../../shared/backends/config.ts'
import { readMongoAddress } from '../../../../shared/kernel/addresses/mongo-address.ts'
import { type Env, readConfig } from '../../../../shared/kernel/config.ts'
import { redactText } from '../../../../shared/kernel/logger.ts'
import { assert, claims } from '../../../support/suite.ts'

const word = fc.stringMatching(/^zq[a-z0-9]{6}$/)
const between = fc.constantFrom(
  ...['@', ':', '/', '?', '#', '[', ']', '%', '&', '+', '=', ',', ' ', '\n', '%4', '%zz', '%40'],
  ...['ü', '密', '\u200b', '%FF', '\\', '"', '|', '^', '@@', '/?', ':@', '@/', '?@', '#@', '%2'],
)
/** Words that a message must not have, with what a person may forget to encode between them. */
const secret = fc
  .tuple(word, between, word, between, word)
  .map(([one, a, two, b, three]) => ({ text: `${one}${a}${two}${b}${three}`, one, two, three }))

const mistakesOf = (env: Env): string => {
  try {
    readConfig(backendFields, env)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}
const opening = (url: string): string => {
  try {
    void newMongoClient(url, {}).client.close()
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

const runs = { numRuns: 2_000 }

claims('an address of MongoDB', {
  'shows no part of a user or a password that is not encoded, wherever it is refused': () => {
    fc.assert(
      fc.property(secret, secret, fc.boolean(), (user, password, both) => {
        const login = both ? `${user.text}:${password.text}` : `app:${password.text}`
        const url = `mongodb://${login}@db.example:27017/shop?replicaSet=rs0`
        const address = readMongoAddress(url)
        if (address.ok) {
          assert.equal(address.hosts, ['db.example:27017'])
          assert.is(address.database, 'shop')
          return
        }
        const told = [
          address.mistake,
          opening(url),
          mistakesOf({ CURFEW_MONGODB_URL: url }),
          mistakesOf({ CURFEW_MONGODB_DATABASE: url }),
          redactText(`cannot use ${url}`),
        ].join('\n')
        for (const { one, two, three } of [user, password]) {
          for (const piece of [one, two, three]) assert.not.match(told, piece)
        }
        assert.match(told, 'percent-encoded')
      }),
      runs,
    )
  },

  'is taken when user and password are encoded, whatever they hold': () => {
    fc.assert(
      fc.property(secret, secret, (user, password) => {
        const login = `${encodeURIComponent(user.text)}:${encodeURIComponent(password.text)}`
        const { client, address } = newMongoClient(`mongodb://${login}@db.example/shop`, {})
        assert.is(client.options.credentials?.username, user.text)
        assert.is(client.options.credentials?.password, password.text)
        assert.equal(address.hosts, ['db.example'])
      }),
      runs,
    )
  },

  'says what else is wrong with it': () => {
    const mistakes: readonly (readonly [string, RegExp])[] = [
      ['mongo://h', /does not begin with mongodb:/],
      ['mongodb://h ', /a line end/],
      ['mongodb://app:pw@', /no host:port/],
      ['mongodb://app:hunter2', /no host:port/],
      ['mongodb://h:70000', /no host:port/],
      ['mongodb://:pw@h', /no user before its @/],
      ['mongodb://h/a%zz', /database name/],
    ]
    for (const [url, words] of mistakes) assert.match(opening(url), words, url)
    const options: readonly (readonly [string, RegExp])[] = [
      ['mongodb://h/?bad=1', /an option bad/],
      ['mongodb://h/?tls=maybe', /an option tls/],
      ['mongodb://h/?tls=true&ssl=false', /do not go together/],
      ['mongodb://u:p@h/?tlsCertificateKeyFilePassword=zqsecret&maxPoolSize=x', /maxPoolSize/],
    ]
    for (const [url, words] of options) {
      const told = opening(url)
      assert.match(told, words, url)
      assert.not.match(told, 'zqsecret')
    }
  },

  'has its TLS and several hosts read': () => {
    const address = readMongoAddress('mongodb://[::1]:27018,b.example,c:1/shop?tls=true')
    assert.ok(address.ok)
    if (!address.ok) return
    assert.equal(address.hosts, ['[::1]:27018', 'b.example', 'c:1'])
    assert.ok(address.usesTls)
  },
})
