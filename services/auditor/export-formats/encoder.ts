import type { ExportedLeaf } from './exported-leaf.ts'

/** Writes leaves, one after another; what it answers follows what it answered before. */
export interface Encoder {
  begin(): Buffer
  add(leaf: ExportedLeaf): Buffer
  end(): Buffer
  /** What a later encoder goes on from; `null` while rows are held back. */
  mark(): string | null
}
