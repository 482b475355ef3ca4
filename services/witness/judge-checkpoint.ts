import type { WitnessedHead } from '../../shared/ports/witnessed-heads.ts'
import type { AddCheckpoint } from '../../shared/tlog/add-checkpoint.ts'
import type { Checkpoint } from '../../shared/tlog/checkpoint.ts'
import { emptyRoot } from '../../shared/tlog/merkle-hash.ts'
import { isConsistent } from '../../shared/tlog/merkle-proof.ts'

/**
 * Why a checkpoint that its log signed is not cosigned. `empty_root` and `other_root` prove a fault
 * of the log; `inconsistent` says that the proof is none, and whoever asks made the proof: with a
 * checkpoint that everybody may read, anybody can ask so.
 */
export type Unwitnessed =
  | 'old_size'
  | 'larger_old_size'
  | 'empty_root'
  | 'other_root'
  | 'inconsistent'

/**
 * Whether a checkpoint goes on from what was cosigned before, in the order of C2SP tlog-witness;
 * `null` when it does. Pure.
 */
export const judgeCheckpoint = (
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
