import { type EventOf, event } from '../../../shared/events/event.ts'
import type { GuardReport } from '../../../shared/ports/guard-registry.ts'
import { guardKey } from './guard-changes.ts'
import { headKey } from './trail-comparison.ts'

/** What to tell once; `name` is the same at every gateway that sees it. */
export type TrailDispute = Readonly<{ name: string; event: EventOf<'TrailDisputed'> }>
type State = EventOf<'TrailDisputed'>['data']['state']

const stateOf = ({ trail }: GuardReport, split: ReadonlySet<string>): State | null => {
  if (!trail || trail.state === 'unreachable') return null
  if (trail.state !== 'consistent') return trail.state
  return trail.head && split.has(headKey(trail.head)) ? 'split' : null
}

/** What guards dispute, given the heads that are of two pasts. Pure. */
export const trailDisputes = (
  reports: readonly GuardReport[],
  split: ReadonlySet<string>,
): readonly TrailDispute[] =>
  reports.flatMap((report) => {
    const state = stateOf(report, split)
    if (state === null) return []
    const { client, instance, name } = report
    const head = report.trail?.head ?? null
    const place = head ? headKey(head) : ''
    return {
      name: `trail-disputed:${guardKey(report)}:${state}:${place}`,
      event: event('TrailDisputed', { client, instance, name, state, head }),
    }
  })
