export { checkAuditKeys, type WitnessTrailOptions, witnessTrail } from './witness-trail.ts'
