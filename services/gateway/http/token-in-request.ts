import type { Context } from 'koa'
import {
  headerLines,
  type TokenInRequest,
  tokenInRequest,
} from '../../../shared/tokens/requests/index.ts'
import type { CookieJar } from './cookie-jar.ts'

/** Which header carries tokens, and what may stand before them. */
export type BearerHeader = Readonly<{ name: string; types: readonly string[] }>
type Places = Readonly<{ cookies: CookieJar; bearer: BearerHeader }>

/** The token of a request, read as every guard reads it. */
export const tokenInContext = ({ cookies, bearer }: Places, ctx: Context): TokenInRequest => {
  const cookie = ctx.get('cookie')
  const shown = { header: headerLines(ctx.req, bearer.name), cookie }
  return tokenInRequest(shown, { types: bearer.types, cookie: cookies.accessName })
}

/** Whether the caller holds its tokens itself: its answer has them in the body, not in cookies. */
export const cameInHeader = (places: Places, ctx: Context): boolean => {
  const shown = tokenInContext(places, ctx)
  return shown.kind === 'token' && shown.from === 'header'
}
