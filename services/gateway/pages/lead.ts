import type { Context } from 'koa'
import { html } from '../../../shared/pages/index.ts'
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
  if (!isHeldBack) return false
  const sheet = sheetFor(pages, ctx)
  const { say } = sheet.words
  const link = html`<p><a class="button wide" href="${address}">${say('continue')}</a></p>`
  answerPage(ctx, sheet, alonePage(sheet, say('one_moment'), link))
  ctx.set('Refresh', `0; url=${address}`)
  return true
}
