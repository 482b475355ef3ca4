import {
  CompactRevocationSet,
  type Fingerprints,
} from '../../../../shared/guard/revocation-set/revocation-set.ts'
import { type Fingerprint, SipHash } from '../../../../shared/guard/revocation-set/sip-hash.ts'
import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import { aRevocation } from '../../../support/fakes/fake-feed.ts'
import { accessClaims, instant } from '../../../support/fakes/sample-tokens.ts'
import { seededEntropy } from '../../../support/fakes/seeded-entropy.ts'
import { assert, claims } from '../../../support/suite.ts'

const minuteMs = 60_000
const idOf = (index: number): string => index.toString(16).padStart(32, '0')
const sample = accessClaims({ epoch: { sub: -1, client: -1, all: -1 } })
const hits = (set: CompactRevocationSet, over: object): boolean =>
  set.match({ ...sample, ...over } as typeof sample) !== null

/** `count` sessions, of which one in ten ends with each minute. */
const filled = (count: number, set = new CompactRevocationSet()): CompactRevocationSet => {
  for (let index = 0; index < count; index += 1) {
    set.add(aRevocation(`sid:${idOf(index)}`, null, instant + (1 + (index % 10)) * minuteMs))
  }
  return set
}

/** Says what is wrong only where something is: it is asked at each of 150,000 sizes. */
const isWithin = ({ bytes }: CompactRevocationSet, each: number, count: number): void => {
  if (bytes > each * count) assert.unreachable(`${bytes} for ${count}`)
}

/** The true hash, of which only `2 × bits` bits are left: the top ones of both words. */
class NarrowHash implements Fingerprint {
  readonly #hash: SipHash
  readonly #mask: number
  lo = 0
  hi = 0
  constructor(hash: SipHash, bits: number) {
    this.#hash = hash
    this.#mask = -1 << (32 - bits)
  }
  of(text: string): void {
    this.#hash.of(text)
    this.#narrow()
  }
  ofHex(bytes: DataView, at: number): void {
    this.#hash.ofHex(bytes, at)
    this.#narrow()
  }
  #narrow(): void {
    this.lo = this.#hash.lo & this.#mask
    this.hi = this.#hash.hi & this.#mask
  }
}
const entropy = seededEntropy('narrow')
const narrow = (bits: number): Fingerprints => {
  const hash = (): NarrowHash => new NarrowHash(new SipHash(entropy.bytes(16)), bits)
  return { jti: hash(), sid: hash(), name: hash() }
}

claims('revocation set of many entries', {
  'none is forgotten while it grows, and all are once their minute is over': () => {
    // From 5,000 on the table has doubled four times: more say nothing else, and take as long.
    const count = 100_000
    const set = filled(count)
    assert.is(set.size, count)
    const missed = (): number => {
      let sum = 0
      for (let index = 0; index < count; index += 1) if (!hits(set, { sid: idOf(index) })) sum += 1
      return sum
    }
    assert.is(missed(), 0)
    set.expire((instant + 4 * minuteMs) as EpochMs)
    assert.equal([set.size, missed()], [0.7 * count, 0.3 * count])
    set.expire((instant + 11 * minuteMs) as EpochMs)
    assert.equal([set.size, missed()], [0, count])
  },
  'an entry takes at most 20 bytes, at every size from 5,000 on': () => {
    const set = new CompactRevocationSet()
    // Five doublings: the table has grown in each of its ways several times.
    for (let index = 0; index < 150_000; index += 1) {
      set.add(aRevocation(`jti:${idOf(index)}`))
      if (index >= 5_000) isWithin(set, 20, index + 1)
    }
  },
  'one that is told how many come holds them all, in no more, whatever the number was': () => {
    for (const [count, said] of [
      [20_000, 20_000],
      [20_000, 600_000],
      [20_000, 9_000],
      [10, 100_000],
      [20_000, 0],
    ] as const) {
      const set = new CompactRevocationSet()
      set.reserve(said)
      filled(count, set)
      set.reserve(9 * count) // Comes too late to change anything.
      assert.is(set.size, count)
      for (let index = 0; index < count; index += 1) assert.ok(hits(set, { sid: idOf(index) }))
      assert.not.ok(hits(set, { sid: idOf(count) }))
      if (said === count) assert.ok(set.bytes <= 20 * count, `${set.bytes}`)
      for (let tick = 0; tick < 20; tick += 1) {
        set.expire((instant + 11 * minuteMs + 250 * tick) as EpochMs)
      }
      assert.is(set.size, 0)
    }
  },
  'a cutoff of a subject takes at most 52 bytes': () => {
    const set = new CompactRevocationSet()
    for (let index = 0; index < 100_000; index += 1) {
      set.add(aRevocation(`sub:${idOf(index)}`, index))
      if (index >= 5_000) isWithin(set, 52, index + 1)
    }
    assert.is(set.size, 100_000)
  },
  'the memory of what ended is given back, a part with every closed time': () => {
    const set = filled(100_000)
    const full = set.bytes
    set.expire((instant + 11 * minuteMs) as EpochMs)
    const first = set.bytes
    assert.ok(first > full / 2, 'not all at once')
    for (let tick = 1; tick < 20; tick += 1) {
      set.expire((instant + 11 * minuteMs + 250 * tick) as EpochMs)
    }
    assert.ok(set.bytes < full / 50, `${set.bytes} of ${full}`)
  },
  'a set in a steady state does not grow': () => {
    const set = new CompactRevocationSet()
    const sizes: number[] = []
    for (let minute = 0; minute < 60; minute += 1) {
      for (let index = 0; index < 3_000; index += 1) {
        set.add(
          aRevocation(
            `sid:${idOf(minute * 3_000 + index)}`,
            null,
            instant + (minute + 5) * minuteMs,
          ),
        )
      }
      for (let tick = 0; tick < 4; tick += 1) set.expire((instant + minute * minuteMs) as EpochMs)
      sizes.push(set.bytes)
    }
    assert.ok(Math.max(...sizes.slice(10)) <= 1.5 * (sizes[8] ?? 0), sizes.join(' '))
  },
})

claims('false refusals', {
  'come as often as the formula says: 1 − (1 − 1/space)^n for each of the two scopes': () => {
    const bits = 11
    const space = 2 ** (2 * bits)
    const count = 40_000
    const probes = 200_000
    const set = filled(count, new CompactRevocationSet(narrow(bits)))
    let refused = 0
    for (let index = 0; index < probes; index += 1) {
      if (hits(set, { sid: idOf(1e6 + index), jti: idOf(5e6 + index) })) refused += 1
    }
    // The table holds n fingerprints, and two look-ups search it.
    const chance = 1 - (1 - 1 / space) ** (2 * count)
    const expected = probes * chance
    const deviation = Math.sqrt(expected * (1 - chance))
    assert.ok(expected > 3_000)
    assert.ok(Math.abs(refused - expected) < 5 * deviation, `${refused}, expected ${expected}`)
  },
  'at 64 bits and ten million entries are one in 10¹² tokens': () => {
    const chance = -Math.expm1(2e7 * Math.log1p(-(2 ** -64)))
    assert.ok(chance > 1e-12 && chance < 1.1e-12, String(chance))
  },
  'never come from cutoffs: those are exact even when all hashes are the same': () => {
    const set = new CompactRevocationSet(narrow(1))
    for (let index = 0; index < 500; index += 1) {
      set.add(aRevocation(`sub:${idOf(2 * index)}`, index))
    }
    for (let index = 0; index < 500; index += 1) {
      const sub = idOf(2 * index)
      const at = (epoch: number) => ({ sub, epoch: { sub: epoch, client: -1, all: -1 } })
      assert.equal([hits(set, at(index - 1)), hits(set, at(index))], [true, false])
      assert.is(hits(set, { ...at(-1), sub: idOf(2 * index + 1) }), false)
    }
  },
})
