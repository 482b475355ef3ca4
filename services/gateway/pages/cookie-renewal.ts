import type { Context } from 'koa'
import type { SessionRouteDeps } from '../sessions/index.ts'
import { refreshRoute } from '../sessions/routes/index.ts'
import { callRoute } from './call-route.ts'
import { isUnauthenticated, statusOf } from './problem-texts.ts'

/** The cookies that the answer sets or deletes so far. */
export const setCookies = (ctx: Context): readonly string[] => {
  const lines = ctx.res.getHeader('Set-Cookie') ?? []
  return [lines].flat().map(String)
}
const nameOf = (line: string): string => line.slice(0, line.indexOf('='))
/** A deletion at another path is of another cookie. */
const placeOf = (line: string): string => {
  const path = /; Path=([^;]*)/.exec(line)?.[1] ?? ''
  return `${nameOf(line)} ${path} ${line.includes('; Partitioned')}`
}

/** If a cookie was set twice, as by a refresh before a password change, keeps the last one. */
export const keepLastCookies = (ctx: Context): void => {
  const lines = setCookies(ctx)
  if (lines.length < 2) return
  ctx.set('Set-Cookie', [...new Map(lines.map((line) => [placeOf(line), line])).values()])
}

/**
 * Takes all of it back: the cookies of this request are nobody’s, and by now the browser may have
 * others of the same name, as from the first answer of a form that was sent twice.
 */
export const leaveCookies = (ctx: Context): void => ctx.remove('Set-Cookie')

/** What the browser would send next: the cookies of this request with those that were just set. */
const nextCookies = (ctx: Context): string => {
  const pairs = ctx
    .get('cookie')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
  const set = setCookies(ctx).map((line) => line.split(';', 1)[0] ?? '')
  const names = new Set(set.map(nameOf))
  const kept = pairs.filter((pair) => !names.has(nameOf(pair)))
  return [...kept, ...set.filter((pair) => !pair.endsWith('='))].join('; ')
}

/** Goes on as if the browser had sent the cookies that the answer sets so far. */
export const takeCookies = (ctx: Context): void => {
  ctx.req.headers.cookie = nextCookies(ctx)
}

/**
 * Renews the session of this request by its refresh cookie, as `POST /refresh` does, and goes on as
 * if the browser had sent the new cookies. False if there is nothing to renew: a sliding token that
 * is over cannot be renewed by anybody. Throws what is temporary, and TOKEN_SUPERSEDED.
 */
const renew = async (deps: SessionRouteDeps, ctx: Context): Promise<boolean> => {
  if (deps.http.cookies.fromRequest(ctx).refresh.length === 0) return false
  try {
    await callRoute(refreshRoute, deps, ctx)
  } catch (error) {
    // 400: the cookie is there, and empty or there twice.
    if (isUnauthenticated(error) || statusOf(error) === 400) return false
    throw error
  }
  // So the page is made with the new session at once, without a script and without a second trip.
  takeCookies(ctx)
  return true
}

/**
 * What `act` returns for whoever is signed in; `null` for nobody. An access token that is over is
 * renewed first, so that nobody is signed out by a page that was left open.
 */
export const whenSignedIn = async <T>(
  deps: SessionRouteDeps,
  ctx: Context,
  act: () => Promise<T>,
): Promise<T | null> => {
  try {
    return await act()
  } catch (error) {
    if (!isUnauthenticated(error)) throw error
  }
  if (!(await renew(deps, ctx))) return null
  try {
    return await act()
  } catch (error) {
    if (isUnauthenticated(error)) return null
    throw error
  }
}
