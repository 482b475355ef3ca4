import { readFileSync, statSync, writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { systemClock } from '../../../shared/kernel/clock.ts'
import { readConfig } from '../../../shared/kernel/config.ts'
import { systemEntropy } from '../../../shared/kernel/entropy.ts'
import { errorCode } from '../../../shared/kernel/error-code.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { epochMs } from '../../../shared/kernel/ids.ts'
import { parseTlogProof, verifyTlogProof } from '../../../shared/tlog/tlog-proof.ts'
import { auditorFields } from '../../auditor/config.ts'
import { rotateAuditKeys } from '../../auditor/keys/index.ts'
import { makeReceipt } from '../../auditor/receipts/index.ts'
import { trailDirOf, trailPlan } from '../../auditor/trail-settings.ts'
import {
  type ComparedStore,
  compareWithStore,
  findingText,
  publishedWithinMs,
  type VerifiedTrail,
  verifyTrail,
} from '../../auditor/verification/index.ts'
import { environment } from '../settings/environment.ts'
import { withStore } from '../store/open-store.ts'
import { printable, say, sayJson } from '../terminal/printable.ts'
import { addAskCommands } from './audit-ask.ts'
import { addEventCommands } from './audit-events.ts'
import { addExportCommand, tellVerifiedExport, type VerifyOptions } from './audit-export.ts'
import { addHoldCommands } from './audit-hold.ts'
import { addRetainCommand } from './audit-retain.ts'
import { openTrail } from './open-trail.ts'
import { type Keys, keyOption, knownKeys, verifiersOf } from './trail-keys.ts'

type WithStore = Readonly<{ store?: true }>
type TrailOptions = Pick<Parameters<typeof verifyTrail>[0], 'files' | 'known'>
type TellVerified = (verified: VerifiedTrail, store: ComparedStore | null) => void

const settings = () => readConfig(auditorFields, environment())

const tellUnsigned = ({ count, first }: VerifiedTrail['unsigned']): void => {
  if (count === 0) return
  for (const { log, index, id } of first) {
    say(`${log}: leaf ${index} is no event: no gateway signed it. It says that it is ${id}`)
  }
  say(`${count} leaves of records that no gateway signed; none stands in for an event`)
}

const tell = (verified: VerifiedTrail): void => {
  const { logs, leaves, pruned, missing, findings, count } = verified
  for (const { folder, size, first } of logs) {
    say(`${folder}: ${size} leaves${first === 0 ? '' : `, of which the first ${first} are gone`}`)
  }
  for (const finding of findings) say(findingText(finding))
  if (count > findings.length) say(`… and ${count - findings.length} more`)
  tellUnsigned(verified.unsigned)
  const filled = missing === 0 ? '' : `, ${missing} of them for records that the log did not have`
  const gone = pruned === 0 ? '' : `, ${pruned} of them let go of, as events of the trail say`
  say(`${leaves} leaves in all${gone}${filled}`)
  say(count === 0 ? 'all is as it was signed' : `${count} findings`)
}

const plainOf = (
  { logs, leaves, pruned, missing, unsigned, findings, count }: VerifiedTrail,
  store: ComparedStore | null,
) => ({
  ...{ ok: count + (store?.count ?? 0) === 0, logs, leaves, pruned, missing, unsigned },
  ...{ findings, count },
  ...(store && { store }),
})

const tellStore = ({ isOlder, waiting, findings, count }: ComparedStore): void => {
  for (const finding of findings) say(finding)
  if (count > findings.length) say(`… and ${count - findings.length} more`)
  if (isOlder) {
    say('the store is older than the trail: a backup was restored, or it is another store')
  }
  if (waiting > 0) say(`${waiting} commits of the store are not published yet`)
  say(count === 0 ? 'the store has nothing that the trail lacks' : `${count} findings of the store`)
}

const verifyWithStore = (options: TrailOptions, then: TellVerified): Promise<void> =>
  withStore(async ({ context: { store, storeClock } }) => {
    const before = epochMs(storeClock.now() - publishedWithinMs)
    const verified = await verifyTrail({ ...options, keepsStreams: true })
    then(verified, await compareWithStore({ store, streams: verified.streams, before }))
  })

const verify = async (
  path: string | undefined,
  options: VerifyOptions & WithStore,
): Promise<void> => {
  const dir = path ?? trailDirOf(settings())
  if (statSync(dir, { throwIfNoEntry: false })?.isFile()) {
    if (options.store) throw new AuthError('INPUT_INVALID', '--store is for a trail, not an export')
    await tellVerifiedExport(dir, options)
    return
  }
  const trail = { files: openTrail(dir), known: knownKeys(dir, options) }
  const told: TellVerified = (verified, store) => {
    if (options.json) sayJson(plainOf(verified, store))
    else {
      tell(verified)
      if (store) tellStore(store)
    }
    if (verified.count + (store?.count ?? 0) > 0) process.exitCode = 1
  }
  if (options.store) await verifyWithStore(trail, told)
  else told(await verifyTrail(trail), null)
}

/** @throws AuthError INPUT_INVALID when the file is there already */
const writeNew = (path: string, bytes: Buffer): void => {
  try {
    writeFileSync(path, bytes, { flag: 'wx', mode: 0o600 })
  } catch (cause) {
    if (errorCode(cause) !== 'EEXIST') throw cause
    throw new AuthError('INPUT_INVALID', `${path} is there already`, { cause })
  }
}

const receipt = async (
  id: string,
  { folder, out }: Readonly<{ folder?: string; out?: string }>,
): Promise<void> => {
  const dir = folder ?? trailDirOf(settings())
  const made = await makeReceipt(openTrail(dir), id)
  if (made === null) {
    throw new AuthError('NOT_FOUND', `no signed log in ${dir} has the event ${id} (yet)`)
  }
  if (out === undefined) process.stdout.write(made)
  else writeNew(out, made)
}

const check = (file: string, options: Keys): void => {
  if (statSync(file).isDirectory()) throw new AuthError('INPUT_INVALID', `${file} is no file`)
  const proof = parseTlogProof(readFileSync(file))
  const entry = proof.extra
  if (entry === null) throw new AuthError('TRAIL_INVALID', 'the receipt does not hold its event')
  if (options.key.length === 0) throw new AuthError('INPUT_INVALID', '--key is missing')
  const known = verifiersOf(options.key)
  const { checkpoint, by } = verifyTlogProof(proof, entry, known)
  say(entry.toString('utf8'))
  const signers = by.map(({ name }) => name).join(', ')
  const place = `leaf ${proof.index} of ${checkpoint.origin}, of ${checkpoint.size}`
  process.stderr.write(`${printable(`${place}, signed by ${signers}`)}\n`)
}

const rotate = async (): Promise<void> => {
  const config = settings()
  const { keysDir, groupAccess, host } = trailPlan(config)
  const folder = { dir: keysDir, entropy: systemEntropy, groupAccess }
  const ring = await rotateAuditKeys(folder, systemClock.now())
  say('a new key signs within a minute, and the one before it signs beside it for 30 days:')
  for (const key of ring.verifierKeys(host)) say(key)
}

/** `curfew audit …`: the trail, offline. */
export const addAuditCommands = (root: Command, untilStopped: () => AbortSignal): void => {
  const audit = root
    .command('audit')
    .description('the trail: verify it, prove what is in it, and export it')
  audit
    .command('verify [path]')
    .description('compare every file of a trail, or an export, with what was signed; offline')
    .option(...keyOption)
    .option('--folder <folder>', 'of an export: the trail that it is from, to compare with')
    .option('--store', 'of a trail: compare it with the event store, too')
    .option('--json', 'one JSON object')
    .action(verify)
  audit
    .command('receipt <event-id>')
    .description('the .tlog-proof of an event, which proves offline that it is in the trail')
    .option('--folder <folder>', 'the trail (CURFEW_AUDIT_DIR)')
    .option('--out <file>', 'write it there')
    .action(receipt)
  audit
    .command('check <receipt>')
    .description('verify a receipt, and print its event')
    .option(...keyOption)
    .action(check)
  audit.command('rotate').description('a new key signs the trail, with overlap').action(rotate)
  addEventCommands(audit, untilStopped)
  addAskCommands(audit)
  addHoldCommands(audit)
  addRetainCommand(audit, untilStopped)
  addExportCommand(audit, root.version() ?? '', untilStopped)
}
