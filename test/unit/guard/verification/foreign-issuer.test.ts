import type { Fetch } from '../../../../shared/guard/http-client/guard-fetch.ts'
import { remoteKeys } from '../../../../shared/guard/keys/remote-keys.ts'
import { foreignIssuer } from '../../../../shared/guard/verification/foreign-issuer.ts'
import { parseForeignJwks, parseJwks } from '../../../../shared/tokens/keys/parse-jwks.ts'
import { fakeClock } from '../../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../../support/suite.ts'
import { race } from '../../../support/until.ts'
import {
  bothSets,
  firstSet,
  otherAudience,
  otherName,
  otherToken,
  secondKid,
} from '../../../support/worlds/other-issuer.ts'

const opened = () => {
  const clock = fakeClock()
  const state = { set: firstSet, fetched: 0 }
  const fetch: Fetch = async () => {
    state.fetched += 1
    return new Response(state.set, { headers: { 'content-type': 'application/json' } })
  }
  const url = new URL('https://idp.example/keys')
  const keys = remoteKeys({ url, clock, fetch, parse: parseForeignJwks })
  const trust = { issuer: otherName, audience: otherAudience, leewayMs: 0, lifeMsMax: 3_600_000 }
  const issuer = foreignIssuer({ ...trust, keys })
  const judged = async (token: string): Promise<string> => {
    const verified = await issuer.verify(token, clock.now())
    return verified.ok ? 'ok' : verified.problem
  }
  return { clock, state, issuer, judged }
}

claims('the keys of another issuer', {
  'are fetched once for many tokens at once, and anew for a new key id, by one request':
    async () => {
      const { clock, state, judged } = opened()
      const token = otherToken(clock.now())
      assert.ok((await race(50, () => judged(token))).every((verdict) => verdict === 'ok'))
      assert.is(state.fetched, 1)
      state.set = bothSets
      await clock.advance(30_000)
      const next = otherToken(clock.now(), {}, { kid: secondKid })
      assert.ok((await race(50, () => judged(next))).every((verdict) => verdict === 'ok'))
      assert.is(state.fetched, 2)
      for (let made = 0; made < 50; made += 1) {
        const forged = otherToken(clock.now(), {}, { kid: `made-up-${made}` })
        assert.is(await judged(forged), 'unknown_key')
      }
      assert.is(state.fetched, 2)
    },

  'may leave out `alg` and have ids of any form, which our own set may not': () => {
    const foreign = parseForeignJwks(bothSets)
    assert.equal(foreign.ok && [...foreign.keys.values()].map(({ alg }) => alg), ['ES256', 'ES256'])
    assert.is(parseJwks(bothSets).ok, false)
    const oct = JSON.stringify({ keys: [{ kty: 'oct', k: 'AAAA', kid: 'a', alg: 'HS256' }] })
    assert.is(parseForeignJwks(oct).ok, false)
  },

  'judge exp to the leeway': async () => {
    const { clock, judged } = opened()
    const token = otherToken(clock.now())
    await clock.advance(599_999)
    assert.is(await judged(token), 'ok')
    await clock.advance(1)
    assert.is(await judged(token), 'expired')
  },
})
