import { createHash, pbkdf2, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { hash as argon2Hash, verify as argon2Verify } from '@node-rs/argon2'
import { compare as bcryptCompare } from 'bcryptjs'

// The package's `Algorithm` is a const enum, which isolated modules cannot import.
const argon2id = 2
/** What a new hash takes: memory, and passes over it. */
export type HashCost = Readonly<{ memoryKib: number; passes: number }>
/**
 * OWASP's recommendation for argon2id: 19 MiB, two passes, one lane. About 130 ms of one core here.
 */
export const hashCost: HashCost = { memoryKib: 19_456, passes: 2 }

/** Narrower than Django's limits: no stored hash may occupy a thread for minutes. */
const iterationsMax = 10_000_000
const scryptMemoryMax = 256 * 1024 * 1024

type Check = (password: string) => Promise<boolean>

const pbkdf2Async = promisify(pbkdf2)
const scryptAsync = promisify<string, string, number, object, Buffer>(scrypt)

const isEqual = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b)
const wholeNumber = (text: string | undefined, max: number): number | null => {
  const value = /^\d{1,9}$/.test(text ?? '') ? Number(text) : 0
  return value >= 1 && value <= max ? value : null
}

/** `pbkdf2_sha256$iterations$salt$base64`. */
const pbkdf2Check = (digest: 'sha256' | 'sha1', rest: readonly string[]): Check | null => {
  const [count, salt, encoded] = rest
  const iterations = wholeNumber(count, iterationsMax)
  if (iterations === null || !salt || !encoded || rest.length !== 3) return null
  const wanted = Buffer.from(encoded, 'base64')
  if (wanted.length === 0) return null
  return async (password) =>
    isEqual(await pbkdf2Async(password, salt, iterations, wanted.length, digest), wanted)
}

/** `scrypt$N$salt$r$p$base64`. */
const scryptCheck = (rest: readonly string[]): Check | null => {
  const [cost, salt, block, lanes, encoded] = rest
  const [N, r, p] = [wholeNumber(cost, 2 ** 20), wholeNumber(block, 64), wholeNumber(lanes, 64)]
  if (N === null || r === null || p === null || !salt || !encoded) return null
  if (rest.length !== 5 || 128 * N * r > scryptMemoryMax) return null
  const wanted = Buffer.from(encoded, 'base64')
  if (wanted.length === 0) return null
  const options = { N, r, p, maxmem: scryptMemoryMax + 64 * 1024 * 1024 }
  return async (password) =>
    isEqual(await scryptAsync(password, salt, wanted.length, options), wanted)
}

const bcryptForm = /^\$2[aby]\$(?:0[4-9]|1[0-6])\$[./A-Za-z0-9]{53}$/
const bcryptCheck = (encoded: string, prepare: (password: string) => string): Check | null =>
  bcryptForm.test(encoded) ? (password) => bcryptCompare(prepare(password), encoded) : null

const sha256Hex = (password: string): string => createHash('sha256').update(password).digest('hex')

const argon2Check = (encoded: string): Check | null =>
  /^\$argon2(?:id|i|d)\$v=\d+\$m=\d{1,7},t=\d{1,3},p=\d{1,3}\$[^$]+\$[^$]+$/.test(encoded)
    ? (password) => argon2Verify(encoded, password)
    : null

const checkOf = (encoded: string): Check | null => {
  if (encoded.startsWith('$argon2')) return argon2Check(encoded)
  const [algorithm = '', ...rest] = encoded.split('$')
  switch (algorithm) {
    case 'pbkdf2_sha256':
      return pbkdf2Check('sha256', rest)
    case 'pbkdf2_sha1':
      return pbkdf2Check('sha1', rest)
    case 'scrypt':
      return scryptCheck(rest)
    case 'argon2':
      return argon2Check(`$${rest.join('$')}`)
    // Django joins its own prefix and bcrypt's string, which begins with a `$` of its own.
    case 'bcrypt':
      return bcryptCheck(rest.join('$'), (password) => password)
    case 'bcrypt_sha256':
      return bcryptCheck(rest.join('$'), sha256Hex)
    default:
      return null
  }
}

/** Hashes with argon2id. */
export const hashPassword = (
  password: string,
  { memoryKib, passes }: HashCost = hashCost,
): Promise<string> =>
  argon2Hash(password, {
    algorithm: argon2id,
    memoryCost: memoryKib,
    timeCost: passes,
    parallelism: 1,
  })

/**
 * Verifies a password against a stored hash: argon2id, or any that Django 5 writes (PBKDF2, argon2,
 * bcrypt, scrypt). An unknown or damaged hash matches nothing. Cost: 50 to 500 ms of one core,
 * depending on the parameters in the hash.
 */
export const matchesHash = async (encoded: string, password: string): Promise<boolean> => {
  const check = checkOf(encoded)
  return check === null ? false : check(password).catch(() => false)
}

/** Whether `matchesHash` can verify against a hash of this form. */
export const isKnownHash = (encoded: string): boolean => checkOf(encoded) !== null

/** The stored hash of an account without a password: it matches nothing. */
export const noPassword = '!'

/** Whether a new hash would be of the same form and cost. */
export const isCurrentHash = (
  encoded: string,
  { memoryKib, passes }: HashCost = hashCost,
): boolean => encoded.startsWith(`$argon2id$v=19$m=${memoryKib},t=${passes},p=1$`)
