import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import fc from 'fast-check'
import jwt from 'jsonwebtoken'
import { type RingKey, ringKey } from '../../../../shared/tokens/key-rings/key-ring.ts'
import {
  type Algorithm,
  algorithms,
  curveOf,
  isSymmetric,
} from '../../../../shared/tokens/keys/algorithms.ts'
import { compactJws } from '../../../../shared/tokens/signing/compact-jws.ts'
import { isReadablePayload, parseJwt } from '../../../../shared/tokens/verification/index.ts'
import { anyText } from '../../../support/fakes/any-text.ts'
import { assert, claims } from '../../../support/suite.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey

const signerOf = (alg: Algorithm): KeyObject => {
  const namedCurve = curveOf(alg)
  if (isSymmetric(alg)) return createSecretKey(Buffer.alloc(64, alg))
  return namedCurve ? generateKeyPairSync('ec', { namedCurve }).privateKey : rsa
}
const keys = algorithms.map((alg): RingKey => {
  return ringKey(alg, signerOf(alg), { status: 'active', notAfter: null })
})
const drawsAtRandom = (alg: string): boolean => /^(ES|PS)/.test(alg)

/** Claims as people make them, odd ones among them; `undefined` members are left out of JSON. */
const drawnClaims = fc
  .dictionary(anyText({ maxLength: 12 }), fc.jsonValue({ maxDepth: 3 }), {
    maxKeys: 6,
  })
  .map((members) => ({ ...members, exp: 2_000_000_000, iat: 1_900_000_000 }))
const withoutChecked = ({
  nbf: _n,
  aud: _a,
  iss: _i,
  sub: _s,
  jti: _j,
  ...rest
}: object & {
  [name: string]: unknown
}) => rest

claims('compact JWS', {
  'header and payload are byte for byte what jsonwebtoken writes, and so is what draws nothing':
    () => {
      for (const key of keys) {
        const { alg, kid, signer } = key
        const rounds = alg.endsWith('256') && !/^[RP]S/.test(alg) ? 60 : 6
        fc.assert(
          fc.property(drawnClaims, fc.constantFrom('at+jwt', 'rt+jwt', 'x'), (drawn, typ) => {
            const given = withoutChecked(drawn)
            const options = { algorithm: alg, header: { alg, typ, kid } }
            const theirs = jwt.sign(given, signer, options)
            const ours = compactJws(key, typ, given)
            const end = drawsAtRandom(alg) ? theirs.lastIndexOf('.') : theirs.length
            assert.is(ours.slice(0, end), theirs.slice(0, end))
            assert.equal(jwt.verify(ours, key.key, { algorithms: [alg] }), jwt.decode(theirs))
          }),
          { seed: 20_261_130, numRuns: rounds },
        )
      }
    },

  'claims are readable just when a reader takes the token that is made of them': () => {
    const [key] = keys
    assert.ok(key)
    const name = fc.oneof(
      anyText({ maxLength: 6 }),
      fc.constantFrom('__proto__', 'constructor', 'prototype', 'Prototype'),
    )
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'large', maxDepth: 10 },
        fc.jsonValue({ maxDepth: 0 }),
        fc.array(tie('tree'), { maxLength: 2 }),
        fc
          .array(fc.tuple(name, tie('tree')), { maxLength: 3 })
          .map((pairs) => Object.fromEntries(pairs)),
      ),
    }))
    const seen = { readable: 0, unreadable: 0 }
    fc.assert(
      fc.property(name, tree, (member, value) => {
        const given = Object.fromEntries([[member, value]])
        const token = compactJws(key, 'at+jwt', given)
        if (token.length > 4_096) return
        const isReadable = isReadablePayload(given)
        seen[isReadable ? 'readable' : 'unreadable'] += 1
        assert.is(isReadable, parseJwt(token).ok, JSON.stringify(given))
      }),
      { seed: 20_261_130, numRuns: 1_500 },
    )
    assert.ok(seen.readable > 100 && seen.unreadable > 100, JSON.stringify(seen))
  },
})
