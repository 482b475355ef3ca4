import { termsThatKnow } from '../../../shared/events/audit-terms.ts'
import { readEventRecord } from '../../../shared/events/read-event-record.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { Arrived, Lane } from '../../../shared/ports/audit-index.ts'
import { type Asking, firstOf } from '../audit/index.ts'
import { eventsOf } from './question-rows.ts'

/**
 * For which time an answer has all that the log has: from its oldest event on, up to the instant at
 * which the index was last seen to have all of it. `null`: not known (yet).
 */
export type Coverage = Readonly<{ from: EpochMs | null; to: EpochMs | null }>

/** The lane of each partition that is filled now; those before it are of another log. */
const currentLanes = (lanes: readonly Lane[]): readonly Lane[] => [
  ...new Map(lanes.map((lane) => [lane.partition, lane])).values(),
]

const through = (lanes: readonly Lane[]): EpochMs | null =>
  lanes.reduce<EpochMs | null>(
    (least, { through: at }) => (least === null || at === null || at < least ? at : least),
    lanes[0]?.through ?? null,
  )

/** @throws AuthError AUDIT_UNFILLED, STORE_UNAVAILABLE */
export const coverageOf = async (asking: Asking): Promise<Coverage> => {
  const [lanes, oldest] = await Promise.all([
    asking.index.lanes(),
    firstOf(asking, {}, { order: 'oldest' }),
  ])
  return { from: oldest?.at ?? null, to: through(currentLanes(lanes)) }
}

/** Where a lane begins: its first event that can be read; `null` while it has none. */
const beginningOf = async (
  { index, events }: Asking,
  lanes: readonly Lane[],
  { lane, partition }: Lane,
): Promise<EpochMs | null> => {
  let arrived: Arrived = new Map(lanes.map(({ lane, next }) => [lane, next]))
  arrived = new Map([...arrived, [lane, 0]])
  for (let more = true; more; ) {
    const page = await index.arrivals(arrived, 16)
    for (const record of page.records) {
      // Another partition may have been indexed further meanwhile.
      if (record.partition !== partition) continue
      const read = readEventRecord(events, record)
      if (read.ok && read.at !== null) return read.at
    }
    arrived = page.arrived
    more = page.more
  }
  return null
}

/**
 * From when on an index has what was asked of it, if that needs lanes of these terms at least: what
 * a log no longer has was given the terms of its time, and is not found by later ones.
 */
const knownFrom = async (asking: Asking, terms: number): Promise<EpochMs | null> => {
  const lanes = await asking.index.lanes()
  const froms = await Promise.all(
    currentLanes(lanes).map(async ({ partition }) => {
      const all = lanes.filter((lane) => lane.partition === partition)
      if (all.every((lane) => lane.terms >= terms)) return 0 as EpochMs
      // Behind the last lane of former terms: another auditor may still have opened one.
      const newest = all.findLastIndex((lane) => lane.terms < terms)
      const known = all[newest + 1]
      return known ? beginningOf(asking, lanes, known) : null
    }),
  )
  return froms.reduce((most, from) => {
    return most === null || from === null ? null : (Math.max(most, from) as EpochMs)
  }, 0 as EpochMs)
}

/** Before when a retention let go of what the index had; 0 where none did. */
const lostBefore = async (asking: Asking, oldest: EpochMs | null): Promise<EpochMs> => {
  const newest = await firstOf(asking, { kind: 'TrailRetained' }, { order: 'newest' })
  const [told] = eventsOf(newest ? [newest] : [], 'TrailRetained')
  // A retention of later times may have been before the newest: then nothing so old is left.
  return (told ? Math.max(told.data.before, oldest ?? 0) : 0) as EpochMs
}

const latest = (a: EpochMs | null, b: EpochMs | null): EpochMs | null =>
  a === null || b === null ? null : (Math.max(a, b) as EpochMs)

/** From when on it has all that it needs, where what was before this instant is not known. */
type CompleteFrom = (beginning: EpochMs) => Promise<EpochMs | null>

/**
 * What an answer rests on, with the time for which it has all of that. The index is asked through
 * `asking`, which notes by what: an index that was filled by an older auditor lacks later terms.
 */
export const answeredWithin = async <Answer>(
  asking: Asking,
  answer: (asking: Asking) => Promise<Answer>,
  completeFrom: CompleteFrom = async (beginning) => beginning,
): Promise<Readonly<{ answer: Answer; coverage: Coverage }>> => {
  // Before the rows: what comes in between is in them and not promised.
  const { from, to } = await coverageOf(asking)
  const lost = await lostBefore(asking, from)
  let terms = 1
  const { index } = asking
  const noting: Asking['index'] = {
    lanes: () => index.lanes(),
    arrivals: (after, limit) => index.arrivals(after, limit),
    page: (query) => {
      terms = Math.max(terms, termsThatKnow(query.terms))
      return index.page(query)
    },
  }
  const answered = await answer({ ...asking, index: noting })
  const beginning = latest(lost, await knownFrom(asking, terms))
  const complete = beginning ? await completeFrom(beginning) : beginning
  return { answer: answered, coverage: { from: latest(from, complete), to } }
}
