import { termsOfRecord } from '../../shared/events/audit-terms.ts'
import type { Clock } from '../../shared/kernel/clock.ts'
import type { Entropy } from '../../shared/kernel/entropy.ts'
import type { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import type { Logger } from '../../shared/kernel/logger.ts'
import type { AuditIndex } from '../../shared/ports/audit-index.ts'
import type { EventStore } from '../../shared/ports/event-store.ts'
import { openTrailFiles, readersOf } from './files/index.ts'
import { openAuditKeys } from './keys/index.ts'
import { appendRetentionEvent, RetentionRounds } from './retention/index.ts'
import type { TrailPlan } from './thread/index.ts'

type Options = Readonly<{
  plan: TrailPlan
  /** As CURFEW_AUDIT_RETENTION has it. */
  ageMs: number | null
  store: () => EventStore
  index: AuditIndex | null
  clock: Clock
  entropy: Entropy
  logger: Logger
}>

/** Begins to let go of old events; nothing where they are kept for ever. */
export const openRetention = async (
  { plan, ageMs, store: opened, index, ...parts }: Options,
  lifecycle: Lifecycle,
): Promise<void> => {
  if (ageMs === null) return
  const store = opened()
  const { dir, keysDir, groupAccess, host } = plan
  const files = openTrailFiles(dir, readersOf(groupAccess))
  const keys = { dir: keysDir, groupAccess, entropy: parts.entropy }
  const rounds = new RetentionRounds({
    ...{ ...parts, ageMs, files, store },
    known: async () => (await openAuditKeys(keys)).verifiers(host),
    tell: appendRetentionEvent({ store, entropy: parts.entropy }),
    index: index && { index, termsOf: termsOfRecord },
  })
  await lifecycle.use(rounds)
  rounds.start()
}
