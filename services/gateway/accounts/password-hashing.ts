import { ConcurrencyQueue } from '../../../shared/kernel/concurrency/concurrency-queue.ts'
import { hashPassword, isCurrentHash, isKnownHash, matchesHash } from './password-hash.ts'

/**
 * libuv has four threads for everything; hashing takes two at most, so other work never waits for
 * it.
 */
const bounds = { runningMax: 2, waitingMax: 64, refusal: 'too many logins at once' }
export const passwordBytesMax = 1024

/** As it is hashed, and as typed: what was hashed before, or elsewhere, may be in no form. */
const formsOf = (password: string): readonly string[] => [
  ...new Set([password.normalize('NFC'), password]),
]

export interface Passwords {
  hash(password: string): Promise<string>
  /**
   * Compares in NFC (NIST SP 800-63B-4, 3.1.1.2) and as typed; another form costs as much again.
   * The same cost whether the user exists (`null` = no such user) or not. An imported hash costs
   * that and its own comparison, until the user's next login: a cheap one is not told by how fast
   * it refuses, a dear one (PBKDF2, bcrypt, scrypt) is told by how slowly. Rejects with OVERLOADED.
   */
  verify(passwordHash: string | null, password: string): Promise<boolean>
}

/** Bounded hashing: a flood of logins waits in line, and beyond the line is told to come back. */
export const openPasswords = async (matches = matchesHash): Promise<Passwords> => {
  const slots = new ConcurrencyQueue(bounds)
  const decoy = await hashPassword('no password is compared with this')
  return {
    hash: (password) => slots.run(() => hashPassword(password.normalize('NFC'))),
    verify: (passwordHash, password) => {
      // Longer input is refused at the cost of a comparison, not hashed: argon2 reads all of it.
      const usable = Buffer.byteLength(password) <= passwordBytesMax
      // An account that has no password (Django's `!`) must not be told by how fast it refuses.
      const known =
        usable && passwordHash !== null && isKnownHash(passwordHash) ? passwordHash : null
      return slots.run(async () => {
        let isSame = false
        // Each form, also after one that matched: a disabled account must not be told by its speed.
        for (const given of usable ? formsOf(password) : ['']) {
          const same = await matches(known ?? decoy, given)
          if (known !== null && !isCurrentHash(known)) await matches(decoy, given)
          isSame ||= same
        }
        return isSame && known !== null
      })
    },
  }
}
