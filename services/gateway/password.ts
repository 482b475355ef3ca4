import { AuthError } from '../../shared/kernel/errors.ts'
import { hashPassword, isCurrentHash, isKnownHash, matchesHash } from './password-hash.ts'

/**
 * libuv has four threads for everything; hashing takes two at most, so other work never waits for
 * it.
 */
const runningMax = 2
const waitingMax = 64
export const passwordBytesMax = 1024

export interface Passwords {
  hash(password: string): Promise<string>
  /**
   * The same cost whether the user exists (`null` = no such user) or not. An imported hash costs
   * that and its own comparison, until the user's next login: a cheap one is not told by how fast
   * it refuses, a dear one (PBKDF2, bcrypt, scrypt) is told by how slowly. Rejects with OVERLOADED.
   */
  verify(passwordHash: string | null, password: string): Promise<boolean>
}

class Slots {
  #running = 0
  readonly #waiting: (() => void)[] = []

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= runningMax) {
      if (this.#waiting.length >= waitingMax) {
        throw new AuthError('OVERLOADED', 'too many logins at once', { retryAfterMs: 1_000 })
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else this.#running += 1
    try {
      return await work()
    } finally {
      // A slot is handed on, not given back: nobody can take it in between.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running -= 1
    }
  }
}

/** Bounded hashing: a flood of logins waits in line, and beyond the line is told to come back. */
export const openPasswords = async (matches = matchesHash): Promise<Passwords> => {
  const slots = new Slots()
  const decoy = await hashPassword('no password is compared with this')
  return {
    hash: (password) => slots.run(() => hashPassword(password)),
    verify: (passwordHash, password) => {
      // Longer input is refused at the cost of a comparison, not hashed: argon2 reads all of it.
      const usable = Buffer.byteLength(password) <= passwordBytesMax
      // An account that has no password (Django's `!`) must not be told by how fast it refuses.
      const known =
        usable && passwordHash !== null && isKnownHash(passwordHash) ? passwordHash : null
      return slots.run(async () => {
        const given = usable ? password : ''
        const same = await matches(known ?? decoy, given)
        if (known !== null && !isCurrentHash(known)) await matches(decoy, given)
        return same && known !== null
      })
    },
  }
}
