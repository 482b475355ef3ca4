import fc from 'fast-check'
import {
  giveBack,
  noteSettled,
  reserveLetter,
  settledLetters,
  settlementOf,
  settlements,
} from '../../../../services/gateway/operators/settled-letters.ts'
import { encodeDeadLetter } from '../../../../shared/events/event-codec.ts'
import { isAuthError } from '../../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import { assert, claims } from '../../../support/suite.ts'

const parked = { topic: 'auth.events', partition: 0, offset: 3, key: 'k', headers: {}, value: 'x' }
const letter = {
  ...encodeDeadLetter({ ...parked, topic: 'auth.events' }, 'bad MAC'),
  ...{ partition: 0, offset: 0 },
}
const aStore = () => {
  let held: string | null = null
  return {
    agree: async (_: string, value: string, instead?: string) => {
      if (held === null || held === instead) held = value
      return held
    },
  }
}
const reserving = (how: (typeof settlements)[number], now: number) => ({
  ...{ how, now: now as EpochMs },
  isThere: () => true,
})
const ways = fc.constantFrom(...settlements)

claims('A dead letter that somebody deals with', {
  'is nobody else’s for a minute, whoever is slow settles nothing then, and it is open till done':
    () =>
      fc.assert(
        fc.asyncProperty(ways, ways, fc.nat(120_000), async (first, second, later) => {
          const store = aStore()
          const settled = async () => settlementOf(await settledLetters(store), letter)
          const slow = await reserveLetter(store, letter, reserving(first, 0))
          assert.is(await settled(), null)
          const other = await reserveLetter(store, letter, reserving(second, later)).catch(
            (error: unknown) => {
              assert.ok(isAuthError(error, 'STORE_CONTENDED'))
              return null
            },
          )
          assert.is(other === null, later < 60_000)
          await noteSettled(store, slow)
          assert.is(await settled(), other === null ? first : null)
          if (other) await noteSettled(store, other)
          assert.is(await settled(), other === null ? first : second)
        }),
      ),

  'is open again at once where that failed': () =>
    fc.assert(
      fc.asyncProperty(ways, ways, async (first, second) => {
        const store = aStore()
        await giveBack(store, await reserveLetter(store, letter, reserving(first, 0)))
        await noteSettled(store, await reserveLetter(store, letter, reserving(second, 1)))
        assert.is(settlementOf(await settledLetters(store), letter), second)
        await reserveLetter(store, letter, reserving(first, 2)).then(
          () => assert.unreachable(),
          (error: unknown) => assert.ok(isAuthError(error, 'DEAD_LETTER_SETTLED')),
        )
      }),
    ),
})
