import type { ListedToken } from '../../../shared/events/listed-token.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import type { ListName } from '../../../shared/session/listing.ts'
import { StatusBits } from '../../../shared/tokens/status-bits.ts'
import { listPlaces } from './open-lists.ts'
import type { StandingEnds } from './standing-ends.ts'

const pageSize = 1_000

/**
 * The bits of the list called `text`; `null` where no token is in it. A place that nobody was given
 * is VALID: a copy of a list is older than the newest tokens in it. A page of tokens is in memory
 * at a time.
 */
export const buildList = async (
  store: Pick<EventStore, 'listed'>,
  { text, name }: Readonly<{ text: string; name: ListName }>,
  readEnds: () => Promise<StandingEnds>,
): Promise<StatusBits | null> => {
  let page: readonly ListedToken[] = await store.listed(text, null, pageSize)
  if (page.length === 0) return null
  const ends = await readEnds()
  const bits = new StatusBits(listPlaces)
  if (name.all < ends.all) {
    bits.markAll()
    return bits
  }
  for (;;) {
    for (const token of page) if (ends.ends(token)) bits.mark(token.idx)
    const last = page.at(-1)
    if (page.length < pageSize || !last) return bits
    page = await store.listed(text, last.id, pageSize)
  }
}
