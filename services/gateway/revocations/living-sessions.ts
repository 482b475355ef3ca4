import type { LiveSession, SessionScope } from '../../../shared/events/live-session.ts'
import { clientStream, everyoneStream, subjectStream } from '../../../shared/kernel/ids.ts'
import { cutoffsOf, isBelowCutoff } from '../../../shared/session/cutoffs-in-force.ts'
import type { ReadContext } from '../publication/index.ts'

type Parts = Readonly<{ context: ReadContext }>

/** Leaves out what a cutoff ended; one read for all streams of cutoffs that a page is under. */
export const stillLiving = async (
  { context: { store } }: Parts,
  page: readonly LiveSession[],
): Promise<readonly LiveSession[]> => {
  if (page.length === 0) return page
  const [subs, clients] = [new Set<LiveSession['sub']>(), new Set<LiveSession['client']>()]
  for (const { sub, client } of page) {
    subs.add(sub)
    clients.add(client)
  }
  const streams = [
    everyoneStream,
    ...[...subs].map(subjectStream),
    ...[...clients].map(clientStream),
  ]
  const heads = await store.heads(streams)
  const headOf = new Map(streams.map((stream, index) => [stream, heads[index] ?? null]))
  return page.filter(({ sub, client, epoch }) => {
    const [subject, ofClient] = [headOf.get(subjectStream(sub)), headOf.get(clientStream(client))]
    const cutoffs = cutoffsOf(subject ?? null, ofClient ?? null, headOf.get(everyoneStream) ?? null)
    return !isBelowCutoff(epoch, cutoffs)
  })
}

/** Sessions that live now, in pages: nothing of their number is held at once. */
export const livingSessions = async function* (
  deps: Parts,
  whose: SessionScope,
): AsyncGenerator<readonly LiveSession[]> {
  for await (const page of deps.context.store.liveSessions(whose, deps.context.storeClock.now())) {
    yield await stillLiving(deps, page)
  }
}

export type Counted = Readonly<{ sessions: number; users: number }>

/**
 * How many sessions of how many users live now. Held at once: a page, and the id of each user that
 * was counted.
 */
export const countLiving = async (deps: Parts, whose: SessionScope): Promise<Counted> => {
  const users = new Set<LiveSession['sub']>()
  let sessions = 0
  for await (const page of livingSessions(deps, whose)) {
    sessions += page.length
    for (const { sub } of page) users.add(sub)
  }
  return { sessions, users: users.size }
}

/** Whether one has not ended by itself, whatever cutoffs say. */
export const isAnyAlive = async (
  { context: { store, storeClock } }: Parts,
  whose: SessionScope,
): Promise<boolean> => {
  for await (const page of store.liveSessions(whose, storeClock.now())) {
    if (page.length > 0) return true
  }
  return false
}
