import { gatewayFields } from '../../../services/gateway/config.ts'
import type { CommandContext } from '../../../services/gateway/publication/command-context.ts'
import { StoreClock } from '../../../services/gateway/publication/store-clock.ts'
import { openMemoryEventStore } from '../../../shared/adapters/memory/event-store.ts'
import { noAct } from '../../../shared/events/event.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { readConfig } from '../../../shared/kernel/config.ts'
import { systemEntropy as entropy } from '../../../shared/kernel/entropy.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import type { UserDirectory } from '../../../shared/ports/user-directory.ts'
import { quickPasswords as passwords } from '../fakes/quick-passwords.ts'

/** What changing accounts needs, on this directory and a store of its own in memory. */
export const accountParts = (directory: UserDirectory) => {
  const policy = readConfig(gatewayFields, {})
  const store = openMemoryEventStore({ clock })
  const storeClock = new StoreClock(clock)
  const now = clock.now()
  storeClock.observe(now, clock.monotonicMs(), clock.monotonicMs())
  const told = { act: () => noAct, onAppended: () => {} }
  const limits = { deadlineMs: 5_000, publishTimeoutMs: 1_000 }
  const context: CommandContext = { store, storeClock, clock, entropy, logger, ...told, ...limits }
  const accounts = { directory, passwords, passwordWords: [], adminRole: 'admin' }
  return { context, policy, accounts }
}
