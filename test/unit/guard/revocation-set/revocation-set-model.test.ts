import fc from 'fast-check'
import type { Revocation } from '../../../../shared/events/revocation-record.ts'
import {
  CompactRevocationSet,
  type RevocationSet,
} from '../../../../shared/guard/revocation-set/revocation-set.ts'
import type { EpochMs, RevocationKey } from '../../../../shared/kernel/ids.ts'
import type { BearerClaims } from '../../../../shared/tokens/claims.ts'
import { aRevocation } from '../../../support/fakes/fake-feed.ts'
import { MapRevocationSet } from '../../../support/fakes/map-revocation-set.ts'
import { accessClaims, instant } from '../../../support/fakes/sample-tokens.ts'
import { assert, claims } from '../../../support/suite.ts'

const seed = 20_260_706
const minuteMs = 60_000
const idOf = (index: number): string => index.toString(16).padStart(32, '0')

// Few ids, so that the same one comes in several scopes, twice, and anew after it ended.
const id = fc.integer({ min: 0, max: 12 }).map(idOf)
const name = fc.oneof(id, fc.constantFrom('Ada@example', `${idOf(1)}x`, idOf(1).toUpperCase()))
const cutoff = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constantFrom(2 ** 32 - 2))
const expiresAt = fc.integer({ min: 0, max: 20 * minuteMs }).map((ms) => instant + ms)
const exact = fc.tuple(fc.constantFrom('jti', 'sid'), id, expiresAt)
const bounded = fc.tuple(fc.constantFrom('sub', 'client'), name, cutoff, expiresAt)

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: exact.map(([scope, of, at]) =>
      aRevocation(`${scope}:${of}` as RevocationKey, null, at),
    ),
  },
  {
    weight: 8,
    arbitrary: bounded.map(([scope, of, to, at]) =>
      aRevocation(`${scope}:${of}` as RevocationKey, to, at),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(cutoff, expiresAt).map(([to, at]) => aRevocation('all', to, at)),
  },
  { weight: 2, arbitrary: expiresAt },
)
const epoch = fc.integer({ min: -1, max: 6 })
const bearer = fc
  .record({
    sid: id,
    jti: id,
    sub: name,
    client_id: name,
    epoch: fc.record({ sub: epoch, client: epoch, all: epoch }),
  })
  .map((over) => accessClaims(over) as BearerClaims)

const apply = (set: RevocationSet, one: Revocation | number): boolean | null => {
  if (typeof one !== 'number') return set.add(one)
  set.expire(one as EpochMs)
  return null
}

claims('revocation set in typed arrays', {
  'it says what the model says, step by step, whatever comes and ends': () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.array(bearer, { minLength: 5, maxLength: 5 }),
        (steps, tokens) => {
          const set = new CompactRevocationSet()
          const model = new MapRevocationSet()
          for (const one of steps) {
            assert.is(apply(set, one), apply(model, one))
            assert.equal(
              tokens.map((token) => set.match(token)),
              tokens.map((token) => model.match(token)),
            )
          }
        },
      ),
      { seed, numRuns: 2_000 },
    )
  },
  'any order and any repetition give the same answers': () => {
    const known = step.filter((one): one is Revocation => typeof one !== 'number')
    const both = fc
      .array(known, { minLength: 1, maxLength: 30 })
      .chain((all) =>
        fc.tuple(
          fc.constant(all),
          fc.shuffledSubarray([...all, ...all], { minLength: 2 * all.length }),
        ),
      )
    fc.assert(
      fc.property(both, fc.array(bearer, { maxLength: 8 }), ([once, again], tokens) => {
        const [one, other] = [new CompactRevocationSet(), new CompactRevocationSet()]
        for (const revocation of once) one.add(revocation)
        for (const revocation of again) other.add(revocation)
        assert.equal(
          tokens.map((token) => one.match(token)),
          tokens.map((token) => other.match(token)),
        )
        assert.is(one.size, other.size)
      }),
      { seed, numRuns: 1_000 },
    )
  },
})
