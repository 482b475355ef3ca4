import type { AcceptedToken, Epoch, Listing } from '../../../shared/events/commit.ts'
import type { Entropy } from '../../../shared/kernel/entropy.ts'
import { type EpochMs, type EpochSeconds, msOf } from '../../../shared/kernel/ids.ts'
import { listNameText, windowEnd } from '../../../shared/session/status-list-index.ts'
import { StatusBits } from '../../../shared/tokens/status-list/index.ts'

/** A list of this many bits has 16 KiB. */
export const indexesPerList = 131_072

type OpenList = {
  readonly name: string
  readonly until: EpochSeconds
  assigned: number
} & Readonly<{
  taken: StatusBits
}>

/**
 * Assigns a list and an index to each new token. This process fills one list at a time for each
 * window of expiry and cutoff of everyone. The name of a list has a random shard, so no other
 * process fills the same list and indexes need no agreement. Indexes are random; a list is filled
 * to half, so a free index is found at the second try on average. Each takes 16 KiB of memory.
 */
export class StatusListIndexes {
  readonly #entropy: Entropy
  readonly #now: () => EpochMs
  readonly #lists = new Map<string, OpenList>()

  constructor({ entropy, now }: Readonly<{ entropy: Entropy; now: () => EpochMs }>) {
    this.#entropy = entropy
    this.#now = now
  }

  assign(exp: EpochSeconds, { all }: Pick<Epoch, 'all'>): Listing {
    const until = windowEnd(exp)
    const key = `${until}-${all}`
    const current = this.#lists.get(key)
    const list =
      current && current.assigned < indexesPerList / 2 ? current : this.#open(key, until, all)
    const idx = this.#freeIndex(list.taken)
    list.taken.invalidate(idx)
    list.assigned += 1
    return { list: list.name, idx }
  }

  #open(key: string, until: EpochSeconds, all: number): OpenList {
    const now = this.#now()
    for (const [other, list] of this.#lists) if (msOf(list.until) < now) this.#lists.delete(other)
    const shard = this.#entropy.bytes(8).toString('hex')
    const name = listNameText({ until, all, shard })
    const list = { name, until, assigned: 0, taken: new StatusBits(indexesPerList) }
    this.#lists.set(key, list)
    return list
  }

  #freeIndex(taken: StatusBits): number {
    for (;;) {
      const idx = this.#entropy.bytes(4).readUInt32BE(0) % indexesPerList
      if (!taken.isInvalid(idx)) return idx
    }
  }
}

/**
 * The claims of an accepted token, with its status-list index if it has one; `lists` is the address
 * of the lists. It depends on the commit alone and on no setting, so a replay has the same claims.
 */
export const acceptedClaims = ({ listed, ...token }: AcceptedToken, lists: string) => {
  if (!listed) return token
  const { list, idx } = listed
  return { ...token, status: { status_list: { idx, uri: `${lists}/${list}` } } }
}

/** Whether a claim is the status-list index of a token, which its successor must not copy. */
export const isStatusClaim = (name: string, value: unknown): boolean =>
  name === 'status' && typeof value === 'object' && value !== null && 'status_list' in value
