import { html } from '../../../shared/pages/index.ts'
import { callerSchema, meRoute } from '../accounts/routes/index.ts'
import { type Handler, readForm, returnAddress } from '../http/index.ts'
import { logoutRoute } from '../sessions/routes/index.ts'
import { callRoute, readRoute } from './call-route.ts'
import { keepLastCookies, leaveCookies, whenSignedIn } from './cookie-renewal.ts'
import { hasNotice, leaveNotice } from './notice.ts'
import { alonePage, answerPage, sheetFor } from './page.ts'
import type { PageDeps } from './page-deps.ts'
import { isUnauthenticated } from './problem-texts.ts'
import { goTo, leadFromForm, leadsOnward, withReturn } from './redirects.ts'

/** `GET /sign-out`: asks first, since a link must not sign anybody out. */
export const signOutFormRoute: Handler<PageDeps> = (deps) => async (ctx) => {
  const { pages } = deps
  const me = await whenSignedIn(deps, ctx, () => readRoute(meRoute, callerSchema, deps, ctx))
  const returnTo = returnAddress(ctx.query['return_to'], pages.returns)
  if (me === null) {
    if (leadsOnward(deps, ctx, withReturn(`${pages.base}/sign-out`, returnTo))) return
    if (returnTo === null && !hasNotice(ctx, pages)) leaveNotice(ctx, pages, 'not_signed_in')
    goTo(ctx, returnTo ?? `${pages.base}/sign-in`)
    return
  }
  const sheet = sheetFor(pages, ctx)
  const { say } = sheet.words
  const hidden = returnTo && html`<input type="hidden" name="return_to" value="${returnTo}">`
  const content = html`<p class="muted">${say('sign_out_hint', { name: me.username ?? '' })}</p>
<form method="post" action="${pages.base}/sign-out">${hidden}
<button class="wide" type="submit" autofocus>${say('sign_out')}</button></form>
<p><a class="button quiet wide" href="${pages.base}/account">${say('stay')}</a></p>`
  answerPage(ctx, sheet, alonePage(sheet, say('sign_out_question'), content))
}

/**
 * `POST /sign-out` `return_to`: what `POST /logout` does, and says it only where it was done. Where
 * these cookies are nobody’s, the question looks at those that the browser has then.
 */
export const signOutRoute: Handler<PageDeps> = (deps) => async (ctx) => {
  const { pages } = deps
  const form = await readForm(ctx)
  const returnTo = returnAddress(form.get('return_to'), pages.returns)
  try {
    await callRoute(logoutRoute, deps, ctx)
  } catch (error) {
    if (!isUnauthenticated(error)) throw error
    leaveCookies(ctx)
    ctx.remove('Clear-Site-Data')
    leadFromForm(deps, ctx, withReturn(`${pages.base}/sign-out`, returnTo))
    return
  }
  keepLastCookies(ctx)
  if (returnTo === null) leaveNotice(ctx, pages, 'signed_out')
  leadFromForm(deps, ctx, returnTo ?? `${pages.base}/sign-in`)
}
