import type { Context } from 'koa'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import type { RouteParts } from '../../route-parts.ts'
import { presentAny } from '../from-request.ts'

/** `POST /verify`: whether the access cookie holds a good token; a body is not looked at. */
export const verifyRoute =
  (parts: RouteParts) =>
  async (ctx: Context): Promise<void> => {
    const access = parts.cookies.readAccess(ctx)
    if (access === null) throw new AuthError('TOKEN_INVALID', 'no access cookie')
    await presentAny(parts, access, parts.storeClock.now())
    ctx.body = {}
  }
