import { AuthError } from '../../../shared/kernel/errors.ts'
import type { AuditIndex } from '../../../shared/ports/audit-index.ts'

/**
 * What nobody fills has no events to find, which is no answer to any question.
 * @throws AuthError AUDIT_UNFILLED, STORE_UNAVAILABLE
 */
export const requireFilled = async (index: Pick<AuditIndex, 'lanes'>): Promise<void> => {
  if ((await index.lanes()).length > 0) return
  throw new AuthError(
    'AUDIT_UNFILLED',
    'Nobody fills the index of events: `curfew start` does unless CURFEW_AUDIT is off, and at ' +
      'scale `curfew auditor` with CURFEW_MONGODB_URL: docs/audit.md.',
  )
}
