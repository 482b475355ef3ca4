import type { EventData } from '../../../shared/events/event.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { type Asking, eachOf, type Page } from '../audit/index.ts'
import { concerns, type LoginBudget, pageOfEnds } from './ends-of-user.ts'
import { eventsOf, type Known, mapEach, type Rows } from './question-rows.ts'
import type { SessionAge } from './session-age.ts'
import { type StaleGuard, staleGuards } from './stale-guards.ts'

/** Of the guard that was slowest in the minutes in which this revocation came to guards. */
export type Slowest = Readonly<{
  client: string
  instance: string
  name: string
  /** At most so long; `null`: longer than guards count. */
  maxMs: number | null
}>

export type Refusal = Readonly<{
  id: string
  at: EpochMs
  key: string
  reason: EventData<'TokenRevoked'>['reason']
  actor: EventData<'TokenRevoked'>['actor']
  /** How many guards measured in those minutes. */
  guards: number
  /** `null`: none of them measured. */
  slowest: Slowest | null
  /** Which guards were stale meanwhile. */
  stale: readonly StaleGuard[]
}>

/** Guards report every few seconds, and are summed up once a minute. */
const measuredWithinMs = 3 * 60_000

export type Measured = EventData<'PropagationMeasured'>['guards'][number]

const beyond = Number.POSITIVE_INFINITY
const slower = (a: Measured, b: Measured): Measured =>
  (b.maxMs ?? beyond) > (a.maxMs ?? beyond) ? b : a

/** What guards measured in the minutes in which a revocation came to them. */
export const measuredAfter = async (asking: Asking, at: EpochMs): Promise<readonly Measured[]> => {
  const time = { since: at, until: (at + measuredWithinMs) as EpochMs }
  const page = { ...time, order: 'oldest', limit: 16 } as const
  const found: Measured[] = []
  for await (const event of eachOf(asking, { kind: 'PropagationMeasured' }, page)) {
    for (const { data } of eventsOf([event], 'PropagationMeasured')) {
      // A summary of a later minute says nothing of this revocation.
      if (data.from <= at + 60_000) found.push(...data.guards)
    }
  }
  return found
}

const refusalOf = async (
  asking: Asking,
  { id, at, data: { key, reason, actor } }: Known<'TokenRevoked'>,
  stale: readonly StaleGuard[],
): Promise<Refusal> => {
  const measured = await measuredAfter(asking, at)
  const worst = measured.length === 0 ? null : measured.reduce(slower)
  const until = at + measuredWithinMs
  const meanwhile = stale.filter(({ from, to }) => from <= until && (to === null || to >= at))
  return {
    ...{ id, at, key, reason, actor, stale: meanwhile },
    guards: new Set(measured.map(({ client, instance }) => `${client}/${instance}`)).size,
    slowest: worst && {
      ...{ client: worst.client, instance: worst.instance, name: worst.name },
      maxMs: worst.maxMs,
    },
  }
}

/** As of the sessions that `used-after` looks at for a page. */
const loginsMax = 300

/**
 * How long after each revocation the slowest guard refused, and which guards were stale then. Of a
 * user: after each that ended a token of theirs, also if it names nobody; of a user with very many
 * logins also after cutoffs of which that is not known.
 */
export const guardRefusals = async (
  asking: Asking,
  age: SessionAge,
  user: string | null,
  page: Page,
): Promise<Rows<Refusal>> => {
  const { events, next } = await pageOfEnds(asking, user, page)
  const all = eventsOf(events, 'TokenRevoked')
  const budget: LoginBudget = { left: loginsMax }
  const areMeant = await mapEach(all, async (end) => {
    return user === null || concerns(asking, age, user, end, budget)
  })
  const ends = all.filter((_, index) => areMeant[index])
  const times = ends.map(({ at }) => at)
  if (times.length === 0) return { rows: [], next }
  const [first, last] = [Math.min(...times), Math.max(...times) + measuredWithinMs]
  const stale = await staleGuards(asking, first as EpochMs, last as EpochMs)
  return { rows: await mapEach(ends, (end) => refusalOf(asking, end, stale)), next }
}
