import fc from 'fast-check'

const surrogates = { first: 0xd800, count: 0x800 }
const scalars = 0x110000 - surrogates.count

const characterAt = (index: number): string =>
  String.fromCodePoint(index < surrogates.first ? index : index + surrogates.count)

const indexOf = (character: unknown): number => {
  const [first = '', ...more] = typeof character === 'string' ? character : []
  if (first === '' || more.length > 0) throw new Error('not one character')
  const point = first.codePointAt(0) ?? 0
  return point < surrogates.first ? point : point - surrogates.count
}

const character = fc.integer({ min: 0, max: scalars - 1 }).map(characterAt, indexOf)

type Lengths = Readonly<{ minLength?: number; maxLength?: number }>

/**
 * Text of any characters that Unicode has room for: as fast-check's unit `binary`, without its
 * table of a million texts, which takes most of a second in each process.
 */
export const anyText = (lengths: Lengths = {}): fc.Arbitrary<string> =>
  fc.string({ ...lengths, unit: character })
