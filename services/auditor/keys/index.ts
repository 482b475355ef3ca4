export {
  type AuditKeyFolder,
  loadAuditKeys,
  openAuditKeys,
  rotateAuditKeys,
} from './audit-key-file.ts'
export { AuditKeyRing } from './audit-key-ring.ts'
