import { backendFields, backendMistakes } from '../../shared/backends/config.ts'
import { directoryFields } from '../../shared/backends/directory-fields.ts'
import { openBackends } from '../../shared/backends/open-backends.ts'
import { noOrigin } from '../../shared/events/event.ts'
import { readConfig, refuse } from '../../shared/kernel/config.ts'
import { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import { processContext } from '../../shared/kernel/process-context.ts'

import { longestLifetimeMs } from '../../shared/session/policy.ts'

import { configMistakes, gatewayFields } from '../gateway/config.ts'
import { openPasswords, type Passwords } from '../gateway/password.ts'
import type { AccountParts } from '../gateway/settle-due.ts'
import { StoreClock } from '../gateway/store-clock.ts'
import { commandLineActor } from './command-line-actor.ts'
import { environment } from './environment.ts'

export type AccountDesk = AccountParts &
  Readonly<{
    passwords: Passwords
    /** The role of administrators. */
    adminRole: string
    /** How long a command waits for a gateway to tell the log, in ms. */
    publishTimeoutMs: number
  }>

/**
 * Opens store and directory for one command. It appends and does not publish: a running gateway's
 * relay tells the log within a tick, or the next one that starts.
 */
export const withAccounts = async (work: (desk: AccountDesk) => Promise<void>): Promise<void> => {
  const fields = { ...gatewayFields, ...directoryFields, ...backendFields }
  const config = readConfig(fields, environment())
  refuse([...configMistakes(config), ...backendMistakes(config, true)])
  if (config.directoryUrl) refuse(['CURFEW_DIRECTORY_URL is set: the users are not kept here.'])
  const context = processContext('cli', 'warn')
  const parts = new Lifecycle()
  try {
    const backends = await openBackends({
      ...context,
      config,
      parts,
      service: 'cli',
      longestLifetimeMs: longestLifetimeMs(config),
    })
    const store = await parts.use(backends.store())
    const storeClock = new StoreClock(context.clock)
    const sentMs = context.clock.monotonicMs()
    const { tick } = await store.relayScan(1)
    storeClock.observe(tick.t, sentMs, context.clock.monotonicMs())
    await work({
      ...context,
      store,
      storeClock,
      directory: backends.directory(),
      passwords: await openPasswords(),
      passwordWords: config.passwordWords,
      act: () => ({ actor: commandLineActor(), ...noOrigin }),
      // A gateway that publishes it tells of it.
      onAppended: () => {},
      deadlineMs: config.deadlineMs,
      policy: config,
      adminRole: config.adminRole,
      publishTimeoutMs: config.publishTimeoutMs,
    })
  } finally {
    await parts.close()
  }
}
