import type { Context } from 'koa'
import {
  headerLines,
  type TokenInRequest,
  tokenInRequest,
} from '../../../shared/tokens/requests/index.ts'
import type { CookieJar } from './cookie-jar.ts'

/** The header that carries tokens, and the types that may precede a token in it. */
export type BearerHeader = Readonly<{ name: string; types: readonly string[] }>
type TokenSources = Readonly<{ cookies: CookieJar; bearer: BearerHeader }>

/** The access token of a request, read by the same rules as in every guard. */
export const tokenInContext = ({ cookies, bearer }: TokenSources, ctx: Context): TokenInRequest => {
  const cookie = ctx.get('cookie')
  const sent = { header: headerLines(ctx.req, bearer.name), cookie }
  return tokenInRequest(sent, { types: bearer.types, cookie: cookies.accessName })
}

/** Whether the token came in the header. Then new tokens go into the body, not into cookies. */
export const hasTokenInHeader = (sources: TokenSources, ctx: Context): boolean => {
  const found = tokenInContext(sources, ctx)
  return found.kind === 'token' && found.from === 'header'
}
