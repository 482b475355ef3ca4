import type { Command } from 'commander'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { environment, setEnvironment } from '../settings/environment.ts'

export const addStartCommand = (root: Command, untilStopped: () => AbortSignal): void => {
  root
    .command('start')
    .description('gateway, projector and the sample service `orders` in one process')
    .option('--workers <n>', 'processes that answer requests, on one port (CURFEW_WORKERS)')
    .action(async ({ workers }: { workers?: string }) => {
      // An empty setting is none; whoever types the option means something.
      if (workers === '')
        throw new AuthError('CONFIG_INVALID', '--workers (CURFEW_WORKERS) is empty')
      if (workers !== undefined) setEnvironment({ ...environment(), CURFEW_WORKERS: workers })
      const stop = untilStopped()
      const { runEverything } = await import('../../embedded/main.ts')
      await runEverything(environment(), stop)
    })
}
