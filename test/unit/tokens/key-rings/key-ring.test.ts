import { createPublicKey } from 'node:crypto'
import { isAuthError } from '../../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import {
  createRing,
  removeKey,
  rotateRing,
  thumbprint,
} from '../../../../shared/tokens/key-rings/key-ring.ts'
import { parseRing, serializeRing } from '../../../../shared/tokens/key-rings/key-ring-json.ts'
import { publicJwks } from '../../../../shared/tokens/key-rings/public-jwks.ts'
import { algorithms, isSymmetric } from '../../../../shared/tokens/keys/algorithms.ts'
import { parseJwks } from '../../../../shared/tokens/keys/parse-jwks.ts'
import { signAccess } from '../../../../shared/tokens/signing/sign-token.ts'
import { premadeRing } from '../../../support/fakes/premade-rings.ts'
import {
  accessClaims,
  accessRing,
  instant,
  judgedAccess,
} from '../../../support/fakes/sample-tokens.ts'
import { seededEntropy } from '../../../support/fakes/seeded-entropy.ts'
import { assert, claims } from '../../../support/suite.ts'

const entropy = seededEntropy('keys')
const options = { at: instant, alg: 'ES256', entropy } as const
type File = { kind: string; keys: { kid: string; status: string; jwk: Record<string, string> }[] }

/** The problem that parsing `ring` names after `spoil` changed its JSON. */
const spoiled = (spoil: (file: File) => void, ring = accessRing): string => {
  const file = JSON.parse(serializeRing(ring)) as File
  spoil(file)
  try {
    parseRing('access', JSON.stringify(file))
    return 'accepted'
  } catch (error) {
    return isAuthError(error, 'KEYS_INVALID') ? error.message : `thrown: ${error}`
  }
}
const first = (file: File): File['keys'][number] => {
  const [key] = file.keys
  if (key === undefined) throw new Error('no key')
  return key
}
const rings = algorithms.map((alg) => premadeRing('access', { alg, entropy }))

claims('key rings', {
  'a ring survives its file, for each algorithm': () => {
    for (const ring of rings) {
      const read = parseRing('access', serializeRing(ring))
      assert.is(serializeRing(read), serializeRing(ring))
      assert.is(judgedAccess(signAccess(read, accessClaims()), { keys: ring }), 'ok')
    }
  },
  'the key set shows next and active keys, and nothing private': () => {
    for (const ring of rings.filter(({ active }) => !isSymmetric(active.alg))) {
      const { keys } = publicJwks(ring, instant)
      assert.equal(
        keys.map(({ kid }) => kid),
        ring.keys.map(({ kid }) => kid),
      )
      for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'key_ops']) {
        assert.ok(keys.every((key) => !Object.hasOwn(key, name)))
      }
    }
  },
  'the key set of an HMAC ring is empty': () => {
    const ring = createRing('access', { alg: 'HS512', entropy })
    assert.equal(publicJwks(ring, instant), { keys: [] })
  },
  'a key id is the thumbprint of RFC 7638': () => {
    // The example of section 3.1.
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_B' +
      'JECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_F' +
      'DW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4' +
      'vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw'
    const jwk = { kty: 'RSA', n, e: 'AQAB' }
    const key = createPublicKey({ key: jwk, format: 'jwk' })
    assert.is(thumbprint(key), 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs')
  },
  'a rotation lets the shown key sign and keeps the old one for the overlap': () => {
    const rotated = rotateRing(accessRing, { ...options, overlapMs: 1_000 })
    const next = accessRing.keys.find(({ status }) => status === 'next')
    assert.is(rotated.active.kid, next?.kid)
    assert.is(rotated.ringId, accessRing.ringId)
    const old = rotated.keys.find(({ kid }) => kid === accessRing.active.kid)
    assert.is(old?.status, 'retired')
    assert.is(old?.notAfter, instant + 1_000)
    const shown = (at: number): string[] =>
      publicJwks(rotated, at as EpochMs).keys.map(({ kid }) => kid)
    assert.is(shown(instant + 999).length, 3)
    assert.not(shown(instant + 1_000).includes(accessRing.active.kid))
    const again = rotateRing(rotated, {
      ...options,
      at: (instant + 1_000) as EpochMs,
      overlapMs: 9,
    })
    assert.is(again.get(accessRing.active.kid), undefined)
    assert.is(again.keys.length, 3)
  },
  'a stolen key is gone at once, and the next one signs': () => {
    const left = removeKey(accessRing, accessRing.active.kid, options)
    assert.is(left.get(accessRing.active.kid), undefined)
    assert.is(judgedAccess(signAccess(accessRing, accessClaims()), { keys: left }), 'unknown_key')
    assert.is(judgedAccess(signAccess(left, accessClaims()), { keys: left }), 'ok')
  },
  'a damaged ring is refused, and the message shows no key': () => {
    const other = createRing('access', { alg: 'ES256', entropy })
    const otherJwk = other.active.signer.export({ format: 'jwk' }) as Record<string, string>
    const faults: [RegExp, (file: File) => void][] = [
      [/no access ring/, (file) => Object.assign(file, { kind: 'mac' })],
      [/format is not 1/, (file) => Object.assign(file, { format: 2 })],
      [/thumbprint/, (file) => Object.assign(first(file), { kid: 'other' })],
      [/do not belong together/, (file) => Object.assign(first(file).jwk, { d: otherJwk['d'] })],
      [/x is damaged/, (file) => Object.assign(first(file).jwk, { x: 'AAAA' })],
      [/one active/, (file) => Object.assign(first(file), { status: 'retired' })],
      [/twice/, (file) => file.keys.push({ ...first(file), status: 'next' })],
      [/unknown alg/, (file) => Object.assign(first(file), { alg: 'none' })],
      [/too weak|another type/, (file) => Object.assign(first(file), { alg: 'RS256' })],
    ]
    const secret = String(accessRing.active.signer.export({ format: 'jwk' })['d'])
    for (const [expected, spoil] of faults) {
      const problem = spoiled(spoil)
      assert.match(problem, expected)
      assert.not(problem.includes(secret))
    }
  },
  'a short HMAC key is refused': () => {
    const ring = createRing('access', { alg: 'HS256', entropy })
    const shorten = (file: File): void => {
      first(file).jwk['k'] = Buffer.alloc(16).toString('base64url')
    }
    assert.match(spoiled(shorten, ring), /too weak/)
  },
})

const asText = (keys: readonly object[]): string => JSON.stringify({ keys })
const shownKeys = publicJwks(accessRing, instant).keys
const problemOf = (text: string): string => {
  const parsed = parseJwks(text)
  return parsed.ok ? 'ok' : parsed.problem
}

claims('key sets from elsewhere', {
  'a published set verifies what its ring signed': () => {
    const parsed = parseJwks(asText(shownKeys))
    assert.ok(parsed.ok)
    if (!parsed.ok) return
    assert.is(judgedAccess(signAccess(accessRing, accessClaims()), { keys: parsed.keys }), 'ok')
  },
  'a set with a private, symmetric, repeated or no key is refused as a whole': () => {
    const d = accessRing.active.signer.export({ format: 'jwk' })['d']
    const oct = { kty: 'oct', k: 'AAAA', kid: 'a', alg: 'HS256' }
    assert.match(problemOf(asText([...shownKeys, { ...shownKeys[0], kid: 'b', d }])), /private/)
    assert.match(problemOf(asText([...shownKeys, oct])), /symmetric/)
    assert.match(problemOf(asText([...shownKeys, ...shownKeys])), /twice/)
    assert.match(problemOf(asText([])), /no usable key/)
    assert.match(problemOf(asText(Array.from({ length: 33 }, () => ({ kty: 'EC' })))), /more than/)
    for (const text of ['', 'null', '[]', '{}', '{"keys":{}}', '{"keys":[1]}', '<html>']) {
      assert.match(problemOf(text), /no key set/)
    }
  },
  'keys of other uses, algorithms and curves are passed over': () => {
    const [key] = shownKeys
    const foreign = [
      { ...key, kid: 'a', use: 'enc' },
      { ...key, kid: 'b', alg: 'ES384' },
      { ...key, kid: 'c', alg: 'HS256' },
      { kty: 'OKP', crv: 'Ed25519', kid: 'd', x: 'AAAA', alg: 'EdDSA' },
      { ...key, kid: '../e' },
    ]
    const parsed = parseJwks(asText([...foreign, ...shownKeys]))
    assert.ok(parsed.ok && parsed.keys.size === shownKeys.length)
  },
})
