export { CompactRevocationSet, type RevocationSet } from './revocation-set.ts'
