import type { Entropy } from '../../../shared/kernel/entropy.ts'
import { seededEntropy } from './seeded-entropy.ts'

/** Draws that a seed repeats. */
export class Dice {
  readonly #entropy: Entropy

  constructor(seed: string) {
    this.#entropy = seededEntropy(seed)
  }

  below(count: number): number {
    return this.#entropy.bytes(4).readUInt32BE() % count
  }

  /** @throws Error when there is nothing to pick from. */
  pick<T>(from: readonly T[]): T {
    const picked = from[this.below(Math.max(from.length, 1))]
    if (picked === undefined) throw new Error('nothing to pick from')
    return picked
  }

  /** True `percent` times in 100. */
  chance(percent: number): boolean {
    return this.below(100) < percent
  }
}
