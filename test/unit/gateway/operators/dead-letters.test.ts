import fc from 'fast-check'
import {
  countOpenLetters,
  deadLetters,
  everyLetter,
} from '../../../../services/gateway/operators/dead-letters.ts'
import { digestOf } from '../../../../services/gateway/operators/settled-letters.ts'
import { openMemoryEventLog } from '../../../../shared/adapters/memory/event-log.ts'
import { encodeDeadLetter } from '../../../../shared/events/event-codec.ts'
import type { RawRecord } from '../../../../shared/events/log-record.ts'
import { assert, claims } from '../../../support/suite.ts'

const aLetter = (offset: number) => {
  const at = { topic: 'auth.events', partition: 0, offset, key: 'k', headers: {} } as const
  return encodeDeadLetter({ ...at, value: 'x' }, 'bad MAC')
}

/** A topic of so many letters, some of them dealt with; `reads` counts what is read of it. */
const aDesk = async (settledOf: readonly boolean[], isAnew = false) => {
  const real = openMemoryEventLog()
  const parked = settledOf.map((_, offset) => aLetter(offset))
  await real.publish(parked)
  const noted = settledOf.flatMap((isSettled, offset) => {
    const letter: RawRecord = { ...(parked[offset] ?? aLetter(offset)), partition: 0, offset }
    const digest = isAnew ? '0'.repeat(16) : digestOf(letter)
    return isSettled ? [{ offset, digest, how: 'dropped' }] : []
  })
  const desk = { reads: 0 }
  const log: Pick<typeof real, 'bounds' | 'recordAt'> = {
    bounds: (place) => real.bounds(place),
    recordAt: (place, offset) => {
      desk.reads += 1
      return real.recordAt(place, offset)
    },
  }
  const text = JSON.stringify({ format: 1, letters: noted })
  const deps = { context: { store: { agree: async () => text } }, operators: { log } }
  return { desk, deps }
}

const drawn = fc.array(fc.boolean(), { maxLength: 300 })
const limits = fc.integer({ min: 1, max: 400 })

claims('dead letters of a topic', {
  'are found behind any number that are not asked for, and none of those is read': () =>
    fc.assert(
      fc.asyncProperty(drawn, limits, fc.boolean(), async (settledOf, limit, isAnew) => {
        const { desk, deps } = await aDesk(settledOf, isAnew)
        for (const state of ['open', 'settled', null] as const) {
          desk.reads = 0
          const found: number[] = []
          for await (const { letter } of everyLetter(deps, { limit, state })) {
            found.push(letter.offset)
          }
          const wanted = settledOf.flatMap((isSettled, offset) => {
            const isOpen = isAnew || !isSettled
            return state === null || isOpen === (state === 'open') ? [offset] : []
          })
          assert.equal(found, wanted.reverse().slice(0, limit))
          assert.ok(desk.reads <= found.length + 1, `${desk.reads} for ${found.length}`)
        }
      }),
    ),

  'of one page are at most a hundred, each read once': () =>
    fc.assert(
      fc.asyncProperty(drawn, limits, async (settledOf, limit) => {
        const { desk, deps } = await aDesk(settledOf)
        const { letters } = await deadLetters(deps, { before: null, limit, state: 'open' })
        const open = settledOf.filter((isSettled) => !isSettled).length
        assert.is(letters.length, Math.min(limit, open, 100))
        assert.ok(desk.reads <= 101)
      }),
    ),

  'are counted without reading one': () =>
    fc.assert(
      fc.asyncProperty(drawn, async (settledOf) => {
        const { desk, deps } = await aDesk(settledOf)
        const open = settledOf.filter((isSettled) => !isSettled).length
        assert.is(await countOpenLetters(deps), open)
        assert.is(desk.reads, 0)
      }),
    ),
})
