import { createHmac, type KeyObject } from 'node:crypto'
import { networkOf } from '../../../shared/kernel/addresses/ip-address.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { SubjectId } from '../../../shared/kernel/ids.ts'
import type { RateLimits, RateRule } from '../../../shared/ports/rate-limits.ts'
import type { User } from '../../../shared/ports/user-directory.ts'
import { emailKey } from './account-rules.ts'
import { storedName } from './name-spellings.ts'

const minuteMs = 60_000
/** Failures at one account from one address. */
export const pairRule: RateRule = { name: 'login-pair', points: 10, windowMs: 5 * minuteMs }
/** Failures from one address over all accounts: credential stuffing. */
export const addressRule: RateRule = { name: 'login-address', points: 50, windowMs: 5 * minuteMs }
/** Failures at one account from addresses that never logged in to it: a distributed attack. */
export const strangerRule: RateRule = {
  name: 'login-strangers',
  points: 100,
  windowMs: 60 * minuteMs,
}
/** How many addresses of a user are remembered. */
export const knownAddressesMax = 16

export type LoginAttempt = Readonly<{
  /** The user name as typed. */
  username: string
  address: string
  /** The account, so that guesses at it count together whichever of its names is used. */
  owner?: string
}>
export type Admitted = Readonly<{
  admitted: true
  addressId: string
  refund: () => Promise<void>
}>
/** Which limit was reached. */
export type Limit = 'pair' | 'address' | 'strangers'
export type Limited = Readonly<{
  retryAfterMs: number
  limit: Limit
  /** The name that was tried, as a keyed hash. */
  account: string
}>
export type Admission = Admitted | (Limited & Readonly<{ admitted: false }>)

type Wanted = Readonly<{ rule: RateRule; key: string; limit: Limit }>

/**
 * Limits the login attempts at each account and from each address. An address from which somebody
 * logged in to the account before is limited by its own failures there alone, so nobody can lock
 * out the real user by failing from elsewhere. Points are taken before the password is verified, so
 * that guesses at the same moment count, and given back on success.
 */
export class LoginLimits {
  readonly #limits: RateLimits
  readonly #key: KeyObject

  constructor(limits: RateLimits, key: KeyObject) {
    this.#limits = limits
    this.#key = key
  }

  /** Names and addresses are stored as keyed hashes only. */
  keyedHash(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('hex').slice(0, 32)
  }

  /**
   * A keyed hash of the name, equal for every normal form of a name and every case of an address,
   * so that another spelling is no further try. It follows from the text alone, so the limits do
   * not tell which accounts exist.
   */
  accountId(username: string): string {
    const text = username.includes('@') ? emailKey(username) : storedName(username)
    return this.keyedHash(`account:${text}`)
  }

  /** Whether this is the first call of the fleet with this name and key within the window. */
  async isFirst(name: string, key: string, windowMs: number): Promise<boolean> {
    const rule = { name: `told-${name}`, points: 1, windowMs }
    return (await this.#limits.take(rule, this.keyedHash(key))).allowed
  }

  /** Takes one of the rule's points, if there is one left. */
  async isWithin(rule: RateRule, key: string): Promise<boolean> {
    return (await this.#limits.take(rule, this.keyedHash(key))).allowed
  }

  async admit(
    { username, address, owner }: LoginAttempt,
    user: Pick<User, 'knownAddresses'> | null,
  ): Promise<Admission> {
    const account = this.accountId(username)
    const accounts = owner === undefined ? [account] : [account, this.keyedHash(`owner:${owner}`)]
    const addressId = this.keyedHash(`address:${networkOf(address)}`)
    const isKnown = user?.knownAddresses.includes(addressId) ?? false
    const strangers = accounts.map((id): Wanted => {
      return { rule: strangerRule, key: id, limit: 'strangers' }
    })
    const pairs = accounts.map((id): Wanted => {
      return { rule: pairRule, key: `${id}:${addressId}`, limit: 'pair' }
    })
    // In this order: an attempt that is refused must add no entry that nothing bounds, neither for
    // a made-up name nor for one more network. In memory, new entries push the oldest out.
    const ofAddress: Wanted = { rule: addressRule, key: addressId, limit: 'address' }
    const taken: Wanted[] = []
    const refund = async (): Promise<void> => {
      // `splice` empties the list, so a second refund gives nothing back.
      await Promise.all(taken.splice(0).map(({ rule, key }) => this.#limits.giveBack(rule, key)))
    }
    for (const wanted of isKnown ? [pairs] : [[ofAddress], strangers, pairs]) {
      const refusal = await this.#takeAll(wanted, taken)
      if (refusal === null) continue
      await refund()
      return { admitted: false, ...refusal, account }
    }
    return { admitted: true, addressId, refund }
  }

  /** At once, so that they share a write; the first that there is no point for, if there is one. */
  async #takeAll(
    wanted: readonly Wanted[],
    taken: Wanted[],
  ): Promise<Pick<Limited, 'retryAfterMs' | 'limit'> | null> {
    const answers = await Promise.all(
      wanted.map(async (one) => {
        const { allowed, retryAfterMs } = await this.#limits.take(one.rule, one.key)
        if (allowed) taken.push(one)
        return { allowed, retryAfterMs, limit: one.limit }
      }),
    )
    const refused = answers.find(({ allowed }) => !allowed)
    return refused ? { retryAfterMs: refused.retryAfterMs, limit: refused.limit } : null
  }
}

/** The 429 of a limited login, in the words of Django REST framework. */
export const rateLimited = ({
  retryAfterMs,
  limit,
  account,
  sub,
}: Limited & Readonly<{ sub: SubjectId | null }>): AuthError => {
  const seconds = Math.ceil(retryAfterMs / 1000)
  const message = `Request was throttled. Expected available in ${seconds} seconds.`
  return new AuthError('RATE_LIMITED', message, { retryAfterMs, about: { limit, account, sub } })
}
