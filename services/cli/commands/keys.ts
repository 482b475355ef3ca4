import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { backendFields } from '../../../shared/backends/config.ts'
import { systemClock } from '../../../shared/kernel/clock.ts'
import { type Env, readConfig } from '../../../shared/kernel/config.ts'
import { systemEntropy } from '../../../shared/kernel/entropy.ts'
import { gatewayFields } from '../../gateway/config.ts'
import {
  type KeyFolderContext,
  type ListedKey,
  listKeys,
  madeRings,
  make,
  type RingName,
  remove,
  rings,
  rotate,
} from '../../gateway/keys/index.ts'
import { environment } from '../settings/environment.ts'
import {
  type Column,
  instantText,
  jsonOption,
  printList,
  type Shown,
} from '../terminal/print-list.ts'

const keyFields = { ...gatewayFields, ...backendFields }

export const openKeyFolder = (env: Env): KeyFolderContext => {
  const config = readConfig(keyFields, env)
  const dir = config.keysDir ?? join(config.dataDir, 'keys')
  return { dir, config, entropy: systemEntropy, clock: systemClock }
}

const everyKey = async function* (context: KeyFolderContext): AsyncGenerator<ListedKey> {
  for (const ring of await madeRings(context)) yield* await listKeys(context, ring)
}

const columns: readonly Column<ListedKey>[] = [
  { heading: 'RING', member: 'ring', value: ({ ring }) => ring },
  { heading: 'STATUS', member: 'status', value: ({ status }) => status },
  { heading: 'ALGORITHM', member: 'alg', value: ({ alg }) => alg },
  { heading: 'KEY', member: 'kid', value: ({ kid }) => kid },
  { heading: 'UNTIL', member: 'until', value: ({ notAfter }) => instantText(notAfter) },
]

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

/** `curfew keys …`: works on the key files, also while gateways run. */
export const addKeyCommands = (root: Command): void => {
  const keys = root
    .command('keys')
    .description('make, list, rotate, remove: the key files; all take changes within 5 s')
  const ring = (): Option =>
    new Option('--ring <ring>', 'which ring').choices(Object.keys(rings)).default('signing')
  keys
    .command('make')
    .description('make the files that are missing, all of them: for a Secret, say')
    .action(async () => say(await make(openKeyFolder(environment()))))
  keys
    .command('list')
    .description('the keys of all rings, without their secrets')
    .option(...jsonOption)
    .action((options: Shown) => printList(columns, everyKey(openKeyFolder(environment())), options))
  keys
    .command('rotate')
    .description('the next key signs, the old one stays as long as what it signed is read')
    .addOption(ring())
    .option('--now', 'do not wait until everybody has seen the next key')
    .action(async (options: { ring: RingName; now?: boolean }) => {
      say(await rotate(openKeyFolder(environment()), options.ring, options.now === true))
    })
  keys
    .command('remove <kid>')
    .description('take a stolen key out at once; its tokens die with it')
    .addOption(ring())
    .option('--yes', 'also when it is the key that signs')
    .action(async (kid: string, options: { ring: RingName; yes?: boolean }) => {
      say(await remove(openKeyFolder(environment()), options.ring, kid, options.yes === true))
    })
}

/** A SHA-256 in base64url (RFC 7638): one in 64 begins with a dash. */
const keyIdLikeAnOption = /^-[A-Za-z0-9_-]{42}$/

/** The same words, with ids of keys behind `--`: commander would take them for options. */
export const keyIdsAsOperands = (argv: readonly string[]): readonly string[] => {
  const ids = argv.filter((word) => keyIdLikeAnOption.test(word))
  if (ids.length === 0 || argv.includes('--')) return argv
  return [...argv.filter((word) => !ids.includes(word)), '--', ...ids]
}
