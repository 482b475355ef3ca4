import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** How many bytes of each digest are kept; two secrets in 2^36 are taken for one of the list. */
const bytesKept = 6

type Listed = Readonly<{ digests: string }>
let listed: ReadonlySet<string> | undefined

const readList = (): ReadonlySet<string> => {
  const file = new URL('./known-secrets.json', import.meta.url)
  const { digests } = JSON.parse(readFileSync(file, 'utf8')) as Listed
  const bytes = Buffer.from(digests, 'base64')
  const found = new Set<string>()
  for (let at = 0; at < bytes.length; at += bytesKept) {
    found.add(bytes.toString('hex', at, at + bytesKept))
  }
  return found
}

const isListed = (text: string): boolean => {
  listed ??= readList()
  return listed.has(
    createHash('sha256')
      .update(text)
      .digest('hex')
      .slice(0, 2 * bytesKept),
  )
}

/** What tutorials, templates and error messages write where a secret belongs. */
const words = (
  'a an and any app application at auth be bit bits by byte bytes change changed changeit ' +
  'char character characters chars client code curfew default demo dev develop development do ' +
  'enter env example for from generate generated here hmac hs in insecure insert ' +
  'is it its jwt key keys least long me min minimum more must my myapp need needs no node not of ' +
  'one or our pass passphrase password please private prod production public put random really ' +
  'refresh replace required safe sample secret secrets secure server service sha shared ' +
  'shh should sign signature signing some something string strong super temp test testing text ' +
  'than that the this to token tokens top ultra unsafe unsecure update use user value very we ' +
  'with word you your'
).split(' ')

const vocabulary = new Set(words)
const longest = Math.max(...words.map((word) => word.length))
const counting = '01234567890'.repeat(8)

/** Whether letters are words one after another; linear, where a pattern would try all splits. */
const areWords = (letters: string): boolean => {
  const endsWord = [true]
  for (let end = 1; end <= letters.length; end += 1) {
    const starts = Array.from({ length: Math.min(end, longest) }, (_, back) => end - back - 1)
    endsWord[end] = starts.some(
      (start) => endsWord[start] === true && vocabulary.has(letters.slice(start, end)),
    )
  }
  return endsWord[letters.length] === true
}

/** One of them is in whatever stands for a secret; drawn letters may well be short words. */
const telling =
  /secret|pass|key|token|jwt|change|default|example|sample|test|replace|secure|safe|random|string/

/** A year, a size, or somebody who counts. */
const isPlainNumber = (digits: string): boolean => digits.length <= 4 || counting.includes(digits)

const leet: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  $: 's',
  '@': 'a',
}
const unleeted = (text: string): string =>
  text.replace(/[013457$@]/g, (character) => leet[character] ?? '')

const isMadeOfWords = (text: string): boolean => {
  const runs = text.match(/[a-z]+|[0-9]+/g) ?? []
  return (
    telling.test(text) &&
    runs.every((run) => (/[a-z]/.test(run) ? areWords(run) : isPlainNumber(run)))
  )
}

/**
 * Whether a secret is in a published list, or is made of nothing but the words that stand for one
 * (`your-256-bit-secret`, `Sup3rS3cretK3y!`): whoever guesses secrets tries these first. What is
 * shorter than 16 characters is refused elsewhere and not looked up here.
 */
export const isKnownSecret = (text: string): boolean => {
  if (isListed(text) || isListed(text.trim())) return true
  const spelled = text.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
  return [spelled, text.toLowerCase(), unleeted(spelled)].some(isMadeOfWords)
}

export const knownSecretProblem =
  'has a secret that is published, or made of words such as secret and key: make one with ' +
  '`openssl rand -base64 48`'
