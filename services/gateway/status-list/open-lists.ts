import type { Epoch, Listing } from '../../../shared/events/commit.ts'
import type { Entropy } from '../../../shared/kernel/entropy.ts'
import { type EpochMs, type EpochSeconds, msOf } from '../../../shared/kernel/ids.ts'
import { listNameText, windowEnd } from '../../../shared/session/listing.ts'
import { StatusBits } from '../../../shared/tokens/status-list/index.ts'

/** Places in one list: 16 KiB of it. */
export const listPlaces = 131_072

type OpenList = { readonly name: string; readonly until: EpochSeconds; used: number } & Readonly<{
  taken: StatusBits
}>

/**
 * The lists that this process fills, one for each window and cutoff of everyone at a time. Each has
 * a random shard in its name that no other process draws, so places need no agreement: what is
 * taken here is taken everywhere. A list is half full at most, so that a free place is found at
 * the second try on average. 16 KiB of memory for each.
 */
export class OpenLists {
  readonly #entropy: Entropy
  readonly #now: () => EpochMs
  readonly #lists = new Map<string, OpenList>()

  constructor({ entropy, now }: Readonly<{ entropy: Entropy; now: () => EpochMs }>) {
    this.#entropy = entropy
    this.#now = now
  }

  draw(exp: EpochSeconds, { all }: Pick<Epoch, 'all'>): Listing {
    const until = windowEnd(exp)
    const key = `${until}-${all}`
    const kept = this.#lists.get(key)
    const list = kept && kept.used < listPlaces / 2 ? kept : this.#open(key, until, all)
    const idx = this.#freePlace(list.taken)
    list.taken.invalidate(idx)
    list.used += 1
    return { list: list.name, idx }
  }

  #open(key: string, until: EpochSeconds, all: number): OpenList {
    const now = this.#now()
    for (const [other, list] of this.#lists) if (msOf(list.until) < now) this.#lists.delete(other)
    const shard = this.#entropy.bytes(8).toString('hex')
    const name = listNameText({ until, all, shard })
    const list = { name, until, used: 0, taken: new StatusBits(listPlaces) }
    this.#lists.set(key, list)
    return list
  }

  #freePlace(taken: StatusBits): number {
    for (;;) {
      const idx = this.#entropy.bytes(4).readUInt32BE(0) % listPlaces
      if (!taken.isInvalid(idx)) return idx
    }
  }
}
