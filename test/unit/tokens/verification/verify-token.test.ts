import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import { createRing, rotateRing } from '../../../../shared/tokens/key-rings/key-ring.ts'
import { algorithms } from '../../../../shared/tokens/keys/algorithms.ts'
import { signAccess, signRefresh } from '../../../../shared/tokens/signing/sign-token.ts'
import { verifyAccess } from '../../../../shared/tokens/verification/verify-token.ts'
import { premadeRing } from '../../../support/fakes/premade-rings.ts'
import {
  accessClaims,
  accessRing,
  audience,
  instant,
  issuer,
  judgedAccess,
  judgedRefresh,
  refreshClaims,
  refreshRing,
} from '../../../support/fakes/sample-tokens.ts'
import { seededEntropy } from '../../../support/fakes/seeded-entropy.ts'
import { assert, claims } from '../../../support/suite.ts'

const entropy = seededEntropy('verify')
const expiry = instant + 900_000

claims('verifying tokens', {
  'a signed access token comes back with its claims': () => {
    const given = accessClaims({ team: 'blue' })
    const options = { keys: accessRing, issuer, audience, now: instant, leewayMs: 0 }
    const result = verifyAccess(signAccess(accessRing, given), options)
    assert.equal(result, { ok: true, claims: given })
  },
  'each algorithm signs and verifies, and no ring takes another ring’s token': () => {
    const rings = algorithms.map((alg, index) =>
      premadeRing('access', { alg, entropy }, index, ['active']),
    )
    for (const ring of rings) {
      const token = signAccess(ring, accessClaims())
      for (const keys of rings) {
        assert.is(judgedAccess(token, { keys }), keys === ring ? 'ok' : 'unknown_key')
      }
    }
  },
  // asvs: 9.2.1
  'a token ends at its exp to the millisecond, or the leeway later': () => {
    const token = signAccess(accessRing, accessClaims())
    const at = (now: number, leewayMs: number): string =>
      judgedAccess(token, { now: now as EpochMs, leewayMs })
    assert.is(at(expiry - 1, 0), 'ok')
    assert.is(at(expiry, 0), 'expired')
    assert.is(at(expiry + 4_999, 5_000), 'ok')
    assert.is(at(expiry + 5_000, 5_000), 'expired')
    assert.is(at(expiry + 60_000, 3_600_000), 'expired')
  },
  'a token from the future is malformed, one from a clock a minute ahead is not': () => {
    const iat = instant / 1000 + 60
    assert.is(judgedAccess(signAccess(accessRing, accessClaims({ iat }))), 'ok')
    const late = accessClaims({ iat: iat + 1 })
    assert.is(judgedAccess(signAccess(accessRing, late)), 'malformed')
    const notYet = accessClaims({ nbf: iat + 1 })
    assert.is(judgedAccess(signAccess(accessRing, notYet)), 'malformed')
  },
  // asvs: 9.2.1
  'a token begins at its nbf to the millisecond, or the leeway earlier, of either kind': () => {
    for (const ahead of [1, 30, 60, 3_600]) {
      const nbf = instant / 1000 + ahead
      const access = signAccess(accessRing, accessClaims({ nbf, exp: nbf + 900 }))
      const refresh = signRefresh(refreshRing, refreshClaims({ nbf, exp: nbf + 900 }))
      const both = (now: number, leewayMs: number): string[] => {
        const at = { now: now as EpochMs, leewayMs }
        return [judgedAccess(access, at), judgedRefresh(refresh, at)]
      }
      assert.equal(both(nbf * 1000 - 1, 0), ['malformed', 'malformed'])
      assert.equal(both(nbf * 1000, 0), ['ok', 'ok'])
      assert.equal(both(nbf * 1000 - 5_001, 5_000), ['malformed', 'malformed'])
      assert.equal(both(nbf * 1000 - 5_000, 5_000), ['ok', 'ok'])
    }
  },
  'a life longer than the limit is malformed': () => {
    const token = signAccess(accessRing, accessClaims())
    assert.is(judgedAccess(token, { lifeMsMax: 900_000 }), 'ok')
    assert.is(judgedAccess(token, { lifeMsMax: 899_999 }), 'malformed')
  },
  // asvs: 9.2.3, 10.3.1
  'issuer and audience are compared exactly': () => {
    const token = signAccess(accessRing, accessClaims())
    assert.is(judgedAccess(token, { issuer: `${issuer}/` }), 'malformed')
    assert.is(judgedAccess(token, { issuer: issuer.toUpperCase() }), 'malformed')
    assert.is(judgedAccess(token, { audience: 'https://pay.example' }), 'malformed')
    assert.is(judgedAccess(token, { issuer: '' }), 'malformed')
    assert.is(judgedAccess(token, { audience: '' }), 'malformed')
  },
  // asvs: 9.2.2
  'a true token of the other kind has the wrong type, in both slots': () => {
    assert.is(judgedAccess(signRefresh(refreshRing, refreshClaims())), 'wrong_type')
    assert.is(judgedRefresh(signAccess(accessRing, accessClaims())), 'wrong_type')
    assert.is(judgedRefresh(signRefresh(refreshRing, refreshClaims())), 'ok')
  },
  'a forged or expired token of the other kind is what it is': () => {
    const stranger = createRing('refresh', { alg: 'HS256', entropy })
    assert.is(judgedAccess(signRefresh(stranger, refreshClaims())), 'malformed')
    const token = signRefresh(refreshRing, refreshClaims())
    assert.is(judgedAccess(token, { now: (instant + 260_000_000) as EpochMs }), 'expired')
  },
  'without the other keys its typ tells the kind': () => {
    const options = { keys: accessRing, issuer, audience, now: instant, leewayMs: 0 }
    const result = verifyAccess(signRefresh(refreshRing, refreshClaims()), options)
    assert.equal(result, { ok: false, problem: 'wrong_type' })
  },
  'a retired key verifies what it signed, until its time is over': () => {
    const token = signAccess(accessRing, accessClaims())
    const keys = rotateRing(accessRing, { at: instant, overlapMs: 60_000, alg: 'ES256', entropy })
    assert.is(judgedAccess(token, { keys, now: (instant + 59_999) as EpochMs }), 'ok')
    assert.is(judgedAccess(token, { keys, now: (instant + 60_000) as EpochMs }), 'unknown_key')
  },
  'claims are checked before they are signed': () => {
    const bad = [
      { sub: 'a b' },
      { jti: 'x' },
      { exp: 1 },
      { epoch: { sub: 0 } },
      { aud: [''] },
      { aud: [] },
    ]
    for (const over of bad) {
      assert.throws(
        () => signAccess(accessRing, accessClaims(over)),
        (error: { code: string; field: string }) =>
          error.code === 'INPUT_INVALID' && error.field === Object.keys(over)[0],
      )
    }
  },
  'what a guard would refuse for its size or depth is not signed': () => {
    const deep = JSON.parse('[[[[[[[[1]]]]]]]]')
    const cases: [unknown, string][] = [
      ['x'.repeat(4_000), 'CLAIMS_TOO_LARGE'],
      [deep, 'INPUT_INVALID'],
      [JSON.parse('{"__proto__":1}'), 'INPUT_INVALID'],
    ]
    for (const [team, code] of cases) {
      assert.throws(
        () => signAccess(accessRing, accessClaims({ team })),
        (error: { code: string }) => error.code === code,
      )
    }
  },
})
