import type { AuditEventBody, AuditPageBody } from '../../../gateway/answers.ts'
import { duration } from '../model/format.ts'
import { useAsked } from '../model/use-asked.ts'
import { Card } from './page.tsx'

type Measured = Readonly<{
  name: string
  instance: string
  p99Ms: number | null
  maxMs: number | null
}>

const measuredIn = (events: readonly AuditEventBody[]): readonly Measured[] => {
  const found = new Map<string, Measured>()
  for (const { data } of events) {
    for (const guard of (data['guards'] ?? []) as readonly Measured[]) {
      if (!found.has(guard.instance)) found.set(guard.instance, guard)
    }
  }
  return [...found.values()]
}

const minuteMs = 60_000

/** How long each guard took to refuse, as those measured that refused in the minute of an end. */
export const Refusals = ({ at }: Readonly<{ at: number }>) => {
  const query = {
    kind: 'PropagationMeasured',
    since: new Date(at - minuteMs).toISOString(),
    until: new Date(at + 3 * minuteMs).toISOString(),
    order: 'oldest',
  }
  const { body } = useAsked<AuditPageBody>('/audit/events', { query, everyMs: 10_000 })
  const guards = measuredIn(body?.events ?? [])
  const longest = Math.max(1, ...guards.map(({ maxMs }) => maxMs ?? 0))
  return (
    <Card
      title="Refused by"
      note={
        'From the revocation to the first refusal that it caused; at most so long. Guards ' +
        'measure it once a minute, of all revocations in that minute.'
      }
    >
      {guards.length === 0 ? (
        <p class="quiet">No guard has measured that minute yet.</p>
      ) : (
        <ul class="bars">
          {guards.map(({ name, instance, maxMs }) => (
            <li key={instance}>
              <span>
                {name} <code class="quiet">{instance.slice(0, 6)}</code>
              </span>
              <meter min={0} max={longest} value={maxMs ?? longest} />
              <span class="number">{maxMs === null ? 'longer' : `≤ ${duration(maxMs)}`}</span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
