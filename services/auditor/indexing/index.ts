export { AuditIndexer, watchedIndex } from './audit-indexer.ts'
export { indexedRecords, readRecords } from './indexed-records.ts'
