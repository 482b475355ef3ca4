import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { passwordBytesMax } from './password-hashing.ts'

const passwordLengthMin = 8
const productName = 'curfew'
/** Shorter words are in many a good password by chance. */
const wordLengthMin = 4
/** How many letters beside a name make a password of more than the name. */
const otherLettersMin = 4

/** Where the list is from: `common-passwords/SOURCE.md`. Read at the first password that is set. */
const listFile = new URL('./common-passwords/list.txt.gz', import.meta.url)
let common: ReadonlySet<string> | null = null
export const commonPasswords = (): ReadonlySet<string> => {
  common ??= new Set(
    gunzipSync(readFileSync(listFile)).toString('utf8').split('\n').filter(Boolean),
  )
  return common
}

/** As people would call two of them the same: case, width and composition set aside. */
const cased = (text: string): string => text.normalize('NFKC').toLowerCase()
const folded = (text: string): string => cased(text).trim()

const reversed = (text: string): string => [...text].reverse().join('')

/** A name, and the parts that it is made of: an address has several. */
const wordsIn = (name: string): readonly string[] => {
  const whole = folded(name)
  const parts = whole.split(/[^\p{L}\p{N}]+/u)
  return [...new Set([whole, ...parts])].filter((word) => [...word].length >= wordLengthMin)
}

/** What `password` has beside the words: letters alone, as signs and digits are added by habit. */
const isMadeOf = (password: string, words: readonly string[]): boolean => {
  const whole = folded(password)
  const found = words.flatMap((word) => [word, reversed(word)]).filter((one) => whole.includes(one))
  // The longest first: a part of a name would leave the rest of it.
  const longest = found.sort((a, b) => b.length - a.length)
  const rest = longest.reduce((text, word) => text.replaceAll(word, ' '), whole)
  return found.length > 0 && (rest.match(/\p{L}/gu) ?? []).length < otherLettersMin
}

/** What people see as one: a letter with its marks, a flag. */
const characters = new Intl.Segmenter('en', { granularity: 'grapheme' })
const isOne = (text: string): boolean =>
  new Set(text).size === 1 ||
  new Set([...characters.segment(text)].map(({ segment }) => segment)).size === 1
const isOneCharacter = (password: string): boolean => isOne(password) || isOne(cased(password))

export type PasswordContext = Readonly<{
  username: string
  /** Names that are known of the product, beside ours (CURFEW_PASSWORD_WORDS). */
  words: readonly string[]
}>

const reasonAgainst = (password: string, { username, words }: PasswordContext): string | null => {
  if ([...password].length < passwordLengthMin) {
    return `the password is shorter than ${passwordLengthMin} characters`
  }
  if (Buffer.byteLength(password) > passwordBytesMax) {
    return `the password is longer than ${passwordBytesMax} bytes`
  }
  if (isOneCharacter(password)) return 'the password is one character, repeated'
  if (commonPasswords().has(folded(password))) return 'the password is one of the most used ones'
  if (folded(password) === folded(username)) return 'the password is the user name'
  if (isMadeOf(password, wordsIn(username))) {
    return 'the password is made of the user name, with little beside it'
  }
  if (isMadeOf(password, [productName, ...words].flatMap(wordsIn))) {
    return 'the password is made of the name of this product, with little beside it'
  }
  return null
}

/**
 * NIST SP 800-63B-4, 3.1.1.2, and ASVS 5.0, 6.2.4, 6.2.11 and 6.2.12, as far as can be told without
 * asking anybody. Judged as it is stored, in NFC.
 * @throws AuthError INPUT_INVALID that names `field` and says why.
 */
export const checkPassword = (
  password: string,
  context: PasswordContext,
  field = 'password',
): void => {
  const reason = reasonAgainst(password.normalize('NFC'), context)
  if (reason !== null) throw new AuthError('INPUT_INVALID', reason, { field })
}
