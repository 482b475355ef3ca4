import { AuthError } from '../../../shared/kernel/errors.ts'
import { meRoute } from '../accounts/routes/index.ts'
import type { Handler } from '../http/index.ts'
import { callRoute } from './call-route.ts'
import { keepLastCookies, whenSignedIn } from './cookie-renewal.ts'
import type { PageDeps } from './page-deps.ts'
import { goTo } from './redirects.ts'

/** `GET /`: leads a browser to its account, or to the sign-in; there is nothing for the rest. */
export const homeRoute: Handler<PageDeps> = (deps) => async (ctx) => {
  ctx.vary('Accept')
  if (ctx.accepts('json', 'html') !== 'html') throw new AuthError('NOT_FOUND', 'Not found.')
  const { base } = deps.pages
  const isSignedIn = await whenSignedIn(deps, ctx, async () => {
    await callRoute(meRoute, deps, ctx)
    return true
  })
  keepLastCookies(ctx)
  goTo(ctx, isSignedIn ? `${base}/account` : `${base}/sign-in`)
}
