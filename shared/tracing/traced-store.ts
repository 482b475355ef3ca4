import type { NewCommit } from '../events/commit.ts'
import type { EventStore } from '../ports/event-store.ts'
import { withTrace } from './traced-log.ts'
import type { Tracing } from './tracing.ts'

const keyOf = ({ id }: NewCommit): string => `${id.s}:${id.v}`

/**
 * Makes a span of each append, and remembers whose trace the commit is of until it is published.
 * The same store where nobody traces.
 */
export const tracedStore = (store: EventStore, tracing: Tracing | null): EventStore => {
  if (tracing === null) return store
  return {
    ...store,
    append: (commit, telling) => {
      const types = commit.events.map(({ type }) => type)
      const attributes = { 'curfew.events': types }
      return tracing.within({ name: 'append', kind: 'internal', attributes }, async (own) => {
        // Before the append: whoever publishes may be faster than its answer.
        tracing.remember(keyOf(commit), own)
        const records = telling?.records.map((record) => withTrace(record, own))
        const answer = await store.append(commit, telling && { ...telling, records: records ?? [] })
        const isTold = answer.outcome !== 'appended' || answer.told !== undefined
        if (isTold) tracing.forget(keyOf(commit))
        return answer
      })
    },
  }
}
