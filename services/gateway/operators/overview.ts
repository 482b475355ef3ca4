import { isAuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { BlacklistView } from '../../../shared/ports/blacklist-view.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { GuardRegistry } from '../../../shared/ports/guard-registry.ts'
import type { TrailHeads } from '../../../shared/ports/trail-heads.ts'
import { parseCheckpointText } from '../../../shared/tlog/checkpoint.ts'
import { splitCosignature } from '../../../shared/tlog/note-key.ts'
import { parseNote } from '../../../shared/tlog/signed-note.ts'
import { parseHeads } from '../../../shared/trail-heads/head-answer.ts'
import type { Asking } from '../audit/index.ts'
import {
  type AttachedGuard,
  attachedGuards,
  type RefusalQuantiles,
  refusalQuantiles,
  summedRefusals,
} from '../guards/index.ts'
import type { ReadContext } from '../publication/index.ts'
import { coverageOf } from '../questions/index.ts'
import { countOpenLetters } from './dead-letters.ts'
import type { EventCounts, EventRates } from './event-rates.ts'

type Head = Readonly<{ origin: string; size: number; root: string }>

/** The newest signed head of the trail, and who holds it true. */
type TrailState = Readonly<{
  /** `unsigned`: there is no head (yet); `unreachable`: its auditor does not answer. */
  state: 'signed' | 'unsigned' | 'unreachable'
  head: Head | null
  /**
   * Who cosigned last, when, and how many entries the head had: the auditor asks witnesses every
   * ten seconds and verifies what they sign. Nobody here has their keys.
   */
  cosigned: readonly Readonly<{ name: string; at: number; size: number }>[]
  /** Attached guards that hold true what they saw of it, and those that dispute it. */
  guards: Readonly<{ consistent: number; disputing: number }>
}>

type Read = Omit<TrailState, 'guards'>
const without = (state: 'unsigned' | 'unreachable'): Read => ({ state, head: null, cosigned: [] })

const cosignedIn = (note: string): TrailState['cosigned'] => {
  const { text, signatures } = parseNote(Buffer.from(note))
  const { size } = parseCheckpointText(text, 'passed_over')
  return signatures.flatMap(({ name, signature }) => {
    const { timestamp } = splitCosignature(signature)
    return timestamp === null ? [] : [{ name, at: Number(timestamp) * 1_000, size }]
  })
}

const readHead = (note: string, witnessed: string | null): Read => {
  const { origin, size, root } = parseCheckpointText(
    parseNote(Buffer.from(note)).text,
    'passed_over',
  )
  const head = { origin, size, root: root.toString('base64') }
  return { state: 'signed', head, cosigned: witnessed === null ? [] : cosignedIn(witnessed) }
}

const newest = async (heads: TrailHeads): Promise<Read> => {
  try {
    const text = await heads.newest(null)
    const answer = text === null ? null : parseHeads(text)
    const note = answer?.lives.at(-1)?.head
    return answer && note ? readHead(note, answer.witnessed) : without('unsigned')
  } catch (error) {
    if (isAuthError(error)) return without('unreachable')
    throw error
  }
}

/** `null` where this gateway knows of no trail. Verifies nothing: guards and witnesses do. */
const trailState = async (
  heads: TrailHeads | null,
  guards: readonly AttachedGuard[],
): Promise<TrailState | null> => {
  if (heads === null) return null
  const seen = guards.flatMap(({ trail }) => (trail ? [trail.state] : []))
  const consistent = seen.filter((state) => state === 'consistent').length
  const silent = seen.filter((state) => state === 'unreachable').length
  const disputing = seen.length - consistent - silent
  return { ...(await newest(heads)), guards: { consistent, disputing } }
}

/** How far somebody who reads the log came; `null`: not known. */
type Lag = Readonly<{ through: EpochMs | null; behindMs: number | null }>

type Overview = Readonly<{
  at: EpochMs
  /** `null`: nobody fills the index of events. */
  rates: EventCounts | null
  /** Of all attached guards together, since each began. */
  refusals: RefusalQuantiles
  guards: readonly AttachedGuard[]
  /** Of the index of events, and of the collection `blacklist`. */
  lag: Readonly<{ auditor: Lag; projector: Lag }>
  /** Records that are parked and open; `null`: this process may not look. */
  deadLetters: number | null
  /** `null`: no trail is known here. */
  trail: TrailState | null
}>

export type OverviewDeps = Readonly<{
  context: Pick<ReadContext, 'storeClock' | 'store'>
  guards: GuardRegistry
  audit: Asking
  trailHeads: TrailHeads | null
  operators: Readonly<{
    rates: EventRates
    log: Pick<EventLog, 'bounds' | 'recordAt'>
    /** `null` where this process has none. */
    view: Pick<BlacklistView, 'closed'> | null
  }>
}>

/** What one part cannot say must not hide the others. */
const orNull = <T>(asked: Promise<T>): Promise<T | null> =>
  asked.catch((error: unknown) => {
    if (isAuthError(error)) return null
    throw error
  })

const lagOf = (through: EpochMs | null, now: EpochMs): Lag => ({
  through,
  behindMs: through === null ? null : Math.max(0, now - through),
})

/** How the fleet is, at one glance. @throws AuthError STORE_UNAVAILABLE without its guards */
export const overviewOf = async (deps: OverviewDeps): Promise<Overview> => {
  const { audit, trailHeads, operators } = deps
  const at = deps.context.storeClock.now()
  const guards = await attachedGuards(deps)
  const [rates, coverage, closed, deadLetters, trail] = await Promise.all([
    orNull(operators.rates.look(at)),
    orNull(coverageOf(audit)),
    orNull(operators.view?.closed() ?? Promise.resolve(null)),
    orNull(countOpenLetters(deps)),
    trailState(trailHeads, guards),
  ])
  const counted = guards.flatMap(({ refusals }) => refusals ?? [])
  return {
    ...{ at, rates, guards, deadLetters, trail },
    refusals: refusalQuantiles(summedRefusals(counted)),
    lag: {
      auditor: lagOf(coverage?.to ?? null, at),
      projector: lagOf(closed?.t ?? null, at),
    },
  }
}

const time = (at: number): string => new Date(at).toISOString()
const timeOrNull = (at: number | null): string | null => (at === null ? null : time(at))

const quantiles = ({ count, p50Ms, p99Ms, maxMs }: RefusalQuantiles) => ({
  ...{ count, p50_ms: p50Ms, p99_ms: p99Ms, max_ms: maxMs },
})

const guardBody = ({ stalenessMs, silentMs, refusals, trail, ...guard }: AttachedGuard) => ({
  ...{ name: guard.name, client: guard.client, instance: guard.instance, feed: guard.feed },
  ready: guard.ready,
  // What it reported, plus the time since the report.
  staleness_ms: stalenessMs === null ? null : Math.round(stalenessMs + silentMs),
  silent_ms: silentMs,
  revocations: guard.revocations,
  refusals: refusals ? quantiles(refusalQuantiles(refusals)) : null,
  trail: trail?.state ?? null,
})

const lagBody = ({ through, behindMs }: Lag) => ({
  through: timeOrNull(through),
  behind_ms: behindMs,
})

/** As `GET /overview` and `curfew overview --json` show it. */
export const overviewBody = ({
  at,
  rates,
  refusals,
  guards,
  lag,
  deadLetters,
  trail,
}: Overview) => ({
  at: time(at),
  rates: rates && {
    ...{ from: time(rates.from), to: time(rates.to) },
    seconds: rates.seconds.map(({ at: second, ...counts }) => ({ at: time(second), ...counts })),
  },
  refusals: quantiles(refusals),
  guards: guards.map(guardBody),
  lag: { auditor: lagBody(lag.auditor), projector: lagBody(lag.projector) },
  dead_letters: deadLetters,
  trail: trail && {
    ...{ state: trail.state, head: trail.head, guards: trail.guards },
    cosigned: trail.cosigned.map((one) => ({ ...one, at: time(one.at) })),
  },
})
