import { readFile, stat } from 'node:fs/promises'
import { AuthError, isAuthError } from '../../kernel/errors.ts'
import type { AccessKeyRing, AccessKeys, RingKey } from '../key-rings/index.ts'
import type { Algorithm, VerifyKey } from '../keys/index.ts'
import { isKnownSecret, knownSecretProblem } from '../known-secrets/publicly-known-secret.ts'
import { checkPrivate, type GroupAccess } from '../secret-files/index.ts'
import { readSigningKey, readVerifyingKeys } from './read-configured-keys.ts'

/** A key as text, or the file that it is in. */
type Given = Readonly<{
  text: string | null
  file: string | null
  variable: string
  groupAccess: GroupAccess
}>

const bytesMax = 64 * 1024

const refuse = (where: string, problem: string): never => {
  throw new AuthError('KEYS_INVALID', `${where} ${problem}`)
}

/** A private key, a secret, or a ring that holds them: who reads it can sign. */
const holdsSecret = (text: string): boolean =>
  /"(?:d|k)"\s*:\s*"/.test(text) || text.includes('PRIVATE KEY') || !/[{]|-----BEGIN /.test(text)

const readGivenFile = async (path: string, { variable, groupAccess }: Given): Promise<string> => {
  const where = `${variable}_FILE=${path}`
  const found = await stat(path).catch(() => refuse(where, 'cannot be read'))
  if (found.size > bytesMax) return refuse(where, 'is larger than 64 KiB: it is no key')
  const text = await readFile(path, 'utf8').catch(() => refuse(where, 'cannot be read'))
  if (!holdsSecret(text)) return text
  try {
    // A mounted secret is often readable by its group: it is one file, which somebody named.
    checkPrivate(path, found, groupAccess === 'write' ? 'write' : 'read')
  } catch (error) {
    return refuse(`${variable}_FILE:`, (error as Error).message)
  }
  return text
}

const readGiven = async <Key>(
  { text, file, ...rest }: Given,
  parse: (text: string) => Key,
): Promise<Key | null> => {
  const { variable } = rest
  if (text !== null && file !== null) return refuse(variable, `and ${variable}_FILE are both given`)
  const where = file === null ? variable : `${variable}_FILE=${file}`
  const given = file === null ? text : await readGivenFile(file, { text, file, ...rest })
  if (given === null) return null
  if (isKnownSecret(given)) return refuse(where, knownSecretProblem)
  try {
    return parse(given)
  } catch (error) {
    return isAuthError(error, 'KEYS_INVALID')
      ? refuse(where, error.message)
      : refuse(where, 'is bad')
  }
}

export type VerifyingSettings = Readonly<{
  algorithm: Algorithm | null
  verifyingKey: string | null
  verifyingKeyFile: string | null
  /** What the group of the key files may do; it may read these anyway. */
  groupAccess?: GroupAccess
}>
export type SigningSettings = VerifyingSettings &
  Readonly<{ signingKey: string | null; signingKeyFile: string | null }>

/** What `CURFEW_VERIFYING_KEY` names; empty without it. @throws AuthError KEYS_INVALID */
export const openVerifyingKeys = async ({
  algorithm,
  verifyingKey: text,
  verifyingKeyFile: file,
  groupAccess = 'none',
}: VerifyingSettings): Promise<readonly VerifyKey[]> => {
  const given = { text, file, variable: 'CURFEW_VERIFYING_KEY', groupAccess }
  return (await readGiven(given, (key) => readVerifyingKeys(key, algorithm))) ?? []
}

const openSigningKey = ({
  algorithm,
  signingKey: text,
  signingKeyFile: file,
  groupAccess = 'none',
}: SigningSettings): Promise<RingKey | null> =>
  readGiven({ text, file, variable: 'CURFEW_SIGNING_KEY', groupAccess }, (key) =>
    readSigningKey(key, algorithm),
  )

// A start never makes a key for a ring that exists: two gateways with copies of the files would
// each make their own, and refuse each other's tokens.
const checkAlgorithm = (ring: AccessKeyRing, wanted: Algorithm | null): void => {
  if (wanted === null || ring.keys.some(({ alg }) => alg === wanted)) return
  refuse(
    'signing.json',
    `signs with ${ring.active.alg} and holds no key for CURFEW_ALGORITHM=${wanted}. ` +
      'Run `npx curfew keys rotate` with this setting: it adds one, shows it, and lets it sign.',
  )
}

/**
 * What a gateway signs with and accepts: its ring, with the keys of `CURFEW_SIGNING_KEY` and
 * `CURFEW_VERIFYING_KEY`. The ring's keys stay accepted beside a signing key from elsewhere, so
 * that moving there and back ends nobody's session.
 * @throws AuthError KEYS_INVALID that names the setting and never shows a key.
 */
export const openAccessKeys = async (
  ring: AccessKeyRing,
  settings: SigningSettings,
): Promise<AccessKeys> => {
  const signing = await openSigningKey(settings)
  const verifying = await openVerifyingKeys(settings)
  if (signing === null) checkAlgorithm(ring, settings.algorithm)
  const given = new Map([...verifying, ...(signing ? [signing] : [])].map((key) => [key.kid, key]))
  return {
    kind: 'access',
    get active() {
      return signing ?? ring.active
    },
    get keys() {
      return [...given.values(), ...ring.keys.filter(({ kid }) => !given.has(kid))]
    },
    get: (kid) => given.get(kid) ?? ring.get(kid),
  }
}
