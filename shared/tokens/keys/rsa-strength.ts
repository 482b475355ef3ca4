import { createPublicKey, type KeyObject } from 'node:crypto'

export const rsaBits = 2048
const leastExponent = 65_537n
/** FIPS 186-5, A.1.1: more costs time at each token, and serves nobody. */
const exponentBitsMax = 256

const isOdd = (value: bigint): boolean => value % 2n === 1n

/** Primes by which the faulty generator of CVE-2017-15361 (ROCA) is told. */
const markers = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101,
  103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
] as const

const powersOf65537 = (modulus: number): ReadonlySet<number> => {
  const powers = new Set<number>()
  for (let power = 1; !powers.has(power); power = (power * 65_537) % modulus) powers.add(power)
  return powers
}
const residues = markers.map((prime) => [BigInt(prime), powersOf65537(prime)] as const)

/**
 * Its primes are powers of 65,537 modulo many small primes, so their product is too, and can be
 * factored. A sound key looks so once in a hundred million.
 */
const isRoca = (modulus: bigint): boolean =>
  residues.every(([prime, powers]) => powers.has(Number(modulus % prime)))

/** A number of a JSON Web Key; 0 when it is missing. */
export const numberOf = (member = ''): bigint =>
  BigInt(`0x0${Buffer.from(member, 'base64url').toString('hex')}`)

const modulusOf = (key: KeyObject): bigint => {
  const shown = key.type === 'private' ? createPublicKey(key) : key
  return numberOf(shown.export({ format: 'jwk' }).n)
}

/**
 * Whether an RSA key is one that may sign or verify: 2,048 bits or more, an odd exponent from
 * 65,537 on (NIST SP 800-56B), and no modulus of the generator that was broken.
 */
export const isStrongRsa = (key: KeyObject): boolean => {
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {}
  if (modulusLength < rsaBits || publicExponent < leastExponent || !isOdd(publicExponent)) {
    return false
  }
  if (publicExponent >= 2n ** BigInt(exponentBitsMax)) return false
  const modulus = modulusOf(key)
  return isOdd(modulus) && !isRoca(modulus)
}
