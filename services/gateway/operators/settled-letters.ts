import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type RawRecord, textOf } from '../../../shared/events/log-record.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'

/** What was done about a dead letter: its record was published again, or nobody needs it. */
export const settlements = ['retried', 'dropped'] as const
export type Settlement = (typeof settlements)[number]

const entry = z.object({
  offset: z.int().min(0),
  /** Of its bytes: the offsets of a topic that was made anew begin again. */
  digest: z.string().regex(/^[0-9a-f]{16}$/),
  how: z.enum(settlements),
  /** Somebody is at it until then, by the store's clock; absent: it is done. */
  until: z.int().min(0).optional(),
})
const schema = z.object({ format: z.literal(1), letters: z.array(entry) })
/** What is written down of one letter. */
export type SettledEntry = Readonly<z.infer<typeof entry>>
type Entry = SettledEntry

/** Which letters are dealt with. A batch that is parked again has the same ones elsewhere. */
export type SettledLetters = Readonly<{
  byOffset: ReadonlyMap<number, Entry>
  byDigest: ReadonlyMap<string, Entry>
}>

type Store = Pick<EventStore, 'agree'>

const agreedName = 'dead-letters.settled'
const none = '{"format":1,"letters":[]}'
/** Each is some eighty bytes of one value of the store. */
const lettersMax = 5_000
/** Of them, letters that were parked again: a reader that keeps parking leaves room for people. */
const likesFrom = lettersMax / 2
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
export const settledLetters = async (store: Store): Promise<SettledLetters> => {
  const all = parsed(await store.agree(agreedName, none))
  const done = all.filter(({ until }) => until === undefined)
  return {
    byOffset: new Map(done.map((one) => [one.offset, one])),
    byDigest: new Map(done.map((one) => [one.digest, one])),
  }
}

/** `null`: nothing was done about this letter yet. */
export const settlementOf = (settled: SettledLetters, letter: RawRecord): Settlement | null =>
  settled.byDigest.get(digestOf(letter))?.how ?? null

export const alreadySettled = (how: Settlement): AuthError =>
  new AuthError('DEAD_LETTER_SETTLED', `It was ${how} already.`)

/** Replaces what is written down by what `change` makes of it; `null`: it stays. */
const rewrite = async (
  store: Store,
  change: (entries: readonly Entry[]) => readonly Entry[] | null,
): Promise<void> => {
  let before = await store.agree(agreedName, none)
  for (let tries = 0; tries < triesMax; tries += 1) {
    const letters = change(parsed(before))
    if (letters === null) return
    const text = JSON.stringify({ format: 1, letters })
    const now = await store.agree(agreedName, text, before)
    if (now === text) return
    before = now
  }
  throw new AuthError('STORE_CONTENDED', 'others kept settling dead letters')
}

/** Longer than any settling takes; whoever ended on the way is repeated after it. */
const atItMs = 60_000

export type Reserving = Readonly<{
  how: Settlement
  now: EpochMs
  /** Whether what is written down of offsets is still in the log. */
  isThere: (entry: Pick<Entry, 'offset' | 'digest'>) => boolean
}>

/**
 * Takes a letter before anything is done about it, so that of all who deal with it at once one
 * does.
 * @throws AuthError DEAD_LETTER_SETTLED, DEAD_LETTERS_FULL, STORE_UNAVAILABLE, STORE_CONTENDED
 */
export const reserveLetter = async (
  store: Store,
  letter: RawRecord,
  { how, now, isThere }: Reserving,
): Promise<Entry> => {
  const { offset } = letter
  const mine = { offset, digest: digestOf(letter), how, until: now + atItMs }
  await rewrite(store, (entries) => {
    const found = entries.find(({ digest }) => digest === mine.digest)
    if (found && found.until === undefined) throw alreadySettled(found.how)
    if (found?.until !== undefined && found.until > now) {
      throw new AuthError('STORE_CONTENDED', 'somebody is dealing with this dead letter just now')
    }
    const others = entries.filter(
      (one) => isThere(one) && one.offset !== offset && one.digest !== mine.digest,
    )
    if (others.length < lettersMax) return [...others, mine]
    throw new AuthError('DEAD_LETTERS_FULL', `${lettersMax} dead letters are dealt with already`)
  })
  return mine
}

const isSame = (one: Entry, other: Entry): boolean =>
  one.digest === other.digest && one.how === other.how && one.until === other.until

const end = (store: Store, taken: Entry, instead: readonly Entry[]): Promise<void> =>
  rewrite(store, (entries) =>
    entries.some((one) => isSame(one, taken))
      ? [...entries.filter((one) => !isSame(one, taken)), ...instead]
      : null,
  )

/** It is done. @throws AuthError STORE_UNAVAILABLE, STORE_CONTENDED */
export const noteSettled = (store: Store, taken: Entry): Promise<void> => {
  const { offset, digest, how } = taken
  return end(store, taken, [{ offset, digest, how }])
}

/** One that was parked again is dealt with as its like was. @throws as `noteSettled` */
export const noteSettledLike = (
  store: Store,
  letter: RawRecord,
  how: Settlement,
): Promise<void> => {
  const like = { offset: letter.offset, digest: digestOf(letter), how }
  return rewrite(store, (entries) => {
    const isNoted = entries.some(
      ({ offset, digest }) => offset === like.offset && digest === like.digest,
    )
    return isNoted || entries.length >= likesFrom ? null : [...entries, like]
  })
}

/** It failed, and is open as before. @throws AuthError STORE_UNAVAILABLE, STORE_CONTENDED */
export const giveBack = (store: Store, taken: Entry): Promise<void> => end(store, taken, [])
