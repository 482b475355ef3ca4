export { HashTable } from './hash-table.ts'
export { CompactRevocationSet, type RevocationSet } from './revocation-set.ts'
export { SipHash } from './sip-hash.ts'
