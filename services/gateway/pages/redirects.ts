import type { Context } from 'koa'
import { html } from '../../../shared/pages/index.ts'
import type { Pages } from './open-pages.ts'
import { alonePage, answerPage, sheetFor } from './page.ts'
import type { PageDeps } from './page-deps.ts'

/** 303: whatever the method was, the browser goes on with a GET. */
export const goTo = (ctx: Context, address: string): void => {
  ctx.status = 303
  ctx.set('Location', address)
  ctx.body = ''
}

export const accountPath = ({ pages: { base } }: PageDeps): string => `${base}/account`

export const withReturn = (address: string, returnTo: string | null): string =>
  returnTo === null ? address : `${address}?return_to=${encodeURIComponent(returnTo)}`

/** A page of this origin that leads on at once; by a link where a browser does not do that. */
const showLead = (pages: Pages, ctx: Context, address: string): void => {
  const sheet = sheetFor(pages, ctx)
  const { say } = sheet.words
  const link = html`<p><a class="button wide" href="${address}">${say('continue')}</a></p>`
  answerPage(ctx, sheet, alonePage(sheet, say('one_moment'), link))
  ctx.set('Refresh', `0; url=${address}`)
}

/** Pages of Curfew that redirect to no other origin. */
const ownPath = /^\/(?:(?:account|console)(?:[/?#].*)?|sign-in|sign-out)$/

/**
 * Goes on after a form. Chromium holds `form-action` against every redirect behind a form, also
 * against those of whoever answers at `address`, and then stays on the form without a word. So only
 * pages of Curfew come by a redirect; to everything else a page leads, where the form is over.
 */
export const leadFromForm = ({ pages }: PageDeps, ctx: Context, address: string): void => {
  const isOwn = address.startsWith(pages.base) && ownPath.test(address.slice(pages.base.length))
  if (isOwn) goTo(ctx, address)
  else showLead(pages, ctx, address)
}

/**
 * A browser that a page of another site sent here keeps its refresh cookie back
 * (`SameSite=Strict`), so it cannot be told yet whether somebody is signed in. It is led on to
 * `address` by a page of this origin, and then sends the cookie. False where that is not so.
 */
export const leadsOnward = ({ http, pages }: PageDeps, ctx: Context, address: string): boolean => {
  const isHeldBack =
    ctx.get('sec-fetch-site') === 'cross-site' &&
    ctx.get('sec-fetch-mode') === 'navigate' &&
    http.cookies.fromRequest(ctx).refresh.length === 0
  if (isHeldBack) showLead(pages, ctx, address)
  return isHeldBack
}
