import { encodeEntry, entriesIn } from '../../../shared/tlog/entry-bundle.ts'
import type { Dice } from '../fakes/dice.ts'

export type Tamper = Readonly<{
  what: string
  path: string
  change: (bytes: Buffer) => Buffer
  /** What the program in Go says, and the leaf or the file that Curfew names. */
  go: string
  place: string
  unnoticedBy: readonly string[]
}>

export const flipped = (at: number) => (bytes: Buffer) => {
  bytes[at] = (bytes[at] ?? 0) ^ 1
  return bytes
}
const entriesOf = (change: (entries: Buffer[]) => Buffer[]) => (bytes: Buffer) =>
  Buffer.concat(change([...(entriesIn(bytes) ?? [])]).map((entry) => encodeEntry(entry)))
/** An event that could be one: a digit of an id is another. */
const forged = (entry: Buffer | undefined): Buffer =>
  Buffer.from(
    String(entry).replace(/[0-9a-f](?=[0-9a-f]{20})/, (digit) => (digit === '0' ? '1' : '0')),
  )

const width = 256
const fileOf = (level: number | 'entries', index: number): string => {
  const digits = String(index).padStart(3, '0')
  return `tile/${level}/${digits}`
}

/** Of each kind one, in a bundle and at an entry of it that are drawn. */
export const tampersOf = (size: number, dice: Dice): readonly Tamper[] => {
  const full = Math.floor(size / width)
  const tile = dice.below(full)
  const at = 1 + dice.below(width - 3)
  const first = tile * width
  const path = fileOf('entries', tile)
  const entry = { path, unnoticedBy: ['aics'] } as const
  const named = { go: `entry ${first + at}`, place: String(first + at) }
  const newest = `${fileOf(0, full)}.p/${size % width}`
  return [
    {
      ...entry,
      ...named,
      what: 'an entry changed',
      change: entriesOf((all) => all.with(at, forged(all[at]))),
    },
    {
      ...entry,
      ...named,
      what: 'an entry dropped',
      change: entriesOf((all) => all.toSpliced(at, 1)),
    },
    {
      ...{ ...entry, ...named, what: 'an entry inserted', place: String(first + at + 1) },
      change: entriesOf((all) => all.toSpliced(at, 0, forged(all[at]))),
    },
    {
      ...{ ...entry, ...named, what: 'two entries swapped' },
      change: entriesOf((all) => {
        const [one = Buffer.of(), other = Buffer.of()] = all.slice(at, at + 2)
        return all.with(at, other).with(at + 1, one)
      }),
    },
    {
      ...{ ...entry, what: 'a bundle cut off', go: 'ends within entry', place: path },
      change: (bytes) => bytes.subarray(0, 5_000),
    },
    {
      ...{ what: 'a hash', path: fileOf(0, tile), go: `the hashes of ${first}` },
      ...{ change: flipped(dice.below(8_192)), place: fileOf(0, tile), unnoticedBy: ['aics'] },
    },
    {
      ...{ what: 'a hash above', path: fileOf(1, 0), go: 'the hashes of', place: fileOf(1, 0) },
      ...{ change: flipped(dice.below(8_192)), unnoticedBy: ['aics'] },
    },
    {
      ...{ what: 'a newest hash', path: newest, go: 'the hashes of', unnoticedBy: [] },
      ...{ change: flipped(dice.below((size % width) * 32)), place: newest },
    },
    {
      ...{ what: 'the size', path: 'checkpoint', go: 'the checkpoint', place: 'checkpoint' },
      change: (bytes) => Buffer.from(bytes.toString().replace(`\n${size}\n`, `\n${size - 1}\n`)),
      unnoticedBy: [],
    },
  ]
}
