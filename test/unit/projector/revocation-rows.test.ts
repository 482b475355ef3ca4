import fc from 'fast-check'
import { LiveRevocations } from '../../../services/projector/feed/live-revocations.ts'
import type { LoggedRevocation } from '../../../services/projector/feed/logged-revocation.ts'
import type { EpochMs, EventId } from '../../../shared/kernel/ids.ts'
import { seededEntropy } from '../../support/fakes/seeded-entropy.ts'
import { assert, claims } from '../../support/suite.ts'

const seed = 20_261_130
const minuteMs = 60_000
const odd = 2 ** 40
const start = 1_800_000_000_000
const idOf = (index: number): string => index.toString(16).padStart(32, '0')
const entropy = seededEntropy('rows')

const told = (scope: 'sid' | 'jti', id: string, ms: number, offset: number): LoggedRevocation => ({
  revocation: {
    key: `${scope}:${id}`,
    cutoff: null,
    expiresAt: (start + ms) as EpochMs,
    reason: 'logout',
    revokedAt: (start + (ms % 77_777)) as EpochMs,
  },
  id: `${scope === 'sid' ? 's' : 'j'}/${id}:${offset % 70_000}:${offset % 3}` as EventId,
  offset,
})
const tuplesOf = (live: LiveRevocations): unknown[][] =>
  [...live.pages(7)].flat().map((text) => JSON.parse(text) as unknown[])
const tupleOf = ({ revocation, id, offset }: LoggedRevocation, expiresAt: number): unknown[] => {
  const { key, cutoff, reason, revokedAt } = revocation
  return [key, cutoff, expiresAt, reason, revokedAt, id, offset]
}

const drawn = fc.record({
  scope: fc.constantFrom('sid', 'jti') as fc.Arbitrary<'sid' | 'jti'>,
  id: fc.oneof(fc.nat({ max: 40 }).map(idOf), fc.constantFrom('odd', `${idOf(1)}0`)),
  ms: fc.nat({ max: 9 * minuteMs }),
  offset: fc.oneof(fc.nat({ max: 90_000 }), fc.constant(odd)),
  closes: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.nat({ max: 90_000 })),
})

claims('what is in force at a feed server', {
  'is told exactly, the later expiry and what came last of each key': () => {
    fc.assert(
      fc.property(fc.array(drawn, { maxLength: 60 }), (steps) => {
        const live = new LiveRevocations(entropy)
        const model = new Map<string, { last: LoggedRevocation; expiresAt: number }>()
        let now = start
        for (const { scope, id, ms, offset, closes } of steps) {
          const one = told(scope, id, ms, offset)
          const known = model.get(one.revocation.key)
          live.add(one)
          const expiresAt = Math.max(known?.expiresAt ?? 0, one.revocation.expiresAt)
          model.set(one.revocation.key, { last: one, expiresAt })
          now += closes
          live.expire(now as EpochMs)
          const minute = Math.floor(now / minuteMs)
          for (const [key, { expiresAt: at }] of model) {
            if (Math.floor(at / minuteMs) < minute) model.delete(key)
          }
        }
        const found = tuplesOf(live)
        assert.equal(new Set(found.map(([key]) => key)), new Set(model.keys()))
        for (const [key, { last, expiresAt }] of model) {
          const tuples = found.filter((tuple) => tuple[0] === key)
          // A key may lie in a row and, for a place that no row can say, beside it.
          const hadOdd = steps.some(
            ({ offset, scope, id }) => offset === odd && key === `${scope}:${id}`,
          )
          assert.is(Math.max(...tuples.map((tuple) => Number(tuple[2]))), expiresAt)
          if (!hadOdd) assert.equal(tuples, [tupleOf(last, expiresAt)])
        }
      }),
      { seed, numRuns: 400 },
    )
  },

  'keeps the order of the log': () => {
    const live = new LiveRevocations(entropy)
    const all = Array.from({ length: 5_000 }, (_, index) =>
      told('sid', idOf(index), minuteMs, index),
    )
    for (const one of all) live.add(one)
    live.add(all[7] as LoggedRevocation)
    assert.equal(
      tuplesOf(live).map(([key]) => key),
      all.map(({ revocation }) => revocation.key),
    )
  },

  'loses none while others end and blocks are given up, also for who is reading': () => {
    const live = new LiveRevocations(entropy)
    const count = 20_000
    // One in nine lasts, so every block is given up and what lasts is moved.
    for (let index = 0; index < count; index += 1) {
      live.add(told('sid', idOf(index), index % 9 === 0 ? 90 * minuteMs : minuteMs, index))
    }
    const lasting = Array.from(
      { length: Math.ceil(count / 9) },
      (_, index) => `sid:${idOf(9 * index)}`,
    )
    const readings = [live.pages(500), live.parts()]
    const seen = new Set<string>()
    const [tuples, parts] = readings as [
      Generator<readonly string[]>,
      ReturnType<LiveRevocations['parts']>,
    ]
    let rows = 0
    for (let tick = 0; tick < 60; tick += 1) {
      const page = tuples.next()
      for (const text of page.done ? [] : page.value) seen.add((JSON.parse(text) as [string])[0])
      const part = parts.next()
      if (!part.done) rows += part.value.body.length / 24
      live.expire((start + 3 * minuteMs + 250 * tick) as EpochMs)
    }
    for (const text of [...tuples].flat()) seen.add((JSON.parse(text) as [string])[0])
    for (const { body } of parts) rows += body.length / 24
    assert.equal(
      lasting.filter((key) => !seen.has(key)),
      [],
    )
    assert.ok(rows >= lasting.length)
    assert.equal([live.size, tuplesOf(live).length], [lasting.length, lasting.length])
    assert.equal(new Set(tuplesOf(live).map(([key]) => key)), new Set(lasting))
    live.expire((start + 92 * minuteMs) as EpochMs)
    assert.equal([live.size, tuplesOf(live)], [0, []])
  },
})
