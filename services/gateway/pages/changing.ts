import type { Context } from 'koa'
import { type AnsweredChange, formId } from './answered-forms.ts'
import { keepLastCookies, leaveCookies, setCookies, whenSignedIn } from './cookie-renewal.ts'
import { leaveNotice } from './notice.ts'
import type { Notice } from './notices.ts'
import type { PageDeps } from './page-deps.ts'
import { accountPath, goTo } from './redirects.ts'

/**
 * Does something for whoever is signed in, leaves a notice, and goes back to the page; also where
 * nobody is, since the page looks at the cookies that the browser has then. The same form twice is
 * done once.
 */
export const changing = async (
  deps: PageDeps,
  ctx: Context,
  form: ReadonlyMap<string, string>,
  change: () => Promise<Notice>,
): Promise<void> => {
  const { pages, context } = deps
  const act = async (): Promise<AnsweredChange | null> => {
    const notice = await whenSignedIn(deps, ctx, change)
    if (notice === null) return null
    keepLastCookies(ctx)
    return { notice, cookies: setCookies(ctx) }
  }
  const done = await pages.changes.once(formId(deps.http, ctx, form), context.clock, act)
  leaveCookies(ctx)
  if (done === null) {
    goTo(ctx, accountPath(deps))
    return
  }
  const { notice, cookies } = done
  if (cookies.length > 0) ctx.set('Set-Cookie', [...cookies])
  leaveNotice(ctx, pages, notice)
  goTo(ctx, notice === 'signed_out' ? `${pages.base}/sign-in` : accountPath(deps))
}
