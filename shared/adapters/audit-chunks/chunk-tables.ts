import type { RawRecord } from '../../events/log-record.ts'
import type { AuditPlace, IndexBatch, Lane } from '../../ports/audit-index.ts'
import type { Chunk } from './chunk-key.ts'

export type KeyRange = Readonly<{
  /** From this key on. */
  from: Uint8Array
  /** Below this one. */
  to: Uint8Array
  order: 'newest' | 'oldest'
  limit: number
}>

/** What a database has to do to be an audit index: `chunkedAuditIndex` does the rest. */
export interface ChunkTables {
  lanes(): Promise<readonly Lane[]>
  openLane(partition: number, terms: number): Promise<Lane>
  /**
   * Resolves once all of it survives a crash. A chunk whose key is there already says the same. The
   * lane moves last, or together with the rest, as `movedLane` says.
   */
  write(batch: IndexBatch, chunks: readonly Chunk[]): Promise<void>
  /** In the order of keys, or backwards. */
  range(range: KeyRange): Promise<readonly Chunk[]>
  /** All chunks whose keys begin with one of these, in any order. */
  under(prefixes: readonly Uint8Array[]): Promise<readonly Chunk[]>
  /** The records at these places; `null` for one that is gone. */
  records(places: readonly Omit<AuditPlace, 'at'>[]): Promise<readonly (RawRecord | null)[]>
  /** The records of a lane from `from` up to `to`, at most `limit`; those that are gone are not. */
  recordsFrom(lane: number, from: number, to: number, limit: number): Promise<readonly RawRecord[]>
  /** Removes all chunks under these prefixes, and these records. */
  remove(prefixes: readonly Uint8Array[], places: readonly Omit<AuditPlace, 'at'>[]): Promise<void>
  close(): Promise<void>
}
