import { systemClock } from '../../../shared/kernel/clock.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { exportFormats, type FormatName } from '../../auditor/export-formats/index.ts'
import {
  type EventFilter,
  endOf,
  followTrail,
  isChosen,
  type OpenLeaves,
  type Position,
  PositionFile,
  parseTrailPosition,
} from '../../auditor/exports/index.ts'
import { filterIn } from './audit-export-options.ts'
import { openTrail } from './open-trail.ts'
import { type Keys, knownKeysNow } from './trail-keys.ts'

export type FollowOptions = Readonly<{ from?: string; positionFile?: string }>
type Options = FollowOptions & EventFilter & Keys & Readonly<{ format: FormatName }>

const saveEveryMs = 1_000

/** Resolves once the reader’s pipe has it; `false` when nobody reads any more. */
const sent = (bytes: Buffer): Promise<boolean> =>
  new Promise((resolve) => {
    process.stdout.write(bytes, (error) => resolve(!error))
  })

/** Each leaf as a line on stdout, from a position, until `stop` or until nobody reads. */
export const followToStdout = async (
  options: Options,
  folder: string,
  product: string,
  stop: AbortSignal,
  openLeaves?: OpenLeaves,
): Promise<void> => {
  const { format, from = '', positionFile } = options
  const { isLines, open } = exportFormats[format]
  if (!isLines) throw new AuthError('INPUT_INVALID', `${format} has no lines that can be followed`)
  const files = openTrail(folder)
  const known = knownKeysNow(folder, options)
  const kept = positionFile === undefined ? null : PositionFile.read(positionFile)
  const begin: Position =
    kept ?? (from === 'end' ? endOf(files, known()) : parseTrailPosition(from))
  const position = positionFile === undefined ? null : new PositionFile(positionFile, begin)
  position?.tryOut()
  const filter = filterIn(options)
  const encoder = await open(product, null)
  // Without a listener a reader that is gone would end the process in the middle.
  process.stdout.on('error', () => {})
  let savedMs = systemClock.monotonicMs()
  for await (const leaf of followTrail({ files, known, from: begin, stop, clock: systemClock })) {
    if (leaf) {
      const [shown = leaf] = openLeaves ? await openLeaves([leaf]) : [leaf]
      const bytes = isChosen(filter, shown) ? encoder.add(shown) : Buffer.alloc(0)
      if (bytes.length > 0 && !(await sent(bytes))) return position?.save()
      position?.sent(`${leaf.life}/${leaf.partition}`, leaf.index, bytes.length)
    }
    if (systemClock.monotonicMs() - savedMs < saveEveryMs) continue
    position?.save()
    savedMs = systemClock.monotonicMs()
  }
  position?.end()
}
