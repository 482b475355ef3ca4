import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { passwordBytesMax } from './open-passwords.ts'

const passwordLengthMin = 8
const productName = 'curfew'
/** Shorter words occur in good passwords by chance. */
const wordLengthMin = 4
/** With fewer letters than this beside a word, a password counts as made of that word. */
const otherLettersMin = 4

/** `common-passwords/SOURCE.md` says where the list is from. Read when a password is first set. */
const listFile = new URL('./common-passwords/list.txt.gz', import.meta.url)
let common: ReadonlySet<string> | null = null
export const commonPasswords = (): ReadonlySet<string> => {
  common ??= new Set(
    gunzipSync(readFileSync(listFile)).toString('utf8').split('\n').filter(Boolean),
  )
  return common
}

/** The form for comparing: without case, width, composition. */
const withoutCase = (text: string): string => text.normalize('NFKC').toLowerCase()
const folded = (text: string): string => withoutCase(text).trim()

const reversed = (text: string): string => [...text].reverse().join('')

/** A name and its parts, such as those of an e-mail address. */
const wordsIn = (name: string): readonly string[] => {
  const whole = folded(name)
  const parts = whole.split(/[^\p{L}\p{N}]+/u)
  return [...new Set([whole, ...parts])].filter((word) => [...word].length >= wordLengthMin)
}

/** Counts only letters beside the words, since people add signs and digits by habit. */
const isMadeOf = (password: string, words: readonly string[]): boolean => {
  const whole = folded(password)
  const found = words
    .flatMap((word) => [word, reversed(word)])
    .filter((word) => whole.includes(word))
  // The longest first: removing a part of a name first would leave the rest of the name.
  const longest = found.sort((a, b) => b.length - a.length)
  const rest = longest.reduce((text, word) => text.replaceAll(word, ' '), whole)
  return found.length > 0 && (rest.match(/\p{L}/gu) ?? []).length < otherLettersMin
}

/** Splits text into what people see as one character: a letter with its marks, a flag. */
let segmenter: Intl.Segmenter | null = null
const characters = (text: string): Intl.Segments => {
  // Made when a password is first set: it takes 10 ms.
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  return segmenter.segment(text)
}
const isOneRepeated = (text: string): boolean =>
  new Set(text).size === 1 ||
  new Set([...characters(text)].map(({ segment }) => segment)).size === 1
const isOneCharacter = (password: string): boolean =>
  isOneRepeated(password) || isOneRepeated(withoutCase(password))

export type PasswordContext = Readonly<{
  username: string
  /** The names of the team's product and company (CURFEW_PASSWORD_WORDS). */
  words: readonly string[]
}>

const reasonAgainst = (password: string, { username, words }: PasswordContext): string | null => {
  // No login can send either: its body is refused, so the account would open to nobody.
  if (password.includes('\0')) return 'the password has a null character'
  if (!password.isWellFormed()) return 'the password has a half of a character'
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
 * Checks a password by NIST SP 800-63B-4, 3.1.1.2, and ASVS 5.0, 6.2.4, 6.2.11 and 6.2.12, as far
 * as that works without asking another service. It is checked in NFC, as it is hashed.
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
