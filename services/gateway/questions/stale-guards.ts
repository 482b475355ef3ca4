import type { EventType } from '../../../shared/events/event.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { type Asking, eachOf } from '../audit/index.ts'
import { eventsOf } from './question-rows.ts'

/** When a guard could not say that it knew all; `to` is `null` while it cannot yet. */
export type StaleGuard = Readonly<{
  client: string
  instance: string
  name: string
  from: EpochMs
  to: EpochMs | null
}>

type Turn = Readonly<{ at: EpochMs; key: string; guard: Omit<StaleGuard, 'from' | 'to'> | null }>

const turnsOf = async (
  asking: Asking,
  kind: 'GuardStale' | 'GuardFresh' | 'GuardGone',
  time: Readonly<{ since: EpochMs; until: EpochMs }>,
): Promise<Turn[]> => {
  const turns: Turn[] = []
  for await (const event of eachOf(asking, { kind }, { ...time, order: 'oldest', limit: 500 })) {
    const [turn] = eventsOf([event], kind as EventType) as ReturnType<typeof eventsOf<'GuardStale'>>
    if (!turn) continue
    const { client, instance, name } = turn.data
    const guard = kind === 'GuardStale' ? { client, instance, name } : null
    turns.push({ at: turn.at, key: `${client}/${instance}`, guard })
  }
  return turns
}

/** How far before and after it is looked: who is stale for longer is not found. */
export const lookBackMs = 31 * 86_400_000

/** The times in which guards were stale, of those that touch this one. */
export const staleGuards = async (
  asking: Asking,
  since: EpochMs,
  until: EpochMs,
): Promise<readonly StaleGuard[]> => {
  const begin = Math.max(0, since - lookBackMs) as EpochMs
  const later = { since: begin, until: (until + lookBackMs) as EpochMs }
  const [stale, fresh, gone] = await Promise.all([
    turnsOf(asking, 'GuardStale', { since: begin, until }),
    turnsOf(asking, 'GuardFresh', later),
    turnsOf(asking, 'GuardGone', later),
  ])
  const ends = [...fresh, ...gone].sort((a, b) => a.at - b.at)
  return stale.flatMap(({ at, key, guard }) => {
    const to = ends.find((end) => end.key === key && end.at >= at)?.at ?? null
    return guard && (to === null || to >= since) ? [{ ...guard, from: at, to }] : []
  })
}
