import { createPrivateKey, type JsonWebKey } from 'node:crypto'
import { isAuthError } from '../../../../shared/kernel/errors.ts'
import { readSigningKey } from '../../../../shared/tokens/configured-keys/read-configured-keys.ts'
import type { RingKind } from '../../../../shared/tokens/key-rings/key-ring.ts'
import { parseRing, serializeRing } from '../../../../shared/tokens/key-rings/key-ring-json.ts'
import {
  type Algorithm,
  algorithms,
  isSymmetric,
} from '../../../../shared/tokens/keys/algorithms.ts'
import { damages } from '../../../support/fakes/damaged-text.ts'
import { Dice } from '../../../support/fakes/dice.ts'
import { otherEs256, pairFor } from '../../../support/fakes/premade-keys.ts'
import { premadeRing } from '../../../support/fakes/premade-rings.ts'
import { seededEntropy } from '../../../support/fakes/seeded-entropy.ts'
import { assert, claims } from '../../../support/suite.ts'

const entropy = seededEntropy('damaged keys')
type Jwk = Record<string, unknown>
type File = { keys: { kid: string; jwk: Jwk }[] }

const kinds: readonly (readonly [RingKind, Algorithm])[] = [
  ...algorithms
    .filter((alg) => !/^PS|RS384|RS512/.test(alg))
    .map((alg) => ['access', alg] as const),
  ['refresh', 'HS256'],
  ['mac', 'HS256'],
  ['address', 'HS256'],
  ['set', 'RS256'],
]
const texts = kinds.map(
  ([kind, alg]) => [kind, alg, serializeRing(premadeRing(kind, { alg, entropy }))] as const,
)
const fileOf = (text: string): File => JSON.parse(text) as File

/** What reading a ring says of it; OpenSSL's own errors are no answer. */
const verdict = (kind: RingKind, text: string): string => {
  try {
    parseRing(kind, text)
    return 'accepted'
  } catch (error) {
    return isAuthError(error, 'KEYS_INVALID') ? `refused: ${error.message}` : `thrown: ${error}`
  }
}

const swapped: readonly (readonly [string, string])[] = [
  ['p', 'q'],
  ['dp', 'dq'],
  ['x', 'y'],
  ['d', 'x'],
  ['n', 'd'],
  ['p', 'qi'],
]

claims('a ring with a damaged key', {
  'is refused, whichever member is damaged, and the message shows no key': () => {
    const dice = new Dice('damaged members')
    for (const [kind, alg, text] of texts) {
      const index = dice.below(2)
      const members = Object.keys(fileOf(text).keys[index]?.jwk ?? {})
      for (const member of members) {
        for (const { name, of } of damages) {
          const file = fileOf(text)
          const key = file.keys[index]
          const whole = String(key?.jwk[member])
          if (key === undefined || whole === '') throw new Error(`no ${member}`)
          key.jwk[member] = of(whole, dice)
          const said = verdict(kind, JSON.stringify(file))
          const what = `${kind} ${alg}, ${member}, ${name}: ${JSON.stringify(key.jwk[member])}`
          assert.match(said, `refused: keys[${index}] `, `${what}: ${said}`)
          assert.not.ok(whole.length > 8 && said.includes(whole.slice(-8)), said)
        }
      }
    }
  },

  'is refused when members are those of another key of the ring, or of each other': () => {
    for (const [kind, alg, text] of texts) {
      const whole = fileOf(text)
      const [mine, other] = whole.keys.map(({ jwk }) => jwk)
      if (mine === undefined || other === undefined) throw new Error('a ring has two keys')
      const mixed = Object.keys(mine)
        .filter((member) => mine[member] !== other[member])
        .map((member): Jwk => ({ ...mine, [member]: other[member] }))
      const turned = swapped
        .filter(([a, b]) => Object.hasOwn(mine, a) && Object.hasOwn(mine, b))
        .map(([a, b]): Jwk => ({ ...mine, [a]: mine[b], [b]: mine[a] }))
      for (const jwk of [...mixed, ...turned]) {
        const keys = whole.keys.map((key, index) => (index === 0 ? { ...key, jwk } : key))
        const said = verdict(kind, JSON.stringify({ ...whole, keys }))
        const what = Object.keys(jwk).filter((member) => jwk[member] !== mine[member])
        assert.match(said, 'refused: keys[0] ', `${kind} ${alg}, ${what}: ${said}`)
      }
    }
  },

  'is refused or holds the same keys, whichever byte of its file changes': () => {
    const dice = new Dice('damaged bytes')
    for (const [kind, alg, text] of texts) {
      const keysIn = (ring: string): string[] =>
        parseRing(kind, ring).keys.map(({ kid, signer }) =>
          JSON.stringify([kid, signer.export({ format: 'jwk' })]),
        )
      const whole = keysIn(text)
      for (let round = 0; round < 60; round += 1) {
        const bytes = Buffer.from(text)
        const at = dice.below(bytes.length)
        bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.below(8))
        const changed = bytes.toString('latin1')
        const said = verdict(kind, changed)
        assert.not.match(said, 'thrown', `${kind} ${alg}, byte ${at}: ${said}`)
        if (said === 'accepted') assert.equal(keysIn(changed), whole)
      }
    }
  },
})

const pemOf = (der: Buffer): string =>
  `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`

/** The bytes of a number in DER, without the zeros that JWK puts before it. */
const bytesOf = (member = ''): Buffer => {
  const bytes = Buffer.from(member, 'base64url')
  return bytes.subarray(bytes.findIndex((byte) => byte !== 0))
}

claims('a damaged signing key from elsewhere', {
  'is refused, whichever of its numbers is damaged': () => {
    const dice = new Dice('damaged PEM')
    for (const alg of algorithms.filter((one) => !isSymmetric(one))) {
      const key = createPrivateKey(pairFor(alg).privateKey)
      const jwk: JsonWebKey = key.export({ format: 'jwk' })
      const whole = key.export({ type: 'pkcs8', format: 'der' })
      assert.is(readSigningKey(pemOf(whole), alg).alg, alg)
      for (const member of ['x', 'y', 'n', 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const) {
        const number = bytesOf(jwk[member])
        if (jwk[member] === undefined) continue
        for (let round = 0; round < 6; round += 1) {
          const der = Buffer.from(whole)
          // Its head stays, or a number of DER would be negative, or too large for the curve.
          const at = whole.indexOf(number) + 1 + dice.below(number.length - 1)
          der[at] = (der[at] ?? 0) ^ (1 << dice.below(8))
          let said = 'accepted'
          try {
            readSigningKey(pemOf(der), alg)
          } catch (error) {
            said = isAuthError(error, 'KEYS_INVALID') ? 'refused' : `thrown: ${error}`
          }
          assert.is(said, 'refused', `${alg}, ${member}, byte ${at}`)
        }
      }
    }
  },

  'is refused when its halves are of two keys': () => {
    const [mine, other] = [pairFor('ES256'), otherEs256].map(({ privateKey }) =>
      createPrivateKey(privateKey),
    )
    if (mine === undefined || other === undefined) throw new Error('no keys')
    const of = (key: typeof mine): Buffer => bytesOf(key.export({ format: 'jwk' }).d)
    const der = mine.export({ type: 'pkcs8', format: 'der' })
    of(other).copy(der, der.indexOf(of(mine)))
    assert.throws(() => readSigningKey(pemOf(der), 'ES256'), /halves|no private key/)
  },
})
