import type { Command } from 'commander'
import type { Env } from '../../../shared/kernel/config.ts'
import { environment } from '../settings/environment.ts'

type Service = (env: Env, stop: AbortSignal) => Promise<void>

/** `curfew gateway` and the other processes of a fleet; each is loaded when it is started. */
export const addServiceCommands = (root: Command, untilStopped: () => AbortSignal): void => {
  const starting = (load: () => Promise<Service>) => async (): Promise<void> => {
    const stop = untilStopped()
    await (await load())(environment(), stop)
  }
  root
    .command('gateway')
    .description('one gateway (CURFEW_PORT)')
    .action(starting(async () => (await import('../../gateway/main.ts')).runGateway))
  root
    .command('projector')
    .description('one projector (CURFEW_PORT is its health port)')
    .action(starting(async () => (await import('../../projector/main.ts')).runProjector))
  root
    .command('auditor')
    .description('one auditor, which keeps the trail (CURFEW_PORT is for health and receipts)')
    .action(starting(async () => (await import('../../auditor/main.ts')).runAuditor))
  root
    .command('witness')
    .description('one witness, which cosigns the trails of others (CURFEW_PORT)')
    .action(starting(async () => (await import('../../witness/main.ts')).runWitness))
  root
    .command('console')
    .description('the console alone, on a port of its own (CURFEW_CONSOLE_PORT)')
    .option('--gateway <url>', 'the gateway that it asks (CURFEW_GATEWAY_URL)')
    .option('--port <port>', 'its port (CURFEW_CONSOLE_PORT)')
    .action(async ({ gateway, port }: Readonly<{ gateway?: string; port?: string }>) => {
      const env = {
        ...environment(),
        ...(gateway !== undefined && { CURFEW_GATEWAY_URL: gateway }),
        ...(port !== undefined && { CURFEW_CONSOLE_PORT: port }),
      }
      const stop = untilStopped()
      const { runConsole } = await import('../../console/main.ts')
      await runConsole(env, stop)
    })
  root
    .command('orders')
    .description('the sample downstream service (CURFEW_ORDERS_PORT)')
    .action(starting(async () => (await import('../../orders/main.ts')).runOrders))
}
