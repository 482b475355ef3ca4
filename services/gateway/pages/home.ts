import { AuthError } from '../../../shared/kernel/errors.ts'
import { meRoute } from '../accounts/routes/index.ts'
import type { Handler } from '../http/index.ts'
import { askRoute } from './ask-route.ts'
import { goTo } from './lead.ts'
import type { PageDeps } from './page-deps.ts'
import { keepLastCookies, whenSignedIn } from './renewal.ts'

/** `GET /`: leads a browser to its account, or to the sign-in; there is nothing for the rest. */
export const homeRoute: Handler<PageDeps> = (deps) => async (ctx) => {
  ctx.vary('Accept')
  if (ctx.accepts('json', 'html') !== 'html') throw new AuthError('NOT_FOUND', 'Not found.')
  const { base } = deps.pages
  const isSignedIn = await whenSignedIn(deps, ctx, async () => {
    await askRoute(meRoute, deps, ctx)
    return true
  })
  keepLastCookies(ctx)
  goTo(ctx, isSignedIn ? `${base}/account` : `${base}/sign-in`)
}
