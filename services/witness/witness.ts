import type { KeyObject } from 'node:crypto'
import type { Clock } from '../../shared/kernel/clock.ts'
import { isAuthError } from '../../shared/kernel/errors.ts'
import type { WitnessedHead, WitnessedHeads } from '../../shared/ports/witnessed-heads.ts'
import { type AddCheckpoint, parseAddCheckpoint } from '../../shared/tlog/add-checkpoint.ts'
import {
  type Checkpoint,
  logHash,
  parseCheckpointText,
  signsLog,
} from '../../shared/tlog/checkpoint.ts'
import { emptyRoot } from '../../shared/tlog/merkle-hash.ts'
import { isConsistent } from '../../shared/tlog/merkle-proof.ts'
import { cosign, noteVerifier, parseVerifierKey } from '../../shared/tlog/note-key.ts'
import {
  formatNote,
  type NoteSignature,
  type NoteVerifier,
  parseNote,
  type SignedNote,
  verifyNote,
} from '../../shared/tlog/signed-note.ts'

/** The logs that a witness cosigns, by the keys that sign them. */
export class KnownLogs {
  readonly #verifiers: readonly NoteVerifier[]

  /** @throws AuthError INPUT_INVALID for a verifier key that is none */
  constructor(verifierKeys: readonly string[]) {
    this.#verifiers = verifierKeys.map((key) => noteVerifier(parseVerifierKey(key)))
  }

  /** None for a log that is not known. */
  of(origin: string): readonly NoteVerifier[] {
    return this.#verifiers.filter(({ name }) => signsLog(name, origin))
  }
}

/**
 * Why a checkpoint that its log signed is not cosigned. `empty_root` and `other_root` prove a fault
 * of the log; `inconsistent` says that the proof is none, and whoever asks made the proof: with a
 * checkpoint that everybody may read, anybody can ask so.
 */
type Unwitnessed = 'old_size' | 'larger_old_size' | 'empty_root' | 'other_root' | 'inconsistent'

/**
 * Whether a checkpoint goes on from what was cosigned before, in the order of C2SP tlog-witness;
 * `null` when it does. Pure.
 */
const judgeCheckpoint = (
  known: WitnessedHead | null,
  { size, root }: Checkpoint,
  { oldSize, proof }: Pick<AddCheckpoint, 'oldSize' | 'proof'>,
): Unwitnessed | null => {
  if (oldSize > size) return 'larger_old_size'
  if (oldSize !== (known?.size ?? 0)) return 'old_size'
  if (size === 0 && !root.equals(emptyRoot())) return 'empty_root'
  const older = {
    size: oldSize,
    root: known === null ? emptyRoot() : Buffer.from(known.root, 'base64'),
  }
  if (size === oldSize && !root.equals(older.root)) return 'other_root'
  return isConsistent(older, { size, root }, proof) ? null : 'inconsistent'
}

type WitnessParts = Readonly<{
  /** The name in the key, by which other witnesses and logs know this one. */
  name: string
  key: KeyObject
  logs: KnownLogs
  heads: WitnessedHeads
  clock: Clock
}>

export type Witnessed =
  | Readonly<{ outcome: 'cosigned'; checkpoint: Checkpoint; signature: NoteSignature }>
  | Readonly<{ outcome: 'malformed'; problem: string }>
  | Readonly<{ outcome: 'unknown_log' | 'unsigned'; origin: string }>
  /** `size`: of the tree that was cosigned last. */
  | Readonly<{ outcome: Unwitnessed; checkpoint: Checkpoint; size: number }>

/** The note with those signatures alone that somebody known made. */
const verifiedPart = (note: SignedNote, logs: KnownLogs, origin: string): SignedNote | null => {
  try {
    const by = verifyNote(note, logs.of(origin))
    const isTheirs = ({ name, keyId }: NoteSignature): boolean =>
      by.some((one) => one.name === name && one.keyId === keyId)
    return { text: note.text, signatures: note.signatures.filter(isTheirs) }
  } catch (error) {
    if (isAuthError(error, 'TRAIL_INVALID')) return null
    throw error
  }
}

/**
 * Cosigns checkpoints of logs that it knows, as C2SP tlog-witness has it: each goes on from all
 * that it cosigned before, so a log that shows two pasts, or takes something back, gets no second
 * signature.
 */
export class Witness {
  readonly #parts: WitnessParts

  constructor(parts: WitnessParts) {
    this.#parts = parts
  }

  /** @throws AuthError STORE_UNAVAILABLE when what it cosigned cannot be kept: nothing is said */
  async add(request: Buffer): Promise<Witnessed> {
    try {
      const { oldSize, proof, note: bytes } = parseAddCheckpoint(request)
      const note = parseNote(bytes)
      const checkpoint = parseCheckpointText(note.text, 'passed_over')
      return await this.#judge(note, checkpoint, { oldSize, proof })
    } catch (error) {
      if (!isAuthError(error, 'INPUT_INVALID') && !isAuthError(error, 'TRAIL_INVALID')) throw error
      return { outcome: 'malformed', problem: error.message }
    }
  }

  /** What it cosigned last, as a signed note; `null` when it never did. `log` as `logHash`. */
  async latest(log: string): Promise<string | null> {
    return (await this.#parts.heads.latest(log))?.note ?? null
  }

  async #judge(
    note: SignedNote,
    checkpoint: Checkpoint,
    asked: Readonly<{ oldSize: number; proof: readonly Buffer[] }>,
  ): Promise<Witnessed> {
    const { logs, heads } = this.#parts
    const { origin, size, root } = checkpoint
    if (logs.of(origin).length === 0) return { outcome: 'unknown_log', origin }
    const verified = verifiedPart(note, logs, origin)
    if (!verified) return { outcome: 'unsigned', origin }
    const log = logHash(origin)
    const known = await heads.latest(log)
    const refusal = judgeCheckpoint(known, checkpoint, asked)
    if (refusal) return { outcome: refusal, checkpoint, size: known?.size ?? 0 }
    const signature = this.#cosigned(note.text)
    const signatures = [...verified.signatures, signature]
    const kept = formatNote({ text: note.text, signatures }).toString('utf8')
    const next = { size, root: root.toString('base64'), note: kept }
    // What is in force is another one when somebody was faster: its size is what must be asked for.
    const inForce = await heads.advance(log, asked.oldSize, next)
    return inForce.note === kept
      ? { outcome: 'cosigned', checkpoint, signature }
      : { outcome: 'old_size', checkpoint, size: inForce.size }
  }

  #cosigned(text: string): NoteSignature {
    const { name, key, clock } = this.#parts
    return cosign(text, { name, privateKey: key, seconds: Math.floor(clock.now() / 1_000) })
  }
}
