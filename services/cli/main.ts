import { readFileSync } from 'node:fs'
import { type Argument, Command } from 'commander'
import { AuthError } from '../../shared/kernel/errors.ts'
import { stopOnSignals } from '../../shared/kernel/lifecycle.ts'
import { isWorker } from '../embedded/worker-environment.ts'
import { addAuditCommands } from './commands/audit.ts'
import { addBackupCommand } from './commands/backup.ts'
import { addClientsCommand } from './commands/clients.ts'
import { addDeadLetterCommand } from './commands/dead-letters.ts'
import { addGuardCommand } from './commands/guards.ts'
import { addImportCommands } from './commands/import.ts'
import { addKeyCommands, keyIdsAsOperands } from './commands/keys.ts'
import { addOverviewCommand } from './commands/overview.ts'
import { addReceiversCommand } from './commands/receivers.ts'
import { addRevokeCommands } from './commands/revoke.ts'
import { addServiceCommands } from './commands/services.ts'
import { addSessionCommands } from './commands/sessions.ts'
import { addSettingsCommand } from './commands/settings.ts'
import { addStartCommand } from './commands/start.ts'
import { addUserCommands } from './commands/users.ts'
import { readConfigFile } from './settings/config-file.ts'
import { environment, setEnvironment } from './settings/environment.ts'
import { warningsOfUnknown } from './settings/known-settings.ts'
import { failureMessage } from './terminal/failure-message.ts'

const version = (): string => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

const examples = `
Examples:
  curfew start                                     everything in one process, data in ./data
  curfew demo                                      see a logout become true everywhere
  curfew users add alice                           asks for a password on a terminal
  printf '%s' "$PASSWORD" | curfew users add alice --password-stdin
  curfew users list
  printf '%s' "$PASSWORD" | curfew users password alice --password-stdin
  curfew users roles alice --add editor
  curfew users disable alice                       ends every session of alice
  curfew keys rotate                               the next signing key signs, with overlap
  curfew revoke user alice                         ends every session of alice, who may log in again
  curfew sessions list alice                       where alice is logged in
  curfew revoke client web --preview               how many sessions of how many users would end
  curfew revoke session 5e551011ab5e551011ab5e551011ab01 --json
  curfew audit verify                              whether the trail is as it was signed
  curfew audit export --out trail.ndjson           what was signed, for other tools
  curfew import django-users users.json            from manage.py dumpdata auth.user

Exit codes: 0 done; 1 refused or wrong, and the message says what; 75 nothing was acknowledged, try
again.

  CURFEW_KAFKA_BROKERS=localhost:9092 CURFEW_MONGODB_URL=mongodb://localhost:27017 curfew gateway
  CURFEW_PORT=3010 CURFEW_KAFKA_BROKERS=… CURFEW_MONGODB_URL=… curfew projector
  CURFEW_GATEWAY_URL=http://localhost:3000 CURFEW_KAFKA_BROKERS=… curfew orders

Settings come from the environment and from curfew.config.{json,mjs,js,ts} or --config FILE:
docs/reference/configuration.md.`

/** Those that a person, a terminal that closes, or a platform sends. */
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** As where a variable of a script is not set. @throws AuthError INPUT_INVALID */
const refuseEmpty = (given: readonly string[], taken: readonly Argument[]): void => {
  const at = given.indexOf('')
  if (at === -1) return
  const name = taken[Math.min(at, taken.length - 1)]?.name() ?? 'argument'
  throw new AuthError('INPUT_INVALID', `<${name}> is empty`)
}

/** All commands with their arguments and options; nothing runs before it parses a line. */
export const program = (listensItself: () => void): Command => {
  const untilStopped = (): AbortSignal => {
    const stop = stopOnSignals(...stopSignals)
    listensItself()
    return stop
  }
  const root = new Command('curfew')
    .description('Log users in, rotate their tokens, and make a logout true everywhere.')
    .version(version())
    .addHelpText('after', examples)
    .showHelpAfterError()
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, 'curfew: INPUT_INVALID: ')),
    })
    .option('--config <file>', 'settings from a file; the environment wins')
    .hook('preAction', async (_, { args, registeredArguments }) => {
      refuseEmpty(args, registeredArguments)
      // Its settings are those of the first process, also when a file says something else by now.
      if (isWorker(process.env)) return
      const { config = null } = root.opts<{ config?: string }>()
      const where = { named: config, cwd: process.cwd() }
      const { env, warnings } = await readConfigFile(process.env, where)
      setEnvironment(env)
      for (const warning of [...warningsOfUnknown(process.env), ...warnings]) {
        process.stderr.write(`${warning}\n`)
      }
    })
  addStartCommand(root, untilStopped)
  root
    .command('demo')
    .description(
      'start everything on free ports, log in, log out, race 32 refreshes, and print what happened',
    )
    .option(
      '--console',
      'keep 200 users busy, and print where to look at them, until it is stopped',
    )
    .action(async ({ console: showsConsole }: Readonly<{ console?: true }>) => {
      const { runDemo } = await import('./commands/demo.ts')
      if (!showsConsole) return runDemo(environment())
      const { runConsoleDemo } = await import('./commands/demo-console.ts')
      await runConsoleDemo(environment(), untilStopped())
    })
  addServiceCommands(root, untilStopped)
  addUserCommands(root)
  addSessionCommands(root)
  addRevokeCommands(root)
  addImportCommands(root)
  addKeyCommands(root)
  addGuardCommand(root)
  addOverviewCommand(root)
  addClientsCommand(root)
  addSettingsCommand(root)
  addReceiversCommand(root)
  addDeadLetterCommand(root)
  addAuditCommands(root, untilStopped)
  addBackupCommand(root)
  return root
}

/**
 * Runs one command. Mistakes of the user are told in words with their code, and end with status 1.
 * `listensItself` is called once a service listens to the signals that stop it.
 */
export const run = async (
  argv: readonly string[],
  listensItself: () => void = () => {},
): Promise<void> => {
  try {
    await program(listensItself).parseAsync([...keyIdsAsOperands(argv)])
    process.exit(process.exitCode ?? 0)
  } catch (error) {
    const { text, status } = failureMessage(error)
    process.stderr.write(`curfew: ${text}\n`)
    process.exit(status)
  }
}
