import type { Commit } from '../../../events/commit.ts'
import { SingleFlight } from '../../../kernel/concurrency/single-flight.ts'
import type { StreamId } from '../../../kernel/ids.ts'

export type ReadHead = (stream: StreamId) => Promise<Commit | null>

/**
 * One read of a stream's newest commit at a time, however many callers ask. A caller that asks
 * while one is under way shares the next one. That read begins after the question, so it sees all
 * that was acknowledged before it. Every request reads the cutoffs of everyone and of its client;
 * without this each is a round trip of its own. Price: a question may wait for the rest of the read
 * before its own. A read that fails fails for all who shared it.
 */
export const coalescedHeadReads = (read: ReadHead): ReadHead => {
  const runs = new Map<StreamId, SingleFlight<Commit | null>>()
  return async (stream) => {
    const run = runs.get(stream) ?? new SingleFlight(() => read(stream))
    runs.set(stream, run)
    try {
      return await run.runAfresh()
    } finally {
      if (run.isIdle && runs.get(stream) === run) runs.delete(stream)
    }
  }
}
