import type { Context } from 'koa'
import { type Html, html } from '../../../shared/pages/index.ts'
import {
  type CookieShape,
  deleteCookie,
  readCookie,
  serializeCookie,
} from '../../../shared/tokens/requests/index.ts'
import { type Notice, notices } from './notice-kinds.ts'
import type { Pages } from './open-pages.ts'
import type { Words } from './texts/index.ts'

const seconds = 60

/**
 * A notice travels in a cookie that this origin alone can set and that goes with the next page. In
 * the address, anybody’s link could say it.
 */
const shapeOf = ({ base, secure }: Pages): CookieShape => ({
  name: secure ? '__Secure-curfew-notice' : 'curfew-notice',
  path: base === '' ? '/' : base,
  sameSite: 'Strict',
  secure,
})

export const leaveNotice = (ctx: Context, pages: Pages, notice: Notice): void => {
  ctx.append('Set-Cookie', serializeCookie(shapeOf(pages), notice, seconds))
}

export const hasNotice = (ctx: Context, pages: Pages): boolean =>
  readCookie(ctx.get('cookie'), shapeOf(pages).name).kind !== 'absent'

/** The notice that was left for this browser; from now on it is gone. */
export const takeNotice = (ctx: Context, pages: Pages): Notice | null => {
  const shape = shapeOf(pages)
  const found = readCookie(ctx.get('cookie'), shape.name)
  if (found.kind === 'absent') return null
  ctx.append('Set-Cookie', deleteCookie(shape))
  return notices.find((one) => found.kind === 'value' && one === found.value) ?? null
}

export const noticeHtml = ({ say }: Words, notice: Notice | null): Html | null =>
  notice && html`<p class="says good" role="status">${say(`notice_${notice}`)}</p>`

/** What went wrong, above a form; the field of `id` is described by it. */
export const errorHtml = (text: string, id: string): Html =>
  html`<p class="says bad" role="alert" id="${id}">${text}</p>`
