import type { Context } from 'koa'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { parsePosition } from '../../../shared/kernel/revocation-position.ts'
import { maxClockErrorMs, type StoreClock } from './store-clock.ts'

const name = 'Revocation-Position'

/**
 * Checks the header by which a caller demands that the answer knows the revocation at a position. A
 * route that reads the event store knows every position that was answered before the request came,
 * since the revocation was appended first. So only an impossible position is refused: text of
 * another form, or an instant that the store has not reached.
 * @throws AuthError INPUT_INVALID
 */
export const checkMinimumPosition = (ctx: Context, storeClock: StoreClock): void => {
  const text = ctx.get(name)
  if (text === '') return
  const position = parsePosition(text)
  const isAhead = position?.kind === 'instant' && position.t > storeClock.now() + maxClockErrorMs
  if (position && !isAhead) return
  throw new AuthError('INPUT_INVALID', `${name} is no position of this installation`, {
    field: name,
  })
}

/**
 * Sets the header that says what the answer knows: every revocation that was acknowledged before
 * this instant of the store. To be called before the store is read.
 */
export const setKnown = (ctx: Context, storeClock: StoreClock): void => {
  ctx.set(name, `t:${Math.floor(storeClock.now() - storeClock.errorMs())}`)
}
