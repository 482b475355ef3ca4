export {
  type CookiePolicy,
  type CookieShape,
  cookiePolicy,
  cookiesOfParentPaths,
  cookieValues,
  deleteCookie,
  otherPartitionCookies,
  readCookie,
  serializeCookie,
} from './cookies.ts'
export { headerLines, type RequestHeaders } from './header-lines.ts'
export { type TokenInRequest, tokenInRequest } from './token-in-request.ts'
