import type { Clock } from '../../../shared/kernel/clock.ts'
import type { Lifecycle } from '../../../shared/kernel/lifecycle.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import type { Meter } from '../../../shared/metrics/meter.ts'
import type { GroupAccess } from '../../../shared/tokens/secret-files/index.ts'
import { openTrailFiles, readersOf } from '../files/index.ts'
import { parseWitness } from './asked-witness.ts'
import { keepDurably } from './keep-durably.ts'
import { WitnessRounds } from './witness-rounds.ts'

type Options = Readonly<{
  /** The trail’s folder. */
  dir: string
  groupAccess: GroupAccess
  /** As the setting has them. */
  witnesses: readonly string[]
  clock: Clock
  logger: Logger
  meter: Meter
}>

/** Begins to have witnesses cosign the trail; `null` where none is named. */
export const openWitnessRounds = async (
  { dir, groupAccess, witnesses, ...parts }: Options,
  lifecycle: Lifecycle,
): Promise<WitnessRounds | null> => {
  if (witnesses.length === 0) return null
  const files = openTrailFiles(dir, readersOf(groupAccess))
  const named = witnesses.map(parseWitness)
  const keep = keepDurably(dir, groupAccess)
  const rounds = new WitnessRounds({ ...parts, files, keep, witnesses: named, fetch })
  await lifecycle.use(rounds)
  rounds.start()
  return rounds
}
