import type { StatusListEntry } from '../../../shared/events/status-list-entry.ts'
import type { ConcurrencyQueue } from '../../../shared/kernel/concurrency/concurrency-queue.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import type { ListName } from '../../../shared/session/status-list-index.ts'
import { StatusBits } from '../../../shared/tokens/status-list/index.ts'
import type { RevocationsInForce } from './revocations-in-force.ts'
import { indexesPerList } from './status-list-indexes.ts'

const pageSize = 1_000

/**
 * The bits of the list called `text`; `null` if no token is in it. An index that no token has is
 * VALID, since a copy of a list is older than the newest tokens in it. One page of tokens is in
 * memory at a time. @throws AuthError OVERLOADED
 */
export const buildStatusBits = async (
  store: Pick<EventStore, 'listed'>,
  { text, name }: Readonly<{ text: string; name: ListName }>,
  {
    readRevocations,
    slots,
  }: Readonly<{ readRevocations: () => Promise<RevocationsInForce>; slots: ConcurrencyQueue }>,
): Promise<StatusBits | null> => {
  const page = await store.listed(text, null, pageSize)
  // A made-up name ends here, before it takes a slot.
  return page.length === 0
    ? null
    : slots.run(async () => bitsFrom(store, { text, name }, page, await readRevocations()))
}

const bitsFrom = async (
  store: Pick<EventStore, 'listed'>,
  { text, name }: Readonly<{ text: string; name: ListName }>,
  first: readonly StatusListEntry[],
  revocations: RevocationsInForce,
): Promise<StatusBits> => {
  const bits = new StatusBits(indexesPerList)
  if (name.all < revocations.cutoffOfAll) {
    bits.invalidateAll()
    return bits
  }
  for (let page = first; ; ) {
    for (const token of page) if (revocations.ends(token)) bits.invalidate(token.idx)
    const last = page.at(-1)
    if (page.length < pageSize || !last) return bits
    page = await store.listed(text, last.id, pageSize)
  }
}
