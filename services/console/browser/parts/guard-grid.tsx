import type { OverviewBody } from '../../../gateway/answers.ts'
import { hrefOf } from '../model/address.ts'
import { counted, duration } from '../model/format.ts'

type Guard = OverviewBody['guards'][number]
export type GuardState = Readonly<{ tone: 'good' | 'warn' | 'bad'; text: string }>

/** A guard reports every five seconds. */
const silentMs = 15_000
/** A guard says by itself that it is not ready when it is stale; this is long before. */
const lateMs = 5_000

export const stateOfGuard = ({
  ready,
  silent_ms: silent,
  staleness_ms: stale,
  trail,
}: Guard): GuardState => {
  if (!ready) return { tone: 'bad', text: 'not ready' }
  if (trail === 'forked' || trail === 'disputed') return { tone: 'bad', text: 'disputes the trail' }
  if (silent > silentMs) return { tone: 'warn', text: `silent for ${duration(silent)}` }
  // What it reported, without the time since the report.
  const reported = stale === null ? null : stale - silent
  if (reported === null) return { tone: 'warn', text: 'does not know how fresh it is' }
  if (reported > lateMs) return { tone: 'bad', text: `stale for ${duration(reported)}` }
  return { tone: 'good', text: `fresh, ${duration(Math.max(0, reported))} behind` }
}

type Props = Readonly<{ guards: readonly Guard[]; stateOf?: (guard: Guard) => GuardState }>

/** Each attached guard as a field, which turns red where it cannot vouch for what it lets in. */
export const GuardGrid = ({ guards, stateOf = stateOfGuard }: Props) => (
  <ul class="guards" aria-label={counted(guards.length, 'guard')}>
    {guards.map((guard) => {
      const { tone, text } = stateOf(guard)
      const { name, client, instance, refusals, revocations } = guard
      return (
        <li key={`${client} ${instance}`} class={tone} data-row={instance} data-guard={instance}>
          <a data-open href={hrefOf('/guards', { instance })} title={`${client}, ${instance}`}>
            <strong>{name}</strong>
          </a>
          <code class="quiet">{instance.slice(0, 6)}</code>
          <span class="state">{text}</span>
          <span class="quiet">
            {counted(revocations, 'revocation')}
            {refusals && refusals.count > 0 && `, p99 ≤ ${duration(refusals.p99_ms)}`}
          </span>
        </li>
      )
    })}
  </ul>
)
