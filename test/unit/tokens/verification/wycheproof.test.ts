import { createPublicKey } from 'node:crypto'
import { createRequire } from 'node:module'
import { type CompactJWSHeaderParameters, compactVerify, createLocalJWKSet, importJWK } from 'jose'
import jwt from 'jsonwebtoken'
import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import { algorithms } from '../../../../shared/tokens/keys/algorithms.ts'
import { parseForeignJwks, parseKeySet } from '../../../../shared/tokens/keys/parse-jwks.ts'
import type { KeyLookup } from '../../../../shared/tokens/keys/verify-key.ts'
import { chooseKey, parseForeignJwt } from '../../../../shared/tokens/verification/parse-jwt.ts'
import { joseVectors, primitiveVectors, type VectorGroup } from '../../../support/fakes/vectors.ts'
import { notRun } from '../../../support/not-run.ts'
import { assert, claims } from '../../../support/suite.ts'

type Jwk = Readonly<Record<string, unknown>>
const now = 1_800_000_000_000 as EpochMs

const setOf = (key: Jwk | undefined): Readonly<{ keys: readonly Jwk[] }> =>
  Array.isArray(key?.['keys']) ? { keys: key['keys'] as Jwk[] } : { keys: key ? [key] : [] }

const keysOf = (group: VectorGroup): KeyLookup | null => {
  const set = setOf(group.public ?? group.private)
  const secrets = set.keys.some(({ kty }) => kty === 'oct')
  const text = JSON.stringify(set)
  const parsed = secrets ? parseKeySet(text, { secrets, lenient: true }) : parseForeignJwks(text)
  return parsed.ok ? parsed.keys : null
}

/**
 * Where a JWS fails on its way through what judges tokens; `null` where it does not. Payloads of
 * the vectors are no claims, so the last step but one of a token's form counts as passed.
 */
const faultOf = (jws: string, keys: KeyLookup | null): string | null => {
  if (keys === null) return 'no usable key'
  const parsed = parseForeignJwt(jws)
  if (!parsed.ok && parsed.fault !== 'payload_json') return parsed.fault
  const header = JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString())
  const choice = chooseKey(header, keys, now)
  if (!choice.ok) return choice.problem === 'malformed' ? 'algorithm' : choice.problem
  try {
    jwt.verify(jws, choice.key.key, { algorithms: [choice.key.alg], ignoreExpiration: true })
    return null
  } catch {
    return 'signature'
  }
}

/** The second opinion. */
const joseTakes = async (jws: string, group: VectorGroup): Promise<boolean> => {
  const set = setOf(group.public ?? group.private)
  const keyOf = async (header: CompactJWSHeaderParameters) => {
    const [first] = set.keys.filter(({ kid }) => kid === header.kid)
    if (first?.['kty'] === 'oct') return importJWK(first, header.alg)
    const keySet = set as unknown as Parameters<typeof createLocalJWKSet>[0]
    return createLocalJWKSet(keySet)(header)
  }
  return compactVerify(jws, keyOf, { algorithms: [...algorithms] }).then(
    () => true,
    () => false,
  )
}

/** What is refused although it is valid; docs/doors.md has the reasons. */
const documented: ReadonlySet<string> = new Set(['parts', 'encoding', 'algorithm', 'no usable key'])

type Jwa = (alg: string) => {
  verify(message: Buffer, signature: string, key: unknown): boolean
}
// What jsonwebtoken checks signatures by; it brings it along, and nobody has its types.
const requireOf = createRequire(createRequire(import.meta.url).resolve('jsonwebtoken'))
const jwa = createRequire(requireOf.resolve('jws'))('jwa') as Jwa

const bytes = (hex = ''): Buffer => Buffer.from(hex, 'hex')

/** Each vector of a primitive: what is valid and whole verifies, what is not does not. */
const provePrimitives = (
  names: readonly string[],
  verifies: (name: string, group: VectorGroup, index: number) => boolean | null,
): void => {
  for (const name of names) {
    const groups = primitiveVectors(name)
    if (groups === null) {
      notRun(`Wycheproof's ${name}`, 'no ../shared/vectors, and no CURFEW_VECTORS')
      continue
    }
    let accepted = 0
    for (const group of groups) {
      for (const [index, { tcId, result, comment }] of group.tests.entries()) {
        const said = verifies(name, group, index)
        if (said === null) continue
        assert.is(said, result === 'valid', `${name} ${tcId}: ${comment}`)
        accepted += said ? 1 : 0
      }
    }
    assert.ok(accepted > 0, name)
  }
}

claims('Wycheproof’s vectors', {
  // asvs: 9.1.1, 11.2.1
  'JOSE: what is invalid is refused, and so is what jose refuses': async () => {
    const taken: string[] = []
    const refused = new Map<string, number>()
    for (const file of ['json_web_signature_test', 'json_web_key_test', 'json_web_crypto_test']) {
      for (const group of joseVectors(file)) {
        const keys = keysOf(group)
        const valid = group.tests.filter(({ result }) => result === 'valid')
        for (const { tcId, result, comment, jws, jwe = '' } of group.tests) {
          const shown = `${result} ${file} ${tcId}: ${comment}`
          const fault = jws === undefined ? faultOf(jwe, keys) : faultOf(jws, keys)
          if (fault === null) {
            // 367 and 370 are 357, letter for letter, and called invalid: their padding is lost.
            const isValid = valid.some((one) => one.jws === jws)
            assert.is(isValid, true, shown)
            assert.is(await joseTakes(jws ?? '', group), true, `${shown}: jose refuses it`)
            taken.push(shown)
          } else if (result === 'valid' && jws !== undefined) {
            assert.ok(documented.has(fault), `${shown}: refused for ${fault}`)
            refused.set(fault, (refused.get(fault) ?? 0) + 1)
          }
        }
      }
    }
    const why = { parts: 6, algorithm: 2, 'no usable key': 2, encoding: 2 }
    assert.equal([taken.length, Object.fromEntries(refused)], [45, why])
  },

  // asvs: 11.2.1
  'ECDSA as JOSE writes it: the valid ones verify, and no other': () =>
    provePrimitives(
      [
        'ecdsa_secp256r1_sha256_p1363_test',
        'ecdsa_secp384r1_sha384_p1363_test',
        'ecdsa_secp521r1_sha512_p1363_test',
      ],
      (name, { publicKeyDer, tests }, index) => {
        const alg = { 256: 'ES256', 384: 'ES384', 521: 'ES512' }[name.slice(10, 13)] ?? ''
        const given = createPublicKey({ key: bytes(publicKeyDer), format: 'der', type: 'spki' })
        const jwk = { ...given.export({ format: 'jwk' }), alg, kid: 'a' }
        const set = parseForeignJwks(JSON.stringify({ keys: [jwk] }))
        const key = set.ok ? [...set.keys.values()][0]?.key : undefined
        assert.ok(key, name)
        const { msg, sig } = tests[index] ?? {}
        try {
          return jwa(alg).verify(bytes(msg), bytes(sig).toString('base64url'), key)
        } catch {
          return false
        }
      },
    ),

  'HMAC: whole tags under keys of the hash’s length verify, and no others': () =>
    provePrimitives(
      ['hmac_sha256_test', 'hmac_sha384_test', 'hmac_sha512_test'],
      (name, { tests, tagSize }, index) => {
        const { msg, key = '', tag } = tests[index] ?? {}
        const bits = name.slice(8, 11)
        const jwk = { kty: 'oct', alg: `HS${bits}`, kid: 'a', k: bytes(key).toString('base64url') }
        const set = parseKeySet(JSON.stringify({ keys: [jwk] }), { secrets: true, lenient: false })
        const secret = set.ok ? [...set.keys.values()][0]?.key : undefined
        // Shorter keys are refused with the set; shorter tags are none of JOSE's.
        assert.is(secret !== undefined, key.length * 4 >= Number(bits), name)
        if (secret === undefined) return null
        const said = jwa(`HS${bits}`).verify(bytes(msg), bytes(tag).toString('base64url'), secret)
        if (tagSize !== Number(bits)) assert.is(said, false, 'a tag that was cut')
        return tagSize === Number(bits) ? said : null
      },
    ),
})
