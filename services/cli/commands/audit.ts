import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { systemClock } from '../../../shared/kernel/clock.ts'
import { readConfig } from '../../../shared/kernel/config.ts'
import { systemEntropy } from '../../../shared/kernel/entropy.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { noteVerifier, parseVerifierKey } from '../../../shared/tlog/note-key.ts'
import type { NoteVerifier } from '../../../shared/tlog/signed-note.ts'
import { parseTlogProof, verifyTlogProof } from '../../../shared/tlog/tlog-proof.ts'
import { auditorFields } from '../../auditor/config.ts'
import { openTrailFiles, verifierKeysFile } from '../../auditor/files/index.ts'
import { rotateAuditKeys } from '../../auditor/keys/index.ts'
import { makeReceipt } from '../../auditor/receipts/index.ts'
import { trailDirOf, trailPlan } from '../../auditor/trail-settings.ts'
import { findingText, type VerifiedTrail, verifyTrail } from '../../auditor/verification/index.ts'
import { environment } from '../settings/environment.ts'

type Keys = Readonly<{ key: readonly string[] }>

const keyOption = [
  '--key <vkey>',
  'a verifier key that was pinned elsewhere; again for a second one, or a witness',
  (value: string, before: readonly string[]): readonly string[] => [...before, value],
  [] as readonly string[],
] as const

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const settings = () => readConfig(auditorFields, environment())

/** Those that were named, else what the folder says itself, which is said. */
const knownKeys = (dir: string, { key }: Keys): readonly NoteVerifier[] => {
  if (key.length > 0) return key.map((text) => noteVerifier(parseVerifierKey(text)))
  const path = join(dir, verifierKeysFile)
  if (!existsSync(path)) throw new AuthError('TRAIL_INVALID', `${path} is not there: give --key`)
  process.stderr.write(
    `curfew: the keys are those that ${path} names: whoever can change the trail can change ` +
      'them too. Give --key with one that you keep elsewhere.\n',
  )
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => noteVerifier(parseVerifierKey(line)))
}

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

const verify = async (
  folder: string | undefined,
  options: Keys & Readonly<{ json?: boolean }>,
): Promise<void> => {
  const dir = folder ?? trailDirOf(settings())
  const verified = await verifyTrail({
    files: openTrailFiles(dir),
    known: knownKeys(dir, options),
  })
  if (options.json) say(JSON.stringify(plainOf(verified)))
  else tell(verified)
  if (verified.count > 0) process.exitCode = 1
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
  else writeFileSync(out, made)
}

const check = (file: string, options: Keys): void => {
  const proof = parseTlogProof(readFileSync(file))
  const entry = proof.extra
  if (entry === null) throw new AuthError('TRAIL_INVALID', 'the receipt does not hold its event')
  if (options.key.length === 0) throw new AuthError('INPUT_INVALID', '--key is missing')
  const known = options.key.map((text) => noteVerifier(parseVerifierKey(text)))
  const { checkpoint, by } = verifyTlogProof(proof, entry, known)
  say(entry.toString('utf8'))
  const signers = by.map(({ name }) => name).join(', ')
  process.stderr.write(
    `leaf ${proof.index} of ${checkpoint.origin}, of ${checkpoint.size}, signed by ${signers}\n`,
  )
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
export const addAuditCommands = (root: Command): void => {
  const audit = root.command('audit').description('the trail: verify it, and prove what is in it')
  audit
    .command('verify [folder]')
    .description('compare every file of a trail with what was signed; offline')
    .option(...keyOption)
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
}
