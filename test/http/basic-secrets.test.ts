import fc from 'fast-check'
import { gatewayRoutes } from '../../services/gateway/route-table.ts'
import { basicCredentials } from '../../shared/guard/http-client/guard-fetch.ts'
import { KnownClients, parseServiceClient } from '../../shared/http/service-clients.ts'
import { fakeClock } from '../support/fakes/fake-clock.ts'
import { assert, claims } from '../support/suite.ts'
import { openFeedWorld, reader } from '../support/worlds/feed-world.ts'
import { inWorld } from '../support/worlds/gateway-world.ts'
import { rawRequest } from './raw-request.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
/** As curl and most libraries send it (RFC 7617). */
const plain = (id: string, secret: string): string => base64(`${id}:${secret}`)
/** As those do that encode by `encodeURIComponent`. */
const percent = (id: string, secret: string): string =>
  base64([id, secret].map(encodeURIComponent).join(':'))
const ways = { plain, formEncoded: basicCredentials, percent }

/** What forms and headers give a meaning to, more often than letters. */
const odd = fc.constantFrom(...'+%:/=&?#;@!~*\'"() <>\\é€')
const secrets = fc
  .array(fc.oneof({ weight: 2, arbitrary: odd }, fc.constantFrom(...'aZ09')), {
    minLength: 16,
    maxLength: 40,
  })
  .map((parts) => parts.join(''))
  .filter((text) => !text.includes('\ufffd'))

const awkward = 'p+q%2Bs:t/u=v&w%zz x'

const clientOf = (secret: string, may = 'introspect') =>
  parseServiceClient(`tests:${secret}:${may}`)

claims('HTTP Basic of service clients', {
  'takes every secret plain and form-encoded, and no other one': () => {
    fc.assert(
      fc.property(secrets, fc.constantFrom('Basic', 'basic', 'BASIC'), (secret, scheme) => {
        const clients = new KnownClients([clientOf(secret)], fakeClock())
        const judge = (sent: string) =>
          clients.judge(`${scheme} ${sent}`, 'introspect', '192.0.2.1').outcome
        for (const [way, encode] of Object.entries(ways)) {
          assert.is(judge(encode('tests', secret)), 'known', way)
          assert.is(judge(encode('tests', `${secret}x`)), 'unknown', way)
          assert.is(judge(encode('others', secret)), 'unknown', way)
        }
      }),
      { numRuns: 300 },
    )
  },

  'takes the longest secret, however it is encoded, and settings refuse a longer one': () => {
    const longest = '+'.repeat(1_024)
    const clients = new KnownClients([clientOf(longest)], fakeClock())
    for (const encode of Object.values(ways)) {
      const { outcome } = clients.judge(`Basic ${encode('tests', longest)}`, null, '192.0.2.1')
      assert.is(outcome, 'known')
    }
    assert.throws(() => clientOf(`${longest}+`), /longer than 1024 bytes/)
  },

  'settings take a secret with colons where permissions follow, and no mistyped permission': () => {
    const { id, secret, permissions } = clientOf('a:b:introspect:c/d+e%', 'revoke+feed')
    assert.equal([id, secret, permissions], ['tests', 'a:b:introspect:c/d+e%', ['revoke', 'feed']])
    assert.throws(() => parseServiceClient('tests:a-long-enough-secret:introspct'), /permissions/)
    assert.throws(() => parseServiceClient('tests:a-long-enough:secret'), /permissions/)
  },

  'is the same at every route of the gateway that takes it': () => {
    const may = 'introspect+revoke+users+feed+receive+audit'
    const env = { CURFEW_SERVICE_CLIENTS: `tests:${awkward}:${may}` }
    const taking = gatewayRoutes.filter(({ doc }) => doc.security.flat().includes('serviceClient'))
    assert.ok(taking.length >= 10)
    return inWorld({ env }, async (world) => {
      for (const { method, path } of taking) {
        const url = `${world.url}${path.replace(/:[a-z]+/g, 'x').replace(/\{.*\}/, '')}`
        const ask = async (credentials: string): Promise<number> => {
          const headers = { authorization: `Basic ${credentials}` }
          const { status } = await rawRequest(url, { method: method.toUpperCase(), headers })
          return status
        }
        for (const [way, encode] of Object.entries(ways)) {
          const told = `${method} ${path}, ${way}`
          assert.not.ok([401, 403].includes(await ask(encode('tests', awkward))), told)
          assert.is(await ask(encode('tests', `${awkward}!`)), 401, told)
        }
      }
    })
  },

  'is the same at the feed, also as a guard sends it': async () => {
    const secret = `${awkward}${awkward}`
    const world = await openFeedWorld({ clients: [{ ...reader, secret }] })
    try {
      for (const [way, encode] of Object.entries(ways)) {
        const ask = async (given: string): Promise<number> => {
          const authorization = `Basic ${encode(reader.id, given)}`
          const answer = await fetch(`${world.url}/feed`, { headers: { authorization } })
          await answer.body?.cancel()
          return answer.status
        }
        assert.equal([await ask(secret), await ask(`${secret}!`)], [200, 401], way)
      }
      const feed = world.feedAt({ secret })
      const nothing = (): void => {}
      await feed.open({
        onItems: nothing,
        onReset: nothing,
        onCaughtUp: nothing,
        onTrouble: nothing,
      })
      await feed.close()
    } finally {
      await world.close()
    }
  },
})
