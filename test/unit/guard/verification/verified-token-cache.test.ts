import fc from 'fast-check'
import { VerifiedTokenCache } from '../../../../shared/guard/verification/verified-token-cache.ts'
import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import { createRing } from '../../../../shared/tokens/key-rings/key-ring.ts'
import type { KeyLookup, VerifyKey } from '../../../../shared/tokens/keys/verify-key.ts'
import { signAccess } from '../../../../shared/tokens/signing/sign-token.ts'
import { verifyBearer } from '../../../../shared/tokens/verification/verify-token.ts'
import { accessClaims, audience, instant, issuer } from '../../../support/fakes/sample-tokens.ts'
import { seededEntropy } from '../../../support/fakes/seeded-entropy.ts'
import { assert, claims } from '../../../support/suite.ts'

const seed = 20_260_707
const leewayMs = 5_000
const entropy = seededEntropy('verified tokens')
const ring = createRing('access', { alg: 'HS256', entropy })
const otherRing = createRing('access', { alg: 'HS256', entropy })
const start = instant / 1000
const at = (ms: number): EpochMs => (instant + ms) as EpochMs

const verify = (token: string, keys: KeyLookup, now: EpochMs) =>
  verifyBearer(token, { keys, issuer, audience, leewayMs, now, accept: ['access'] })
const cacheOver = (keys: KeyLookup, bytesMax = 1_000_000) =>
  new VerifiedTokenCache({ keys, verify, leewayMs, bytesMax })
const tokenOf = (over: object = {}): string => signAccess(ring, accessClaims(over))
const token = tokenOf()

claims('verified tokens', {
  'a token is verified once, and its claims are nobody’s to change': () => {
    const cache = cacheOver(ring)
    const [first, second] = [cache.verify(token, instant), cache.verify(token, instant)]
    assert.is(first, second)
    const { hits, misses, entries } = cache.counts
    assert.equal([hits, misses, entries], [1, 1, 1])
    assert.ok(first.ok && Object.isFrozen(first.claims) && Object.isFrozen(first.claims.epoch))
  },
  'what is refused is not kept': () => {
    const cache = cacheOver(ring)
    const forged = `${token.slice(0, -4)}AAAA`
    for (const bad of ['', 'a.b.c', forged, tokenOf({ aud: 'https://pay.example' })]) {
      assert.is(cache.verify(bad, instant).ok, false)
    }
    assert.is(cache.counts.entries, 0)
  },
  'other claims under the signature of a kept token are refused, and the kept one stays': () => {
    const cache = cacheOver(ring)
    assert.is(cache.verify(token, instant).ok, true)
    const [header = '', , signature = ''] = token.split('.')
    const [, others = ''] = tokenOf({ roles: ['admin'] }).split('.')
    for (const forged of [`${header}.${others}.${signature}`, signature, `x${token}`]) {
      assert.is(cache.verify(forged, instant).ok, false)
    }
    assert.is(cache.verify(token, instant).ok, true)
    const { hits, misses, entries } = cache.counts
    assert.equal([hits, misses, entries], [1, 4, 1])
  },
  'a token whose key was taken out, or made another, is unknown at once': () => {
    const keys = new Map<string, VerifyKey>([[ring.active.kid, ring.active]])
    const cache = cacheOver(keys)
    assert.is(cache.verify(token, instant).ok, true)
    keys.set(ring.active.kid, { ...otherRing.active, kid: ring.active.kid })
    assert.equal(cache.verify(token, instant), { ok: false, problem: 'malformed' })
    keys.set(ring.active.kid, ring.active)
    assert.is(cache.verify(token, instant).ok, true)
    keys.delete(ring.active.kid)
    assert.equal(cache.verify(token, instant), { ok: false, problem: 'unknown_key' })
    assert.is(cache.counts.entries, 0)
  },
  'it dies at its exp and the leeway, to the millisecond': () => {
    const cache = cacheOver(ring)
    const end = 900_000 + leewayMs
    assert.is(cache.verify(token, at(end - 1)).ok, true)
    assert.is(cache.verify(token, at(end - 1)).ok, true)
    assert.equal(cache.verify(token, at(end)), { ok: false, problem: 'expired' })
    assert.is(cache.counts.entries, 0)
  },
  'memory is bounded, and what is used stays': () => {
    const bytesMax = 60_000
    const cache = cacheOver(ring, bytesMax)
    for (let index = 0; index < 200; index += 1) {
      cache.verify(tokenOf(), instant)
      cache.verify(token, instant)
      assert.ok(cache.counts.bytes <= bytesMax)
    }
    assert.ok(cache.counts.entries < 40 && cache.counts.entries > 4)
    assert.equal([cache.counts.hits, cache.counts.misses], [199, 201])
  },
  'a cache of no bytes keeps nothing': () => {
    const cache = cacheOver(ring, 0)
    assert.is(cache.verify(token, instant).ok, true)
    assert.equal([cache.counts.entries, cache.counts.bytes], [0, 0])
  },
})

const samples = [
  token,
  tokenOf({ exp: start + 60 }),
  tokenOf({ iat: start + 30, exp: start + 90 }),
  tokenOf({ nbf: start + 50 }),
  signAccess(otherRing, accessClaims()),
  tokenOf({ iss: 'https://elsewhere.example' }),
]
const kids = [ring.active.kid, otherRing.active.kid]
const keyChoices = [
  undefined,
  ring.active,
  otherRing.active,
  { ...ring.active, notAfter: at(40_000) },
]

type Step = Readonly<{ token: number; ms: number; kid: number; key: number; changes: boolean }>
const stepOf: fc.Arbitrary<Step> = fc.record({
  token: fc.nat(samples.length - 1),
  ms: fc.oneof(fc.integer({ min: 0, max: 50_000 }), fc.integer({ min: -20_000, max: 120_000 })),
  kid: fc.nat(kids.length - 1),
  key: fc.nat(keyChoices.length - 1),
  changes: fc.nat(5).map((one) => one === 0),
})

claims('a verdict from memory', {
  'is the one that verification gives, whatever time and keys do': () => {
    let hits = 0
    const property = fc.property(fc.array(stepOf, { minLength: 5, maxLength: 40 }), (steps) => {
      const keys = new Map<string, VerifyKey>([
        [ring.active.kid, ring.active],
        [otherRing.active.kid, otherRing.active],
      ])
      const cache = cacheOver(keys, 20_000)
      for (const step of steps) {
        const kid = kids[step.kid] ?? ''
        const key = keyChoices[step.key]
        if (step.changes && key) keys.set(kid, { ...key, kid })
        if (step.changes && !key) keys.delete(kid)
        const text = samples[step.token] ?? ''
        assert.equal(cache.verify(text, at(step.ms)), verify(text, keys, at(step.ms)))
      }
      hits += cache.counts.hits
    })
    fc.assert(property, { seed, numRuns: 400 })
    assert.ok(hits > 300, `${hits} hits prove little`)
  },
})
