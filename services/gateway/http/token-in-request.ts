import type { Context } from 'koa'
import { headerLines } from '../../../shared/tokens/header-lines.ts'
import { type ShownToken, shownToken } from '../../../shared/tokens/shown-token.ts'
import type { CookieJar } from './cookie-jar.ts'

/** Which header carries tokens, and what may stand before them. */
export type BearerHeader = Readonly<{ name: string; types: readonly string[] }>
type Places = Readonly<{ cookies: CookieJar; bearer: BearerHeader }>

/** The token of a request, read as every guard reads it. */
export const shownIn = ({ cookies, bearer }: Places, ctx: Context): ShownToken => {
  const cookie = ctx.get('cookie')
  const shown = { header: headerLines(ctx.req, bearer.name), cookie }
  return shownToken(shown, { types: bearer.types, cookie: cookies.accessName })
}

/** Whether the caller holds its tokens itself: its answer has them in the body, not in cookies. */
export const cameInHeader = (places: Places, ctx: Context): boolean => {
  const shown = shownIn(places, ctx)
  return shown.kind === 'token' && shown.from === 'header'
}
