export { AuditIndexer } from './audit-indexer.ts'
export { indexedRecords, readRecords } from './indexed-records.ts'
export { watchedIndex } from './watched-index.ts'
