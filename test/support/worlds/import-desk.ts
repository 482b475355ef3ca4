import type { AccountContext } from '../../../services/cli/store/open-store.ts'
import { StoreClock } from '../../../services/gateway/publication/store-clock.ts'
import { openMemoryEventStore } from '../../../shared/adapters/memory/event-store.ts'
import { openMemoryUserDirectory } from '../../../shared/adapters/memory/user-directory.ts'
import { noAct } from '../../../shared/events/event.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { systemEntropy as entropy } from '../../../shared/kernel/entropy.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import { policyWith } from '../../unit/session/session-builders.ts'
import { quickPasswords as passwords } from '../fakes/quick-passwords.ts'

/** What commands about accounts work on, in memory. */
export const importDesk = (adminRole: string): AccountContext => ({
  context: {
    clock,
    entropy,
    logger,
    deadlineMs: 5_000,
    publishTimeoutMs: 1_000,
    act: () => noAct,
    onAppended: () => {},
    store: openMemoryEventStore({ clock }),
    storeClock: new StoreClock(clock),
  },
  policy: policyWith(),
  accounts: {
    directory: openMemoryUserDirectory(),
    ownUsers: null,
    passwords,
    passwordWords: [],
    adminRole,
  },
})
