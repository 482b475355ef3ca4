import {
  linkSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../../shared/kernel/clock.ts'
import { errorCode } from '../../../shared/kernel/error-code.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { makeFolder } from '../../../shared/kernel/process/make-folder.ts'
import { isPlainObject, parseStrictJson } from '../../../shared/kernel/strict-json.ts'
import { identityIn, ownIdentity, type ProcessIdentity, runs } from './process-identity.ts'
import { folderMode, type TrailReaders } from './trail-files.ts'

const prefix = 'lock.'
const beatEveryMs = 5_000
/**
 * A holder on another machine, or in another container, counts as ended after this long without a
 * beat.
 */
const silentMs = 30_000
const lookMs = 500
/** An older lock is left beside the newest: whoever still reads the folder finds one of them. */
const keptBehind = 1

type LockOptions = Readonly<{
  dir: string
  /** Who may read the folder, which is made where there is none. */
  readers: TrailReaders
  /** The id of the holder: one process may have several threads that each hold a lock. */
  id: string
  clock: Clock
  /** Ends the wait for a process that cannot be seen. */
  stop?: AbortSignal
  own?: ProcessIdentity
}>
type Owner = Readonly<{ mark: ProcessIdentity; id: string }>

const numbersIn = (dir: string): readonly number[] =>
  readdirSync(dir)
    .filter((name) => /^lock\.[1-9]\d{0,14}$/.test(name))
    .map((name) => Number(name.slice(prefix.length)))

const pathOf = (dir: string, number: number): string => join(dir, `${prefix}${number}`)

/** `null` when it was let go of, or its owner died before it was whole. */
const ownerIn = (path: string): Owner | null => {
  const parsed = parseStrictJson(readFileSync(path, 'utf8'), { depthMax: 3 })
  if (!parsed.ok || !isPlainObject(parsed.value)) return null
  const { id } = parsed.value
  const mark = identityIn(parsed.value['mark'])
  return mark && typeof id === 'string' ? { mark, id } : null
}

const unlessGone = <T>(work: () => T): T | null => {
  try {
    return work()
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
}

const beatOf = (path: string): number => unlessGone(() => statSync(path).mtimeMs) ?? 0

const locked = (dir: string, by: string): AuthError =>
  new AuthError('TRAIL_LOCKED', `another auditor writes to ${dir}: ${by}`)

const nameOf = ({ mark: { pid, machine } }: Owner): string => `process ${pid} of ${machine}`

/**
 * That one auditor writes to a trail’s folder. Locks are numbered, and making newest + 1 is the
 * claim: a lock whose owner died is followed, never removed, so two who find it cannot both take it
 * away. A process on the same machine is looked at; one that cannot be seen, in another container
 * or on another machine, touches its lock every 5 s, and is believed to have ended after 30 s
 * without. So nothing is left to clean up by hand. Not promised: that a file system of the net
 * shows a touch within 30 s. Then a second one may take the lock, and the first one stops at its
 * next look, which comes before each signature.
 */
export class TrailLock {
  readonly #dir: string
  readonly #number: number
  readonly #clock: Clock
  #beatMs: number

  private constructor({ dir, clock }: LockOptions, number: number) {
    this.#dir = dir
    this.#number = number
    this.#clock = clock
    this.#beatMs = clock.monotonicMs()
  }

  /** @throws AuthError TRAIL_LOCKED while another one has it */
  static async taken(options: LockOptions): Promise<TrailLock> {
    const { dir, id, own = ownIdentity() } = options
    makeFolder(dir, folderMode(options.readers))
    const temporary = join(dir, `${prefix}${id}.new`)
    const owner: Owner = { mark: own, id }
    writeFileSync(temporary, JSON.stringify(owner), { mode: 0o640 })
    try {
      for (;;) {
        const newest = Math.max(0, ...numbersIn(dir))
        if (newest > 0) await refuseWhileHeld(options, own, newest)
        const number = claimed(dir, temporary, newest + 1)
        if (number !== null) return new TrailLock(options, number)
      }
    } finally {
      unlessGone(() => unlinkSync(temporary))
    }
  }

  /** Before each signature. @throws AuthError TRAIL_LOCKED when another one took it */
  hold(): void {
    const newest = Math.max(0, ...numbersIn(this.#dir))
    if (newest !== this.#number) throw locked(this.#dir, 'it took the lock that was held here')
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#beatMs < beatEveryMs) return
    this.#beatMs = nowMs
    const at = this.#clock.now() / 1_000
    utimesSync(pathOf(this.#dir, this.#number), at, at)
  }

  release(): void {
    // Emptied, not removed: a number that vanished could be given out twice.
    unlessGone(() => truncateSync(pathOf(this.#dir, this.#number)))
  }
}

const refuseWhileHeld = async (
  { dir, clock, stop }: LockOptions,
  own: ProcessIdentity,
  number: number,
): Promise<void> => {
  const path = pathOf(dir, number)
  const owner = unlessGone(() => ownerIn(path))
  const isRunning = owner && runs(owner.mark, own)
  if (owner === null || isRunning === false) return
  if (isRunning) throw locked(dir, nameOf(owner))
  const beat = beatOf(path)
  const startedMs = clock.monotonicMs()
  while (clock.monotonicMs() - startedMs < silentMs) {
    await clock.sleep(lookMs, stop)
    if (stop?.aborted || beatOf(path) !== beat) throw locked(dir, nameOf(owner))
  }
}

/** The number; `null` when somebody else was first. */
const claimed = (dir: string, temporary: string, number: number): number | null => {
  try {
    linkSync(temporary, pathOf(dir, number))
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return null
    throw error
  }
  // A process that read the folder long ago may have created a number that others went past and
  // removed.
  const numbers = numbersIn(dir)
  if (numbers.some((other) => other > number)) {
    unlessGone(() => unlinkSync(pathOf(dir, number)))
    return null
  }
  for (const old of numbers.filter((other) => other < number - keptBehind)) {
    unlessGone(() => unlinkSync(pathOf(dir, old)))
  }
  return number
}

/** For a thread that ended without a word: whoever started it lets go of what it held. */
export const releaseLockOf = (dir: string, id: string): void => {
  try {
    const newest = pathOf(dir, Math.max(0, ...numbersIn(dir)))
    if (ownerIn(newest)?.id === id) truncateSync(newest)
  } catch {
    // A folder that cannot be read ended the thread, and it held nothing there.
  }
}
