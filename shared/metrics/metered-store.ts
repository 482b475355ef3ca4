import type { NewCommit } from '../events/commit.ts'
import type { AuthEvent } from '../events/event.ts'
import type { Clock } from '../kernel/clock.ts'
import type { EventStore } from '../ports/event-store.ts'
import type { Meter } from './meter.ts'

const countIssued = (meter: Meter, { events }: NewCommit): void => {
  const issued = events.find(({ type }) => type === 'TokenIssued')
  if (issued?.type !== 'TokenIssued') return
  if (issued.data.cause === 'login') meter.count('curfew_logins_total', { outcome: 'opened' })
  else meter.count('curfew_refreshes_total', { outcome: 'refreshed' })
}

const countEvent = (meter: Meter, { type, data }: AuthEvent): void => {
  if (type === 'LoginFailed') meter.count('curfew_logins_total', { outcome: data.reason })
  if (type === 'GraceReplayed') meter.count('curfew_refreshes_total', { outcome: 'replayed' })
  if (type === 'ReuseDetected') meter.count('curfew_refreshes_total', { outcome: 'reused' })
  if (type === 'TokenRevoked' && data.reason !== 'rotated') {
    meter.count('curfew_revocations_total', { scope: data.scope, reason: data.reason })
  }
}

/**
 * Counts what happened where it becomes true: at the append. So every door and every command is
 * counted alike, and none has to remember it. An append whose answer was lost is not counted.
 */
export const meteredStore = (store: EventStore, meter: Meter, clock: Clock): EventStore => {
  const secondsSince = (startedMs: number): number => (clock.monotonicMs() - startedMs) / 1000
  const timed = async <T>(call: string, work: () => Promise<T>): Promise<T> => {
    const startedMs = clock.monotonicMs()
    try {
      return await work()
    } catch (error) {
      meter.count('curfew_store_failures_total', { call })
      throw error
    } finally {
      meter.observe('curfew_store_seconds', { call }, secondsSince(startedMs))
    }
  }
  return {
    heads: (streams) => timed('heads', () => store.heads(streams)),
    read: (...given) => timed('read', () => store.read(...given)),
    append: async (commit, telling) => {
      const startedMs = clock.monotonicMs()
      const answer = await timed('append', () => store.append(commit, telling))
      if (answer.outcome === 'appended') {
        if (answer.told) meter.observe('curfew_publish_seconds', {}, secondsSince(startedMs))
        countIssued(meter, commit)
        for (const event of commit.events) countEvent(meter, event)
      }
      return answer
    },
    relayScan: async (limit, logStart) => {
      const scan = await timed('relayScan', () => store.relayScan(limit, logStart))
      const { t, closed } = scan.tick
      // Before anybody closed time there is no age.
      if (closed > 0) meter.set('curfew_closed_time_age_seconds', {}, (t - closed) / 1000)
      // Revocations ask for a page with every tick; one that asks for one commit tells no count.
      if (limit > 1) meter.set('curfew_unpublished', { kind: 'r' }, scan.revocations.length)
      return scan
    },
    publishedBelow: (...given) => timed('publishedBelow', () => store.publishedBelow(...given)),
    unpublishedOthers: async (before, limit) => {
      const found = await timed('unpublishedOthers', () => store.unpublishedOthers(before, limit))
      meter.set('curfew_unpublished', { kind: 'o' }, found.length)
      return found
    },
    revocationsAfter: (...given) => store.revocationsAfter(...given),
    listAfter: (...given) => timed('listAfter', () => store.listAfter(...given)),
    listed: (...given) => timed('listed', () => store.listed(...given)),
    standingEnds: (at) => store.standingEnds(at),
    liveSessions: (...given) => store.liveSessions(...given),
    markPublished: (...given) => timed('markPublished', () => store.markPublished(...given)),
    noteAcknowledged: (...given) => store.noteAcknowledged(...given),
    noteClosed: (...given) => store.noteClosed(...given),
    renewLogId: (...given) => store.renewLogId(...given),
    agree: (...given) => store.agree(...given),
    prune: (...given) => timed('prune', () => store.prune(...given)),
    close: () => store.close(),
  }
}
