import { readFile, stat } from 'node:fs/promises'
import { AuthError, isAuthError } from '../kernel/errors.ts'
import type { Algorithm } from './algorithms.ts'
import { readSigningKey, readVerifyingKeys } from './given-keys.ts'
import type { VerifyKey } from './key-lookup.ts'
import type { AccessKeyRing, AccessKeys, RingKey } from './keys.ts'

/** A key as text, or the file that it is in. */
type Given = Readonly<{ text: string | null; file: string | null; variable: string }>

const bytesMax = 64 * 1024

const refuse = (where: string, problem: string): never => {
  throw new AuthError('KEYS_INVALID', `${where} ${problem}`)
}

const readGivenFile = async (path: string, isSecret: boolean, where: string): Promise<string> => {
  const found = await stat(path).catch(() => refuse(where, 'cannot be read'))
  // A mounted secret is often readable by its group; what strangers can read is no secret.
  if (isSecret && (found.mode & 0o027) !== 0) {
    return refuse(where, `is open to other users. Run: chmod 600 ${path}`)
  }
  if (found.size > bytesMax) return refuse(where, 'is larger than 64 KiB: it is no key')
  return await readFile(path, 'utf8').catch(() => refuse(where, 'cannot be read'))
}

const readGiven = async <Key>(
  { text, file, variable }: Given,
  isSecret: boolean,
  parse: (text: string) => Key,
): Promise<Key | null> => {
  if (text !== null && file !== null) return refuse(variable, `and ${variable}_FILE are both given`)
  const where = file === null ? variable : `${variable}_FILE=${file}`
  const given = file === null ? text : await readGivenFile(file, isSecret, where)
  if (given === null) return null
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
}>
export type SigningSettings = VerifyingSettings &
  Readonly<{ signingKey: string | null; signingKeyFile: string | null }>

/** What `CURFEW_VERIFYING_KEY` names; empty without it. @throws AuthError KEYS_INVALID */
export const openVerifyingKeys = async ({
  algorithm,
  verifyingKey: text,
  verifyingKeyFile: file,
}: VerifyingSettings): Promise<readonly VerifyKey[]> => {
  const given = { text, file, variable: 'CURFEW_VERIFYING_KEY' }
  // Never demanded to be private: public keys are public. Secrets among them are the reader's care.
  return (await readGiven(given, false, (key) => readVerifyingKeys(key, algorithm))) ?? []
}

const openSigningKey = ({
  algorithm,
  signingKey: text,
  signingKeyFile: file,
}: SigningSettings): Promise<RingKey | null> =>
  readGiven({ text, file, variable: 'CURFEW_SIGNING_KEY' }, true, (key) =>
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
