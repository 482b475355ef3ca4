import type { Context } from 'koa'
import type { Delivery } from './deliver-revocation.ts'

/**
 * `Revocation-Status` says whether the log has the revocation; `Revocation-Position` is a position
 * for which doors can wait; `Revocation-Receipt` says where the auditor has the proofs.
 */
export const setDeliveryHeaders = (
  ctx: Context,
  { status, position, receipts }: Delivery,
): void => {
  ctx.set('Revocation-Status', status)
  if (position !== null) ctx.set('Revocation-Position', position)
  if (receipts.length > 0) ctx.set('Revocation-Receipt', receipts.join(', '))
}
