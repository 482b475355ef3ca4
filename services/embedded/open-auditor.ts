import { logRevocationFeed } from '../../shared/adapters/log-feed/log-feed.ts'
import { degraded, type PartHealth } from '../../shared/http/health.ts'
import type { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import type { ProcessContext } from '../../shared/kernel/process/process-context.ts'
import type { Meter } from '../../shared/metrics/meter.ts'
import type { EventLog } from '../../shared/ports/event-log.ts'
import type { KeyFiles } from '../../shared/tokens/key-rings/index.ts'
import { Auditor } from '../auditor/auditor.ts'
import { trailPlan } from '../auditor/trail-settings.ts'
import { publicUrlOf } from '../gateway/config.ts'
import type { EmbeddedConfig } from './config.ts'

type Options = Readonly<{ config: EmbeddedConfig; context: ProcessContext }>
type Sources = Readonly<{ keys: KeyFiles; log: EventLog; meter: Meter }>

/** The auditor of `curfew start`, which goes on with the trail; `null` when none is wanted. */
export const openAuditor = async (
  { config, context }: Options,
  { keys, log, meter }: Sources,
  lifecycle: Lifecycle,
): Promise<Auditor | null> => {
  if (!config.audit) return null
  const feed = logRevocationFeed(log, keys.mac, context.clock)
  const named = { ...config, publicUrl: publicUrlOf(config) }
  const parts = { ...context, log, feed, meter, plan: trailPlan(named) }
  const events = { ring: keys.events, unsigned: config.unsignedEvents }
  const auditor = await lifecycle.use(new Auditor({ ...parts, events }))
  auditor.start()
  return auditor
}

/** Logins and logouts do not wait for the trail. */
export const trailHealth = (auditor: Auditor): PartHealth => {
  const health = auditor.health()
  return health.standing === 'unready' ? degraded(health.state) : health
}
