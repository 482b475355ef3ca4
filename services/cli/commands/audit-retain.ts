import type { Command } from 'commander'
import { termsOfRecord } from '../../../shared/events/audit-terms.ts'
import type { Retention } from '../../../shared/fleet/holds/index.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { readConfig } from '../../../shared/kernel/config.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { auditorFields } from '../../auditor/config.ts'
import { openTrailFiles, readersOf } from '../../auditor/files/index.ts'
import {
  type AskedRetention,
  appendRetentionEvent,
  carryOutRetention,
  decideRetention,
  pendingRetention,
  previewRetention,
} from '../../auditor/retention/index.ts'
import { trailDirOf } from '../../auditor/trail-settings.ts'
import { environment } from '../settings/environment.ts'
import { type StoreContext, withStore } from '../store/open-store.ts'
import { instantText } from '../terminal/print-list.ts'
import { say, sayJson } from '../terminal/printable.ts'
import { progressLine } from '../terminal/progress-line.ts'
import { isoInstantOf } from './option-parsers.ts'
import { type Keys, keyOption, knownKeys } from './trail-keys.ts'

type Options = Keys &
  Readonly<{
    before: EpochMs
    reason: string
    export: readonly string[]
    /** Set by `--without-export`. */
    withoutExport?: true
    folder?: string
    dryRun?: true
    yes?: true
    json?: true
  }>

/** EX_TEMPFAIL of sysexits.h: the same again goes on. */
const stoppedStatus = 75

const invalid = (text: string): never => {
  throw new AuthError('INPUT_INVALID', text)
}

const checkOptions = ({ before, reason, dryRun, yes, ...options }: Options): void => {
  if (before >= clock.now()) invalid('--before is not in the past')
  if (reason.trim() === '' || reason.length > 256) invalid('--reason has 1 to 256 characters')
  if (options.export.length > 20) invalid('--export is given more than 20 times')
  if (options.export.length > 0 === (options.withoutExport ?? false)) {
    invalid('give --export FILE of all that would go, or --without-export')
  }
  if ((dryRun ?? false) === (yes ?? false)) {
    invalid('give --dry-run to see what would go, or --yes to let go of it for good')
  }
}

type Row = Readonly<{ log: string; from: number; to: number }>
type Shown = Readonly<{ count: number; logs: readonly Row[]; before: number; isDone: boolean }>

const tell = ({ count, logs, before, isDone }: Shown, { json }: Options): void => {
  const rows = logs.filter(({ from, to }) => from < to)
  if (json) {
    sayJson({ done: isDone, before: instantText(before), count, logs: rows })
    return
  }
  for (const { log, from, to } of rows) say(`${log}: leaves ${from} to ${to - 1}`)
  const what = isDone ? 'were let go of' : 'would go'
  say(`${count} leaves that were signed before ${instantText(before)} ${what}`)
}

const partsOf = async ({ context, asking }: StoreContext, options: Options, stop: AbortSignal) => {
  const config = readConfig(auditorFields, environment())
  const dir = options.folder ?? trailDirOf(config)
  const progress = progressLine('leaves', clock)
  return {
    parts: {
      files: openTrailFiles(dir, readersOf(config.groupAccess)),
      known: knownKeys(dir, options),
      ...{ store: context.store, clock, entropy: context.entropy, stop },
      tell: appendRetentionEvent(context),
      index: { index: (await asking()).index, termsOf: termsOfRecord },
      onProgress: ({ done, count }: Readonly<{ done: number; count: number }>) =>
        progress.tell({ done, resumed: 0, total: count }),
    },
    progress,
  } as const
}

const retain = async (
  context: StoreContext,
  options: Options,
  stop: AbortSignal,
): Promise<void> => {
  const { parts, progress } = await partsOf(context, options, stop)
  const { before, reason, withoutExport } = options
  const exports = withoutExport ? null : options.export
  const asked: AskedRetention = { before, reason, exports, act: context.context.act() }
  if (options.dryRun) {
    const { logs, count } = await previewRetention(parts, asked)
    const rows = logs.map(({ life, partition, from, to }) => ({
      ...{ log: `${life}/${partition}`, from, to },
    }))
    tell({ count, logs: rows, before, isDone: false }, options)
    return
  }
  const carryOut = async (retention: Retention): Promise<boolean> => {
    const isDone = await carryOutRetention(parts, retention)
    progress.end()
    if (isDone) tell({ ...retention.told, isDone }, options)
    return isDone
  }
  const pending = await pendingRetention(parts)
  if (pending) process.stderr.write('curfew: goes on with a retention that was begun before\n')
  let isDone = pending === null || (await carryOut(pending))
  if (isDone) {
    const retention = await decideRetention(parts, asked)
    if (retention) isDone = await carryOut(retention)
    else tell({ count: 0, logs: [], before, isDone }, options)
  }
  if (isDone) return
  process.stderr.write('curfew: stopped; the same command goes on from here\n')
  process.exitCode = stoppedStatus
}

/** `curfew audit retain`: lets go of old events; also while everything runs. */
export const addRetainCommand = (audit: Command, untilStopped: () => AbortSignal): void => {
  audit
    .command('retain')
    .description('let go of events that were signed before an instant, for good')
    .requiredOption(
      '--before <instant>',
      'signed before then, by the auditor’s clock',
      isoInstantOf,
    )
    .requiredOption('--reason <text>', 'why, for whoever asks later')
    .option(
      '--export <file>',
      'an export, without a filter, of what would go; again for others',
      (value: string, before: readonly string[]): readonly string[] => [...before, value],
      [] as readonly string[],
    )
    .option('--without-export', 'nobody needs it any more')
    .option('--folder <folder>', 'the trail (CURFEW_AUDIT_DIR)')
    .option('--dry-run', 'check everything, and delete nothing')
    .option('--yes', 'delete it')
    .option('--json', 'one JSON object')
    .option(...keyOption)
    .action((options: Options) => {
      checkOptions(options)
      return withStore((context) => retain(context, options, untilStopped()))
    })
}
