import { ConcurrencyQueue } from '../../../shared/kernel/concurrency/concurrency-queue.ts'
import {
  type HashCost,
  hashCost,
  hashPassword,
  isCurrentHash,
  isKnownHash,
  matchesHash,
} from './password-hash.ts'

/**
 * libuv has four threads for everything. Hashing takes two of them at most, so that other work does
 * not wait for it.
 */
const bounds = { runningMax: 2, waitingMax: 64, refusal: 'too many logins at once' }
export const passwordBytesMax = 1024

/** In NFC, as passwords are hashed; and as typed, as older or imported hashes may have it. */
const spellingsOf = (password: string): readonly string[] => [
  ...new Set([password.normalize('NFC'), password]),
]

export interface Passwords {
  hash(password: string): Promise<string>
  /**
   * Compares the password in NFC (NIST SP 800-63B-4, 3.1.1.2) and, if that differs, as typed, which
   * costs as much again. The cost is the same whether the user exists or not (`null` = no such
   * user). Until the user's next login, an imported hash costs its own comparison besides: a cheap
   * one cannot be recognized by a fast refusal, an expensive one (PBKDF2, bcrypt, scrypt) can be
   * recognized by a slow one. Rejects with OVERLOADED.
   */
  verify(passwordHash: string | null, password: string): Promise<boolean>
  /** Whether `hash` would make one of the same form and cost; another is replaced at a login. */
  isCurrent(passwordHash: string): boolean
}

const decoys = new WeakMap<HashCost, Promise<string>>()
/** Nobody's hash: one serves every gateway of a process. */
const decoyHash = (cost: HashCost): Promise<string> => {
  const made = decoys.get(cost) ?? hashPassword('no password is compared with this', cost)
  decoys.set(cost, made)
  made.catch(() => decoys.delete(cost))
  return made
}

type PasswordsOptions = Readonly<{
  /** What new hashes cost; OWASP's recommendation without it. */
  cost?: HashCost
  matches?: typeof matchesHash
}>

/** Bounded hashing: in a flood of logins some wait in a queue, and those beyond it are refused. */
export const openPasswords = ({
  cost = hashCost,
  matches = matchesHash,
}: PasswordsOptions = {}): Passwords => {
  const slots = new ConcurrencyQueue(bounds)
  return {
    hash: (password) => slots.run(() => hashPassword(password.normalize('NFC'), cost)),
    verify: (passwordHash, password) => {
      // argon2 reads its whole input, so a longer one is compared as '' at the usual cost.
      const usable = Buffer.byteLength(password) <= passwordBytesMax
      // An account without a password (Django's `!`) must not be recognized by a fast refusal.
      const known =
        usable && passwordHash !== null && isKnownHash(passwordHash) ? passwordHash : null
      return slots.run(async () => {
        // Made by the first that is verified, of whomever: a start has other work.
        const decoy = await decoyHash(cost)
        let isSame = false
        // Every form, also after a match: the time must not tell that a disabled account matched.
        for (const given of usable ? spellingsOf(password) : ['']) {
          const same = await matches(known ?? decoy, given)
          if (known !== null && !isCurrentHash(known, cost)) await matches(decoy, given)
          isSame ||= same
        }
        return isSame && known !== null
      })
    },
    isCurrent: (passwordHash) => isCurrentHash(passwordHash, cost),
  }
}
