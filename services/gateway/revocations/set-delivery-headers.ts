import type { Context } from 'koa'
import type { Delivery } from './delivery.ts'

/**
 * `Revocation-Status` says whether the log has the revocation; `Revocation-Position` is a position
 * for which doors can wait.
 */
export const setDeliveryHeaders = (ctx: Context, { status, position }: Delivery): void => {
  ctx.set('Revocation-Status', status)
  if (position !== null) ctx.set('Revocation-Position', position)
}
