import { AuthError } from '../../../../shared/kernel/errors.ts'
import type { Handler } from '../../http/index.ts'
import type { SessionRouteDeps } from '../index.ts'
import { verifyFromRequest } from './commands-from-request.ts'

/** `POST /verify`: whether the access cookie holds a good token. The body is not read. */
export const verifyRoute: Handler<SessionRouteDeps> = (deps) => async (ctx) => {
  const access = deps.http.cookies.readAccess(ctx)
  if (access === null) throw new AuthError('TOKEN_INVALID', 'no access cookie')
  await verifyFromRequest(deps, access, deps.context.storeClock.now())
  ctx.body = {}
}
