import { createPublicKey } from 'node:crypto'
import fc from 'fast-check'
import { parseForeignJwks, parseJwks } from '../../../../shared/tokens/keys/parse-jwks.ts'
import { pairFor } from '../../../support/fakes/premade-keys.ts'
import { assert, claims } from '../../../support/suite.ts'

type Jwk = Readonly<Record<string, unknown>>
const { publicKey } = pairFor('RS256')
const base: Jwk = {
  ...createPublicKey(publicKey).export({ format: 'jwk' }),
  alg: 'RS256',
  kid: 'a',
}
const seed = 20_261_129

/** Whether a set of this one key has one that may verify, by each of the two rules. */
const isUsable = (over: Jwk): boolean => {
  const text = JSON.stringify({ keys: [{ ...base, ...over }] })
  const [foreign, own] = [parseForeignJwks(text).ok, parseJwks(text).ok]
  assert.is(foreign, own, JSON.stringify(over))
  return foreign
}

const textOf = (value: bigint): string => {
  const hex = value.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url')
}

/** An odd number of exactly `bits` bits. */
const oddOf = (bits: number): fc.Arbitrary<bigint> =>
  fc.bigInt(2n ** BigInt(bits - 1), 2n ** BigInt(bits) - 1n).map((value) => value | 1n)

claims('a key of a set', {
  // asvs: 11.6.1
  'of RSA has an odd exponent from 65,537 on, of 256 bits at most': () => {
    const odd = 2n * 10n ** 9n + 1n
    for (const e of [65_537n, 65_539n, 2n ** 32n + 1n, odd, 2n ** 256n - 1n]) {
      assert.is(isUsable({ e: textOf(e) }), true, String(e))
    }
    for (const e of [
      0n,
      1n,
      2n,
      3n,
      17n,
      257n,
      65_535n,
      65_536n,
      65_538n,
      2n ** 32n,
      2n ** 256n + 1n,
    ]) {
      assert.is(isUsable({ e: textOf(e) }), false, String(e))
    }
    const exponent = fc.bigInt(1n, 2n ** 40n)
    const holds = fc.property(exponent, (e) =>
      assert.is(isUsable({ e: textOf(e) }), e % 2n === 1n && e >= 65_537n),
    )
    fc.assert(holds, { seed, numRuns: 100 })
  },

  // asvs: 11.6.1
  'of RSA has an odd modulus of 2,048 bits or more, however it is padded': () => {
    const bits = fc.oneof(fc.integer({ min: 512, max: 2_047 }), fc.constantFrom(2_040, 2_047))
    const short = fc.property(bits.chain(oddOf), fc.nat(300), (n, zeros) => {
      const padded = Buffer.concat([Buffer.alloc(zeros), Buffer.from(textOf(n), 'base64url')])
      assert.is(isUsable({ n: padded.toString('base64url') }), false)
    })
    fc.assert(short, { seed, numRuns: 60 })
    const long = fc.property(fc.integer({ min: 2_048, max: 4_096 }).chain(oddOf), (n) => {
      assert.is(isUsable({ n: textOf(n) }), true)
      assert.is(isUsable({ n: textOf(n - 1n) }), false, 'an even one')
    })
    fc.assert(long, { seed, numRuns: 40 })
  },

  'is for signatures, where `use` says so, and for checking them, where `key_ops` does': () => {
    for (const over of [
      {},
      { use: 'sig' },
      { key_ops: ['verify'] },
      { use: 'sig', key_ops: ['verify'] },
    ]) {
      assert.is(isUsable({ use: undefined, ...over }), true, JSON.stringify(over))
    }
    const uses = ['enc', 'SIG', '', 'sign', null, 1, ['sig'], {}]
    for (const use of uses) assert.is(isUsable({ use }), false, JSON.stringify(use))
    const others = ['sign', 'encrypt', 'decrypt', 'wrapKey', 'unwrapKey', 'deriveKey', 'x', 1, null]
    const operation = fc.constantFrom('verify', ...others)
    const holds = fc.property(fc.array(operation, { maxLength: 4 }), (operations) => {
      const isRight = operations.length === 1 && operations[0] === 'verify'
      assert.is(isUsable({ key_ops: operations }), isRight, JSON.stringify(operations))
    })
    fc.assert(holds, { seed, numRuns: 150 })
    for (const operations of ['verify', null, { 0: 'verify' }, 1]) {
      assert.is(isUsable({ key_ops: operations }), false, JSON.stringify(operations))
    }
  },

  'is passed over alone: the other keys of the set are taken': () => {
    const weak = { ...base, e: 'Aw', kid: 'weak' }
    const set = parseForeignJwks(
      JSON.stringify({ keys: [weak, base, { ...base, kid: 'x', key_ops: ['sign'] }] }),
    )
    assert.equal(set.ok && [...set.keys.keys()], [base['kid']])
  },
})
