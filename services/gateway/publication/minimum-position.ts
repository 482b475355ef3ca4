import type { Context } from 'koa'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { parsePosition } from '../../../shared/kernel/position.ts'
import type { StoreClock } from './store-clock.ts'
import { maxClockErrorMs } from './store-clock.ts'

const name = 'Revocation-Position'

/**
 * What a caller demands that the answer knows. A route that asks the event store knows every
 * position that was given out before the request came: the revocation was appended first. So only
 * what can be nobody's position is refused: text of another form, and an instant that the store has
 * not reached.
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
 * Tells what the answer knows: every revocation that was acknowledged before this instant of the
 * store. Called before the store is asked.
 */
export const setKnown = (ctx: Context, storeClock: StoreClock): void => {
  ctx.set(name, `t:${Math.floor(storeClock.now() - storeClock.errorMs())}`)
}
