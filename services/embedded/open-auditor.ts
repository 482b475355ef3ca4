import { logRevocationFeed } from '../../shared/adapters/log-feed/revocation-feed.ts'
import { degraded, type PartHealth } from '../../shared/http/health.ts'
import type { RequestsInFlight } from '../../shared/http/requests-in-flight.ts'
import type { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import { EventLoopLoad } from '../../shared/kernel/process/event-loop-load.ts'
import type { ProcessContext } from '../../shared/kernel/process/process-context.ts'
import type { Meter } from '../../shared/metrics/meter.ts'
import type { AuditIndex } from '../../shared/ports/audit-index.ts'
import type { EventLog } from '../../shared/ports/event-log.ts'
import type { EventStore } from '../../shared/ports/event-store.ts'
import type { KeyFiles } from '../../shared/tokens/key-rings/index.ts'
import { Auditor } from '../auditor/auditor.ts'
import { DailyStoreComparison } from '../auditor/daily-store-comparison.ts'
import { watchedIndex } from '../auditor/indexing/index.ts'
import { openRetention } from '../auditor/open-retention.ts'
import { trailPlan } from '../auditor/trail-settings.ts'
import { openWitnessRounds, type WitnessRounds } from '../auditor/witnesses/index.ts'
import { yieldingLog } from '../auditor/yielding-log.ts'
import { publicUrlOf } from '../gateway/config.ts'
import type { EmbeddedConfig } from './config.ts'

type Options = Readonly<{ config: EmbeddedConfig; context: ProcessContext }>
type Sources = Readonly<{
  keys: KeyFiles
  log: EventLog
  index: AuditIndex
  store: () => EventStore
  meter: Meter
  /** The requests of this process, which come before the trail; `null` where it answers none. */
  inFlight: RequestsInFlight | null
}>

/** The process counts as busy from this share of the event loop’s time on. */
const busyFrom = 0.7
/**
 * So many requests wait while the event loop is idle: for the disk, for argon2, or for a processor
 * that others have.
 */
const manyInFlight = 4

export type OpenAuditor = Readonly<{ auditor: Auditor; health: () => PartHealth }>

/**
 * The auditor of `curfew start`, which goes on with the trail and fills the audit index; `null`
 * when none is wanted.
 */
export const openAuditor = async (
  { config, context }: Options,
  { keys, log: ownLog, index, store: openStore, meter, inFlight }: Sources,
  lifecycle: Lifecycle,
): Promise<OpenAuditor | null> => {
  if (!config.audit) return null
  const { clock } = context
  const store = openStore()
  const feed = logRevocationFeed(ownLog, keys.mac, clock)
  const log = inFlight ? yieldingLog(ownLog, yieldingTo(inFlight, { config, context })) : ownLog
  const named = { ...config, publicUrl: publicUrlOf(config) }
  const parts = { ...context, log, feed, meter, plan: trailPlan(named) }
  const events = { ring: keys.events, unsigned: config.unsignedEvents }
  const comparison = new DailyStoreComparison({ ...parts, store })
  const auditor = await lifecycle.use(new Auditor({ ...parts, events, comparison }))
  auditor.start()
  const indexing = { ...context, log, index, store, events, meter }
  const asking = await lifecycle.use(watchedIndex(indexing))
  asking.start()
  const witnessing = { ...parts, ...parts.plan, witnesses: config.auditWitnesses }
  const rounds = await openWitnessRounds(witnessing, lifecycle)
  const retaining = { ...parts, ageMs: config.auditRetentionMs, store: () => store, index }
  await openRetention(retaining, lifecycle)
  return { auditor, health: () => trailHealth(auditor, rounds) }
}

const yieldingTo = (inFlight: RequestsInFlight, { config, context: { clock } }: Options) => {
  const load = new EventLoopLoad(clock, busyFrom)
  const isBusy = (): boolean => load.isBusy() || inFlight.recent() >= manyInFlight
  return { clock, isBusy, delayMaxMs: config.auditDelayMaxMs }
}

/** Logins and logouts do not wait for the trail. */
const trailHealth = (auditor: Auditor, rounds: WitnessRounds | null): PartHealth => {
  const health = auditor.health()
  if (health.standing === 'unready') return degraded(health.state)
  return health.standing === 'ok' && rounds !== null ? rounds.health() : health
}
