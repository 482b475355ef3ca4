import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type RawRecord, textOf } from '../../../shared/events/log-record.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'

/** What was done about a dead letter: its record was published again, or nobody needs it. */
export const settlements = ['retried', 'dropped'] as const
export type Settlement = (typeof settlements)[number]

const entry = z.object({
  offset: z.int().min(0),
  /** Of its bytes: the offsets of a topic that was made anew begin again. */
  digest: z.string().regex(/^[0-9a-f]{16}$/),
  how: z.enum(settlements),
})
const schema = z.object({ format: z.literal(1), letters: z.array(entry) })
type Entry = Readonly<z.infer<typeof entry>>

/** Which letters are dealt with, by offset. */
export type SettledLetters = ReadonlyMap<number, Entry>

type Store = Pick<EventStore, 'agree'>

const agreedName = 'dead-letters.settled'
const none = '{"format":1,"letters":[]}'
/** Each is some eighty bytes of one value of the store. */
const lettersMax = 5_000
const triesMax = 20

/** @throws AuthError DATA_INVALID */
const parsed = (text: string): readonly Entry[] => {
  try {
    return schema.parse(JSON.parse(text)).letters
  } catch (cause) {
    const problem = 'which dead letters are dealt with cannot be read: it is of a later version'
    throw new AuthError('DATA_INVALID', problem, { cause })
  }
}

export const digestOf = ({ key, headers, value }: RawRecord): string =>
  createHash('sha256')
    .update(JSON.stringify([textOf(key), headers, textOf(value)]))
    .digest('hex')
    .slice(0, 16)

/** @throws AuthError STORE_UNAVAILABLE */
export const settledLetters = async (store: Store): Promise<SettledLetters> =>
  new Map(parsed(await store.agree(agreedName, none)).map((one) => [one.offset, one]))

/** `null`: nothing was done about this letter yet. */
export const settlementOf = (settled: SettledLetters, letter: RawRecord): Settlement | null => {
  const found = settled.get(letter.offset)
  return found?.digest === digestOf(letter) ? found.how : null
}

/**
 * Writes down what was done about a letter; those below `start` are not in the log any more.
 * @throws AuthError STORE_UNAVAILABLE, STORE_CONTENDED, DEAD_LETTERS_FULL
 */
export const noteSettled = async (
  store: Store,
  letter: RawRecord,
  { how, start }: Readonly<{ how: Settlement; start: number }>,
): Promise<void> => {
  const { offset } = letter
  let before = await store.agree(agreedName, none)
  for (let tries = 0; tries < triesMax; tries += 1) {
    const others = parsed(before).filter((one) => one.offset >= start && one.offset !== offset)
    if (others.length >= lettersMax) {
      throw new AuthError('DEAD_LETTERS_FULL', `${lettersMax} dead letters are dealt with already`)
    }
    const letters = [...others, { offset, digest: digestOf(letter), how }]
    const text = JSON.stringify({ format: 1, letters })
    const now = await store.agree(agreedName, text, before)
    if (now === text) return
    before = now
  }
  throw new AuthError('STORE_CONTENDED', 'others kept settling dead letters')
}
