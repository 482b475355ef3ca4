import type { Context } from 'koa'
import type { Delivery } from './delivery.ts'

/**
 * `Revocation-Status` says whether the log has it already; `Revocation-Position` is what doors can
 * wait for.
 */
export const setDelivery = (ctx: Context, { status, position }: Delivery): void => {
  ctx.set('Revocation-Status', status)
  if (position !== null) ctx.set('Revocation-Position', position)
}
