import { createHmac, type KeyObject } from 'node:crypto'
import { networkOf } from '../../../shared/kernel/addresses/ip-address.ts'
import type { RateLimits, RateRule } from '../../../shared/ports/rate-limits.ts'
import type { User } from '../../../shared/ports/user-directory.ts'
import { emailKey } from './account-rules.ts'
import { storedName } from './user-names.ts'

const minuteMs = 60_000
/** Failures of one account from one address. */
export const pairRule: RateRule = { name: 'login-pair', points: 10, windowMs: 5 * minuteMs }
/** Failures from one address over all accounts: stuffing. */
export const addressRule: RateRule = { name: 'login-address', points: 50, windowMs: 5 * minuteMs }
/** Failures of one account from addresses that never logged in to it: a distributed guess. */
export const strangerRule: RateRule = {
  name: 'login-strangers',
  points: 100,
  windowMs: 60 * minuteMs,
}
/** How many addresses of a user are remembered. */
export const knownAddressesMax = 16

export type Attempt = Readonly<{
  /** As it was typed. */
  username: string
  address: string
  /** Whose account it is: guesses at one count together, under whichever of its names. */
  owner?: string
}>
export type Admitted = Readonly<{
  admitted: true
  addressId: string
  refund: () => Promise<void>
}>
/** Which bound was reached. */
export type Limit = 'pair' | 'address' | 'strangers'
export type Limited = Readonly<{
  retryAfterMs: number
  limit: Limit
  /** The name that was tried, as a keyed hash. */
  account: string
}>
export type Admission = Admitted | (Limited & Readonly<{ admitted: false }>)

/**
 * Login attempts, bounded per account and per address. An address that logged in to the account
 * before is only bound by its own failures there, so nobody can lock the real user out by failing
 * from elsewhere. Points are taken before the password is looked at (racing guesses count) and
 * given back on success.
 */
export class LoginLimits {
  readonly #limits: RateLimits
  readonly #key: KeyObject

  constructor(limits: RateLimits, key: KeyObject) {
    this.#limits = limits
    this.#key = key
  }

  /** Names and addresses are stored as keyed hashes only. */
  hashed(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('hex').slice(0, 32)
  }

  /**
   * The same for each spelling of a name, or of an address: another composition or case is no
   * further try. Of the text alone, so that the limits do not tell which accounts exist.
   */
  accountId(username: string): string {
    const text = username.includes('@') ? emailKey(username) : storedName(username)
    return this.hashed(`account:${text}`)
  }

  /** Whether nobody of the fleet asked the same within the window: for what is told once. */
  async isFirst(name: string, key: string, windowMs: number): Promise<boolean> {
    const rule = { name: `told-${name}`, points: 1, windowMs }
    return (await this.#limits.take(rule, this.hashed(key))).allowed
  }

  /** Takes one of the rule's points, if there is one left. */
  async isWithin(rule: RateRule, key: string): Promise<boolean> {
    return (await this.#limits.take(rule, this.hashed(key))).allowed
  }

  async admit(
    { username, address, owner }: Attempt,
    user: Pick<User, 'knownAddresses'> | null,
  ): Promise<Admission> {
    const account = this.accountId(username)
    const accounts = owner === undefined ? [account] : [account, this.hashed(`owner:${owner}`)]
    const addressId = this.hashed(`address:${networkOf(address)}`)
    const isKnown = user?.knownAddresses.includes(addressId) ?? false
    // The address first: what it may not do any more must not even leave a trace per made-up name.
    const wanted: [RateRule, string, Limit][] = isKnown ? [] : [[addressRule, addressId, 'address']]
    for (const one of accounts) {
      if (!isKnown) wanted.push([strangerRule, one, 'strangers'])
      wanted.push([pairRule, `${one}:${addressId}`, 'pair'])
    }
    const taken: [RateRule, string][] = []
    const refund = async (): Promise<void> => {
      // Once: a second refund would give points that nobody took.
      await Promise.all(taken.splice(0).map(([rule, key]) => this.#limits.giveBack(rule, key)))
    }
    for (const [rule, key, limit] of wanted) {
      const { allowed, retryAfterMs } = await this.#limits.take(rule, key)
      if (!allowed) {
        await refund()
        return { admitted: false, retryAfterMs, limit, account }
      }
      taken.push([rule, key])
    }
    return { admitted: true, addressId, refund }
  }
}
