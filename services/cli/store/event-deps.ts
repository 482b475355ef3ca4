import type { EventDeps } from '../../gateway/publication/index.ts'
import type { StoreContext } from './open-store.ts'

/** What a command appends events with: a gateway’s relay tells the log of them. */
export const eventDeps = ({ context }: Pick<StoreContext, 'context'>): EventDeps => ({
  context,
  publisher: { enqueue: () => {} },
})
