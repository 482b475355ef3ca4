import type { Act, EventOf } from '../../../shared/events/event.ts'
import {
  changeHolds,
  type HoldRegister,
  type Retention,
  readHolds,
  withRetention,
} from '../../../shared/fleet/holds/index.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import type { Entropy } from '../../../shared/kernel/entropy.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs, EventId } from '../../../shared/kernel/ids.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import type { NoteVerifier } from '../../../shared/tlog/signed-note.ts'
import type { TrailFiles } from '../files/index.ts'
import { firstHeldLeaf } from './held-leaf.ts'
import { leavesIn, nameOfTrail, planRetention, type RetainedLog } from './plan-retention.ts'
import { requireExported } from './require-exported.ts'

export type RetainingParts = Readonly<{
  files: TrailFiles
  known: readonly NoteVerifier[]
  store: Pick<EventStore, 'agree'>
  clock: Clock
  entropy: Entropy
  /** Appends an event, of all that are named so only one; its id. */
  tell: (name: string, event: EventOf<'TrailRetained'>) => Promise<EventId>
}>

export type AskedRetention = Readonly<{
  /** Leaves that were signed before this instant. */
  before: EpochMs
  reason: string
  /** Paths of exports that have all of it; `null` to do without. */
  exports: readonly string[] | null
  act: Act
}>

export type PlannedRetention = Readonly<{
  logs: readonly RetainedLog[]
  count: number
  holds: readonly string[]
  exports: readonly string[] | null
}>

/** @throws AuthError LEGAL_HOLD with the first leaf that must stay */
const refuseHeld = async (
  files: TrailFiles,
  logs: readonly RetainedLog[],
  { holds }: HoldRegister,
): Promise<void> => {
  const held = await firstHeldLeaf(files, logs, holds)
  if (!held) return
  const { log, index, hold } = held
  const place = `leaf ${index} of ${log.life}/${log.partition}`
  throw new AuthError('LEGAL_HOLD', `the legal hold ${hold.id} keeps ${place}: ${hold.reason}`)
}

type Checked = PlannedRetention & Readonly<{ register: HoldRegister }>

const checked = async (
  { files, known, store }: RetainingParts,
  { before, exports: paths }: AskedRetention,
): Promise<Checked> => {
  const logs = await planRetention({ files, known }, before)
  const count = leavesIn(logs)
  const register = await readHolds(store)
  await refuseHeld(files, logs, register)
  const exports =
    paths === null || count === 0 ? null : await requireExported({ files, known }, logs, paths)
  return { logs, count, exports, register, holds: register.holds.map(({ id }) => id) }
}

/**
 * What would go; it changes nothing.
 * @throws AuthError LEGAL_HOLD, RETENTION_UNCOVERED, TRAIL_INVALID, STORE_UNAVAILABLE
 */
export const previewRetention = (
  parts: RetainingParts,
  asked: AskedRetention,
): Promise<PlannedRetention> => checked(parts, asked)

const toldOf = (
  { logs, count, holds, exports }: Checked,
  { before, reason, act }: AskedRetention,
  trail: string,
): Retention['told'] => ({
  ...{ trail, before, count, reason, holds: [...holds], ...act },
  exports: exports === null ? null : [...exports],
  logs: logs.map(({ life, partition, from, to, root }) => ({
    ...{ log: `${life}/${partition}`, from, to, root: root.toString('base64') },
  })),
})

/** All of them are named by each event. */
const logsMax = 300

const changedMeanwhile = (): AuthError =>
  new AuthError('STORE_CONTENDED', 'legal holds or retentions changed meanwhile: begin again')

/**
 * Decides what goes, and writes it down beside the holds: from then on it is known what a hold that
 * comes later cannot keep. `null` where nothing would go. Nothing is deleted yet.
 * @throws AuthError as `previewRetention`, STORE_CONTENDED when a hold came meanwhile
 */
export const decideRetention = async (
  parts: RetainingParts,
  asked: AskedRetention,
): Promise<Retention | null> => {
  const plan = await checked(parts, asked)
  if (plan.count === 0) return null
  const { entropy, clock, store } = parts
  const id = entropy.bytes(16).toString('hex')
  const retention = {
    id,
    at: clock.now(),
    told: toldOf(plan, asked, nameOfTrail(parts)),
    isDone: false,
  }
  if (retention.told.logs.length > logsMax) {
    throw new AuthError('INPUT_INVALID', `the trail has more than ${logsMax} logs to let go of`)
  }
  const seen = JSON.stringify(plan.register)
  await changeHolds(store, (register) => {
    if (JSON.stringify(register) !== seen) throw changedMeanwhile()
    return withRetention(register, retention)
  })
  return retention
}

/** The one that was decided and is not done; `null` where none is. */
export const pendingRetention = async (
  parts: Pick<RetainingParts, 'store' | 'files' | 'known'>,
): Promise<Retention | null> => {
  const { retentions } = await readHolds(parts.store)
  const trail = nameOfTrail(parts)
  const found = Object.hasOwn(retentions, trail) ? retentions[trail] : undefined
  return found && !found.isDone ? found : null
}
