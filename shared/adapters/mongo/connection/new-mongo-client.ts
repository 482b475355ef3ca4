import { MongoClient, type MongoClientOptions } from 'mongodb'
import { type MongoAddress, readMongoAddress } from '../../../kernel/addresses/mongo-address.ts'
import { AuthError } from '../../../kernel/errors.ts'

type Understood = Extract<MongoAddress, { ok: true }>

/**
 * Why the driver does not take an address. It is asked without user and password, and what it says
 * is not shown: it may quote the value of an option, which may be a password too.
 */
const driverMistake = (
  { scheme, hosts, options }: Understood,
  given: MongoClientOptions,
): string => {
  const takes = (query: readonly string[]): boolean => {
    try {
      new MongoClient(`${scheme}://user:password@${hosts.join(',')}/?${query.join('&')}`, given)
      return true
    } catch {
      return false
    }
  }
  if (!takes([])) return 'has hosts that the driver does not take'
  const bad = options.find((option) => !takes([option]))
  const name = bad?.split('=', 1)[0] ?? ''
  if (/^[A-Za-z]{1,40}$/.test(name))
    return `has an option ${name} that takes no such value, or is none`
  return bad === undefined ? 'has options that do not go together' : 'has an option that is none'
}

/** @throws AuthError CONFIG_INVALID that shows nothing of the user and the password */
export const newMongoClient = (
  url: string,
  options: MongoClientOptions,
): Readonly<{ client: MongoClient; address: Understood }> => {
  const address = readMongoAddress(url)
  const refused = (mistake: string): never => {
    throw new AuthError('CONFIG_INVALID', `CURFEW_MONGODB_URL ${mistake}`)
  }
  if (!address.ok) return refused(address.mistake)
  try {
    return { client: new MongoClient(url, options), address }
  } catch {
    return refused(driverMistake(address, options))
  }
}
