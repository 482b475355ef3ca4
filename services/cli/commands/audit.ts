import { readFileSync, statSync, writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { systemClock } from '../../../shared/kernel/clock.ts'
import { readConfig } from '../../../shared/kernel/config.ts'
import { systemEntropy } from '../../../shared/kernel/entropy.ts'
import { errorCode } from '../../../shared/kernel/error-code.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { parseTlogProof, verifyTlogProof } from '../../../shared/tlog/tlog-proof.ts'
import { auditorFields } from '../../auditor/config.ts'
import { openTrailFiles } from '../../auditor/files/index.ts'
import { rotateAuditKeys } from '../../auditor/keys/index.ts'
import { makeReceipt } from '../../auditor/receipts/index.ts'
import { trailDirOf, trailPlan } from '../../auditor/trail-settings.ts'
import { findingText, type VerifiedTrail, verifyTrail } from '../../auditor/verification/index.ts'
import { environment } from '../settings/environment.ts'
import { printable, say, sayJson } from '../terminal/printable.ts'
import { addAskCommands } from './audit-ask.ts'
import { addAskingCommands } from './audit-events.ts'
import { addExportCommand, tellVerifiedExport, type VerifyOptions } from './audit-export.ts'
import { addHoldCommands } from './audit-holds.ts'
import { addRetainCommand } from './audit-retain.ts'
import { type Keys, keyOption, knownKeys, verifiersOf } from './trail-keys.ts'

const settings = () => readConfig(auditorFields, environment())

const tell = ({ logs, leaves, missing, findings, count }: VerifiedTrail): void => {
  for (const { folder, size } of logs) say(`${folder}: ${size} leaves`)
  for (const finding of findings) say(findingText(finding))
  if (count > findings.length) say(`… and ${count - findings.length} more`)
  const filled = missing === 0 ? '' : `, ${missing} of them for records that the log did not have`
  say(`${leaves} leaves in all${filled}`)
  say(count === 0 ? 'all is as it was signed' : `${count} findings`)
}

const plainOf = ({ logs, leaves, missing, findings, count }: VerifiedTrail) => ({
  ...{ ok: count === 0, logs, leaves, missing, findings, count },
})

const verify = async (path: string | undefined, options: VerifyOptions): Promise<void> => {
  const dir = path ?? trailDirOf(settings())
  if (statSync(dir, { throwIfNoEntry: false })?.isFile()) {
    await tellVerifiedExport(dir, options)
    return
  }
  const verified = await verifyTrail({
    files: openTrailFiles(dir),
    known: knownKeys(dir, options),
  })
  if (options.json) sayJson(plainOf(verified))
  else tell(verified)
  if (verified.count > 0) process.exitCode = 1
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
  const made = await makeReceipt(openTrailFiles(dir), id)
  if (made === null) {
    throw new AuthError('NOT_FOUND', `no signed log in ${dir} has the event ${id} (yet)`)
  }
  if (out === undefined) process.stdout.write(made)
  else writeNew(out, made)
}

const check = (file: string, options: Keys): void => {
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
  addAskingCommands(audit, untilStopped)
  addAskCommands(audit)
  addHoldCommands(audit)
  addRetainCommand(audit, untilStopped)
  addExportCommand(audit, root.version() ?? '', untilStopped)
}
