import type { Context } from 'koa'
import { originsOf, type ReturnRules, returnAddress, showProblemBy } from '../http/index.ts'

/** How a browser is led to the sign-in that a proxy asks about. */
export type SignInOffer = Readonly<{
  how: 'off' | 'redirect' | 'header'
  /** The path of the sign-in, and where it may lead back to. */
  path: string
  returns: ReturnRules
}>

/** What the settings say of it; it leads back to the own origin alone, where the proxy is. */
export const signInOffer = (
  { forwardAuthSignIn: how }: Readonly<{ forwardAuthSignIn: SignInOffer['how'] }>,
  { base }: Readonly<{ base: string }>,
  publicUrl: URL,
): SignInOffer => ({
  how,
  path: `${base}/sign-in`,
  returns: { ownOrigin: publicUrl.origin, origins: originsOf(publicUrl, []) },
})

/** Whether a person looks at an address, rather than a script or a part of a page. */
const isNavigation = (ctx: Context): boolean => {
  const mode = ctx.get('sec-fetch-mode')
  if (mode !== '') return mode === 'navigate' && ctx.get('sec-fetch-dest') === 'document'
  return ctx.get('x-requested-with') === '' && ctx.accepts('json', 'html') === 'html'
}

/**
 * The cookies of this gateway are its host’s alone: on another host a browser that signed in would
 * still be nobody, and be led in circles.
 */
const isOwnHost = (ctx: Context, { ownOrigin, origins }: ReturnRules): boolean => {
  const host = ctx.get('x-forwarded-host')
  return host === '' || origins.isOwn(`${new URL(ownOrigin).protocol}//${host}`)
}

/** The address that the proxy was asked for: nginx, Traefik, and Envoy behind its prefix. */
const originalAddress = (ctx: Context): string => {
  const { path = '' } = (ctx['params'] ?? {}) as { path?: string }
  return ctx.get('x-original-uri') || ctx.get('x-forwarded-uri') || `/${path}${ctx.search}`
}

/**
 * Turns the 401 of this request into a way to the sign-in, if it is a browser’s navigation and the
 * settings say so. What the log and the events say of the refusal stays.
 */
export const offerSignIn = (
  ctx: Context,
  { how, path, returns }: SignInOffer,
  methods: readonly string[],
): void => {
  const isGet = methods.every((method) => method === '' || method === 'GET')
  if (how === 'off' || !isGet || !isNavigation(ctx) || !isOwnHost(ctx, returns)) return
  showProblemBy(ctx, ({ status }) => {
    if (status !== 401) return
    const returnTo = returnAddress(originalAddress(ctx), returns)
    const query = returnTo === null ? '' : `?return_to=${encodeURIComponent(returnTo)}`
    if (how === 'header') {
      ctx.set('Curfew-Sign-In', `${path}${query}`)
      return
    }
    ctx.status = 302
    ctx.set('Location', `${path}${query}`)
    ctx.body = ''
  })
}
