import dns, { type LookupAddress } from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'

type Callback = (error: Error | null, found: LookupAddress[]) => void

/**
 * While `work` runs, `name` has the addresses that `answer` gives, asked anew at each look-up; all
 * other names have their own. For code that asks with `all`.
 */
export const withName = async <T>(
  name: string,
  answer: () => readonly string[],
  work: () => Promise<T>,
): Promise<T> => {
  const real = dns.lookup
  const fake = (host: string, options: object, callback: Callback): void => {
    if (host !== name) {
      Reflect.apply(real, dns, [host, options, callback])
      return
    }
    const found = answer().map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    setImmediate(() => callback(null, found))
  }
  Object.assign(dns, { lookup: fake })
  syncBuiltinESMExports()
  try {
    return await work()
  } finally {
    Object.assign(dns, { lookup: real })
    syncBuiltinESMExports()
  }
}
