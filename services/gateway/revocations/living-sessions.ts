import type { LiveSession, SessionScope } from '../../../shared/events/live-session.ts'
import { clientStream, everyoneStream, subjectStream } from '../../../shared/kernel/ids.ts'
import { cutoffsOf, isBelowCutoff } from '../../../shared/session/cutoffs-in-force.ts'
import type { ReadContext } from '../publication/index.ts'

type LivingSessionsDeps = Readonly<{ context: ReadContext }>

/** The sessions of the page that no cutoff has ended. Cost: one read of the store. */
export const withoutCutOff = async (
  { context: { store } }: LivingSessionsDeps,
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

/** The sessions that are alive now, page by page; only one page is in memory. */
export const livingSessions = async function* (
  deps: LivingSessionsDeps,
  whose: SessionScope,
): AsyncGenerator<readonly LiveSession[]> {
  for await (const page of deps.context.store.liveSessions(whose, deps.context.storeClock.now())) {
    yield await withoutCutOff(deps, page)
  }
}

export type SessionCount = Readonly<{ sessions: number; users: number }>

/**
 * How many sessions of how many users are alive now. In memory are one page, and the id of each
 * counted user.
 */
export const countLiving = async (
  deps: LivingSessionsDeps,
  whose: SessionScope,
): Promise<SessionCount> => {
  const users = new Set<LiveSession['sub']>()
  let sessions = 0
  for await (const page of livingSessions(deps, whose)) {
    sessions += page.length
    for (const { sub } of page) users.add(sub)
  }
  return { sessions, users: users.size }
}

/** Whether there is a session that was not ended alone and has not expired. Ignores cutoffs. */
export const hasUnexpiredSession = async (
  { context: { store, storeClock } }: LivingSessionsDeps,
  whose: SessionScope,
): Promise<boolean> => {
  for await (const page of store.liveSessions(whose, storeClock.now())) {
    if (page.length > 0) return true
  }
  return false
}
