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
import { until } from '../../../support/until.ts'

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
  let text = JSON.stringify({ format: 1, letters: noted })
  const agree = async (_: string, value: string, instead?: string) => {
    if (text === instead) text = value
    return text
  }
  const deps = { context: { store: { agree } }, operators: { log } }
  const parkAgain = (offsets: readonly number[]) => real.publish(offsets.map(aLetter))
  /** As another gateway has it, or this one after a start. */
  const another = () => ({ ...deps, operators: { log: { ...log } } })
  return { desk, deps, parkAgain, another }
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

  'that are parked again stay dealt with, and are counted so without a look at the others': () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
        fc.array(fc.nat(39), { minLength: 1, maxLength: 40 }),
        async (settledOf, drawnAgain) => {
          const { desk, deps, parkAgain, another } = await aDesk(settledOf)
          const again = drawnAgain.filter((offset) => offset < settledOf.length)
          const open = [...settledOf.keys(), ...again].filter((at) => !settledOf[at]).length
          const before = settledOf.filter((isSettled) => !isSettled).length
          assert.is(await countOpenLetters(deps), before)
          await parkAgain(again)
          await until('they are known', async () => (await countOpenLetters(deps)) === open)
          assert.ok(desk.reads <= again.length, 'each that came is read once, and no other')
          desk.reads = 0
          assert.is(await countOpenLetters(another()), open)
          assert.is(desk.reads, 0)
        },
      ),
      { numRuns: 50 },
    ),

  'that were parked again while nobody counted are noted by whoever lists them': () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }),
        async (settledOf) => {
          const { deps, parkAgain, another } = await aDesk(settledOf)
          await parkAgain([...settledOf.keys()])
          const open = 2 * settledOf.filter((isSettled) => !isSettled).length
          const page = await deadLetters(deps, { before: null, limit: 100, state: 'open' })
          assert.is(page.letters.length, open)
          assert.is(await countOpenLetters(another()), open)
        },
      ),
      { numRuns: 50 },
    ),
})
