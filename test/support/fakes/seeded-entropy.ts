import { createHash } from 'node:crypto'
import type { Entropy } from '../../../shared/kernel/entropy.ts'

/**
 * The same `seed` gives the same bytes in the same order: SHA-256 over seed and counter. No secret
 * is safe in it.
 */
export const seededEntropy = (seed: string | number): Entropy => {
  let block = 0
  let pool = Buffer.alloc(0)
  return {
    bytes: (count) => {
      while (pool.length < count) {
        const next = createHash('sha256').update(`${seed}:${block}`).digest()
        pool = Buffer.concat([pool, next])
        block += 1
      }
      const taken = Buffer.from(pool.subarray(0, count))
      pool = Buffer.from(pool.subarray(count))
      return taken
    },
  }
}
