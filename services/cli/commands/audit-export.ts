import { type Command, Option } from 'commander'
import { noFilter } from '../../../shared/events/audit-terms.ts'
import { systemClock } from '../../../shared/kernel/clock.ts'
import { readConfig } from '../../../shared/kernel/config.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { auditorFields } from '../../auditor/config.ts'
import { type FormatName, formatNames } from '../../auditor/export-formats/index.ts'
import {
  type EventFilter,
  indexPath,
  leafOpener,
  type OpenLeaves,
  runExport,
  type VerifiedExport,
  verifyExport,
} from '../../auditor/exports/index.ts'
import { trailDirOf } from '../../auditor/trail-settings.ts'
import { findAuditSubject, type RecordedReading } from '../../gateway/audit/index.ts'
import { environment } from '../settings/environment.ts'
import { eventDeps, withStore } from '../store/open-store.ts'

import { say, sayJson } from '../terminal/printable.ts'
import { progressLine } from '../terminal/progress-line.ts'
import { type FollowOptions, followToStdout } from './audit-export-follow.ts'
import { namesInTrail } from './audit-export-names.ts'
import { addFilterOptions, filterIn } from './audit-export-options.ts'
import { openTrail } from './open-trail.ts'
import { type Keys, keyOption, knownKeys } from './trail-keys.ts'

type Options = EventFilter &
  Keys &
  FollowOptions &
  Readonly<{ format: FormatName; out?: string; folder?: string; follow?: true; unseal?: true }>

/** EX_TEMPFAIL of sysexits.h: the same again goes on. */
const stoppedStatus = 75

const toFile = async (
  options: Options,
  folder: string,
  product: string,
  stop: AbortSignal,
  open?: OpenLeaves,
): Promise<number | null> => {
  const { out, format } = options
  if (out === undefined) throw new AuthError('INPUT_INVALID', 'give --out FILE, or --follow')
  const progress = progressLine('leaves', systemClock)
  const index = await runExport({
    ...{ files: openTrail(folder), known: knownKeys(folder, options), out, stop },
    plan: { format, product, filter: filterIn(options), ...(open && { unsealed: true }) },
    ...(open && { open }),
    clock: systemClock,
    onProgress: progress.tell,
  })
  progress.end()
  if (index) say(`${out}: ${index.events} events; ${indexPath(out)} says of which signed logs`)
  else {
    process.stderr.write('curfew: stopped; the same command goes on from here\n')
    process.exitCode = stoppedStatus
  }
  return index?.events ?? null
}

const noteSealed = ({ address }: Options): void => {
  if (address === undefined) return
  process.stderr.write(
    'curfew: by --address no event is chosen whose address is sealed; --unseal\n',
  )
}

/** How `AuditRead` names an export that opens what is sealed. */
const readingOf = (options: Options): RecordedReading => {
  const { session, token, client, actor, address, since, until } = filterIn(options)
  const at = (instant: number | undefined) => (instant ?? null) as RecordedReading['since']
  return {
    ...noFilter,
    ...{ session: session ?? null, token: token ?? null, client: client ?? null },
    ...{ actor: actor ?? null, address: address ?? null },
    ...{ since: at(since), until: at(until), kind: `export:${options.format}` },
  }
}

type Export = (open?: OpenLeaves) => Promise<number | null>

/** Each such export is a reading: told when it begins, and when it is whole with its rows. */
const unsealed = (options: Options, exporting: Export): Promise<void> => {
  if (options.format === 'cloudevents') {
    const why = 'cloudevents are the events as they were signed: --unseal is for the other formats'
    throw new AuthError('INPUT_INVALID', why)
  }
  return withStore(async (context) => {
    const asking = await context.asking()
    const deps = eventDeps(context)
    // A name that nobody has is not written down.
    const user =
      options.user === undefined ? null : await findAuditSubject(context, asking, options.user)
    const reading = { ...readingOf(options), user }
    await asking.readings.tellAnswer(deps, reading, 0)
    const rows = await exporting(leafOpener(asking.privacy.opener))
    if (rows) await asking.readings.tellAnswer(deps, reading, rows)
  })
}

/** `curfew audit export`. */
export const addExportCommand = (
  audit: Command,
  product: string,
  untilStopped: () => AbortSignal,
): void => {
  const command = audit
    .command('export')
    .description('the signed events as a file for other tools, or as they come')
    .addOption(new Option('--format <format>', 'how').choices(formatNames).default('cloudevents'))
    .option('--out <file>', 'the file; what an earlier run left of it is gone on with')
    .option('--follow', 'to stdout, and then each event as it is signed, until it is stopped')
    .option('--from <position>', 'with --follow: `end`, or LIFE/PARTITION:INDEX,…')
    .option('--position-file <file>', 'with --follow: keeps the position, and begins there')
    .option('--folder <folder>', 'the trail (CURFEW_AUDIT_DIR)')
    .option('--unseal', 'with addresses, agents and names in clear; on the machine of the store')
    .option(...keyOption)
  addFilterOptions(command).action(async (given: Options) => {
    const stop = untilStopped()
    const folder = given.folder ?? trailDirOf(readConfig(auditorFields, environment()))
    // With `--follow` only the user is looked up: there may be no event yet of a client or an
    // actor.
    const { user, client, actor } = given
    const named = given.follow ? { user } : { user, client, actor }
    const trail = { files: openTrail(folder), known: () => knownKeys(folder, given) }
    const options = { ...given, ...(await namesInTrail(trail, named)) }
    const exporting: Export = async (open) => {
      if (!options.follow) return toFile(options, folder, product, stop, open)
      await followToStdout(options, folder, product, stop, open)
      return null
    }
    if (options.unseal) return unsealed(options, exporting)
    noteSealed(options)
    await exporting()
  })
}

const tell = ({ index, isProven, completeTo, lacking, findings }: VerifiedExport): void => {
  for (const finding of findings) say(finding)
  say(`${index.events} events of ${index.logs.length} logs, as ${index.format}`)
  if (lacking > 0) {
    say(`${lacking} leaves before them are not in it: a retention let go of them, or somebody did`)
  }
  if (findings.length > 0) say(`${findings.length} findings`)
  else if (isProven && completeTo !== null) {
    say(`every event is as it was signed, and none is missing up to the head of ${completeTo}`)
  } else if (isProven) {
    say('every event of the logs named is as it was signed; no head says which logs must be there')
  } else if (index.unsealed) say('the file is as its index says; what was sealed is in clear')
  else say('the file is as its index says; --folder TRAIL tells whether that was signed')
}

export type VerifyOptions = Keys & Readonly<{ json?: boolean; folder?: string }>

/** `curfew audit verify FILE`: of an export. Status 1 when something is found. */
export const tellVerifiedExport = async (file: string, options: VerifyOptions): Promise<void> => {
  const { folder } = options
  const known = knownKeys(folder ?? trailDirOf(readConfig(auditorFields, environment())), options)
  const trail = folder === undefined ? null : openTrail(folder)
  const verified = await verifyExport(file, known, trail)
  const { index, isProven, completeTo, lacking, findings } = verified
  const { format, events, kinds } = index
  const plain = {
    ...{ ok: findings.length === 0, proven: isProven, completeTo, lacking },
    ...{ format, events, kinds, findings },
  }
  if (options.json) sayJson(plain)
  else tell(verified)
  if (findings.length > 0) process.exitCode = 1
}
