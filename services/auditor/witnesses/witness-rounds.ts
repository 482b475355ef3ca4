import { open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { degraded, ok, type PartHealth } from '../../../shared/http/health.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import type { Fetch } from '../../../shared/kernel/http/bounded-fetch.ts'
import type { Closable, Lifecycle } from '../../../shared/kernel/lifecycle.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import { RepeatedTrouble } from '../../../shared/kernel/logging/repeated-trouble.ts'
import type { Meter } from '../../../shared/metrics/meter.ts'
import { formatNote, type NoteSignature } from '../../../shared/tlog/signed-note.ts'
import type { GroupAccess } from '../../../shared/tokens/secret-files/index.ts'
import {
  openTrailFiles,
  readersOf,
  type SignedHead,
  signedHead,
  type TrailFiles,
  witnessedFile,
} from '../files/index.ts'
import { askWitness } from './ask-witness.ts'
import { type ConfiguredWitness, parseWitness } from './configured-witness.ts'

const synced = async (path: string): Promise<void> => {
  const opened = await open(path, 'r')
  try {
    await opened.sync()
  } finally {
    await opened.close()
  }
}

/**
 * Writes files below `dir`, each at once and whole, and durable once it resolves. In `curfew start`
 * witnesses are asked in the thread that answers requests, so it does not wait for the disk.
 */
export const keepDurably =
  (dir: string, groupAccess: GroupAccess) =>
  async (path: string, bytes: Buffer): Promise<void> => {
    const full = join(dir, path)
    const beside = `${full}.new`
    await rm(beside, { force: true })
    const file = await open(beside, 'wx', groupAccess === 'none' ? 0o600 : 0o640)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, full)
    await synced(dirname(full))
  }

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

type WitnessRoundsParts = Readonly<{
  files: TrailFiles
  /** In place of the file that was there, durably, and without a wait of the thread. */
  keep: (path: string, bytes: Buffer) => Promise<void>
  witnesses: readonly ConfiguredWitness[]
  fetch: Fetch
  clock: Clock
  logger: Logger
  meter: Meter
}>

type WitnessState = {
  readonly witness: ConfiguredWitness
  readonly trouble: RepeatedTrouble
  /** What it cosigned last of the log that is gone on with. */
  origin: string
  size: number
  /** By the monotonic clock. */
  cosignedMs: number
  disowned: string | null
}

const roundEveryMs = 10_000
/** Six rounds that it did not answer. */
const ageMaxMs = 60_000

/**
 * Has witnesses cosign the newest head every ten seconds, and keeps their signatures beside it, in
 * `heads/witnessed`. A trail that was put back, or of which there are two, is refused by a witness
 * that saw the other: that is an alarm.
 */
export class WitnessRounds implements Closable {
  readonly #parts: WitnessRoundsParts
  readonly #states: readonly WitnessState[]
  readonly #stopping = new AbortController()
  #running: Promise<void> | null = null

  constructor(parts: WitnessRoundsParts) {
    this.#parts = parts
    const { clock, meter } = parts
    const beganMs = clock.monotonicMs()
    this.#states = parts.witnesses.map((witness) => ({
      ...{ witness, trouble: new RepeatedTrouble(clock), origin: '', size: 0 },
      ...{ cosignedMs: beganMs, disowned: null },
    }))
    meter.onCollect(() => {
      for (const state of this.#states) {
        const { name } = state.witness.verifier
        const seconds = this.#ageMs(state) / 1_000
        meter.set('curfew_trail_witnessed_age_seconds', { witness: name }, seconds)
      }
    })
  }

  start(): void {
    this.#running = this.#run()
  }

  /** The trail is kept without witnesses too, so it is `degraded` at worst. */
  health(): PartHealth {
    const disowned = this.#states.find((state) => state.disowned !== null)
    if (disowned) return degraded(`${disowned.witness.verifier.name}: ${disowned.disowned}`)
    const late = this.#states.filter((state) => this.#ageMs(state) > ageMaxMs)
    const names = late.map(({ witness }) => witness.verifier.name).join(', ')
    return late.length > 0 ? degraded(`no new cosignature of ${names}`) : ok()
  }

  /** One round with all of them; resolves when each answered or failed. */
  async round(): Promise<void> {
    const head = signedHead(this.#parts.files)
    if (head === null) return
    const answers = await Promise.all(this.#states.map((state) => this.#ask(state, head)))
    const signatures = answers.filter((signature) => signature !== null)
    if (signatures.length === 0) return
    const note = { text: head.note.text, signatures: [...head.note.signatures, ...signatures] }
    await this.#parts.keep(join(head.folder, witnessedFile), formatNote(note))
  }

  async close(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  #ageMs({ cosignedMs }: WitnessState): number {
    return this.#parts.clock.monotonicMs() - cosignedMs
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    const { clock, logger } = this.#parts
    const trouble = new RepeatedTrouble(clock)
    while (!signal.aborted) {
      await this.round().then(
        () => void trouble.ended(),
        (error: Error) => {
          const times = trouble.occurred(error.message)
          if (times !== null) logger.error({ error, times }, 'witnesses cannot be asked')
        },
      )
      await clock.sleep(roundEveryMs, signal)
    }
  }

  /** `null` without a new signature. */
  async #ask(state: WitnessState, head: SignedHead): Promise<NoteSignature | null> {
    const { origin, size } = head.checkpoint
    const from = state.origin === origin ? state.size : 0
    try {
      const answer = await askWitness(state.witness, head, from, this.#parts)
      if (answer.outcome === 'disowned') return this.#disown(state, answer.text)
      Object.assign(state, { origin, size, disowned: null })
      state.cosignedMs = this.#parts.clock.monotonicMs()
      state.trouble.ended()
      return answer.signature
    } catch (error) {
      this.#tell(state, (error as Error).message)
      return null
    }
  }

  #disown(state: WitnessState, text: string): null {
    state.disowned = `it saw another past of this trail (${text.trim()})`
    this.#parts.meter.count('curfew_trail_alarms_total', { kind: 'disowned' })
    this.#tell(state, state.disowned)
    return null
  }

  #tell({ witness, trouble }: WitnessState, problem: string): void {
    const times = trouble.occurred(problem)
    if (times === null || this.#stopping.signal.aborted) return
    const { name } = witness.verifier
    this.#parts.logger.error(
      { witness: name, problem, times },
      'a witness did not cosign the trail',
    )
  }
}
