import type { ListedToken } from '../../../shared/events/listed-token.ts'
import type { ConcurrencyQueue } from '../../../shared/kernel/concurrency/concurrency-queue.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import type { ListName } from '../../../shared/session/listing.ts'
import { StatusBits } from '../../../shared/tokens/status-list/index.ts'
import { listPlaces } from './open-lists.ts'
import type { RevocationsInForce } from './revocations-in-force.ts'

const pageSize = 1_000

/**
 * The bits of the list called `text`; `null` where no token is in it. A place that nobody was given
 * is VALID: a copy of a list is older than the newest tokens in it. A page of tokens is in memory
 * at a time. @throws AuthError OVERLOADED
 */
export const buildList = async (
  store: Pick<EventStore, 'listed'>,
  { text, name }: Readonly<{ text: string; name: ListName }>,
  {
    readEnds,
    slots,
  }: Readonly<{ readEnds: () => Promise<RevocationsInForce>; slots: ConcurrencyQueue }>,
): Promise<StatusBits | null> => {
  const page = await store.listed(text, null, pageSize)
  // Names that somebody made up end here, and keep nobody waiting.
  return page.length === 0
    ? null
    : slots.run(async () => bitsFrom(store, { text, name }, page, await readEnds()))
}

const bitsFrom = async (
  store: Pick<EventStore, 'listed'>,
  { text, name }: Readonly<{ text: string; name: ListName }>,
  first: readonly ListedToken[],
  ends: RevocationsInForce,
): Promise<StatusBits> => {
  const bits = new StatusBits(listPlaces)
  if (name.all < ends.all) {
    bits.invalidateAll()
    return bits
  }
  for (let page = first; ; ) {
    for (const token of page) if (ends.ends(token)) bits.invalidate(token.idx)
    const last = page.at(-1)
    if (page.length < pageSize || !last) return bits
    page = await store.listed(text, last.id, pageSize)
  }
}
