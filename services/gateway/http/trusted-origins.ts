import type { Context, Middleware } from 'koa'
import { getDomain, parse } from 'tldts'
import { AuthError } from '../../../shared/kernel/errors.ts'

/** Browsers decide by the public suffix list, with its private part, what a site is. */
const suffixListOptions = { allowPrivateDomains: true } as const
const wildcard = /^(https?:\/\/)\*\.(?=[^.:])/
const label = /^[a-z0-9_-]{1,63}$/

/** One origin that the entry trusts: its wildcard replaced by a label. */
const exampleOrigin = (entry: string): string => entry.replace(wildcard, '$1x.')

const formMistake = (entry: string): string | null => {
  const { origin, username, pathname, search, hash } = new URL(exampleOrigin(entry))
  if (origin === exampleOrigin(entry)) return null
  const isMore = username !== '' || search !== '' || hash !== '' || pathname !== '/'
  if (isMore) return 'has more than scheme, host and port, which is all that browsers send'
  const written = wildcard.test(entry) ? origin.replace('//x.', '//*.') : origin
  return `is written ${JSON.stringify(written)} by browsers`
}

const widthMistake = (entry: string): string | null => {
  if (!wildcard.test(entry)) return null
  const host = new URL(exampleOrigin(entry)).hostname
  const { isIcann, isPrivate, publicSuffix } = parse(host, suffixListOptions)
  // `localhost` and names of a private network are not on the list.
  const isListed = isIcann === true || isPrivate === true
  if (!isListed || host !== `x.${publicSuffix}`) return null
  return `trusts strangers: anybody can have a name below ${publicSuffix}`
}

/** Why an entry of CURFEW_TRUSTED_ORIGINS cannot be used; `null` if it can. */
const mistakeIn = (entry: string): string | null => {
  if (entry === '*') return 'would trust every page of the web'
  if (entry === 'null') return 'is what pages of anybody send from a sandbox'
  if (!/^https?:\/\//i.test(entry)) return 'has no https:// or http:// before its host'
  if (entry.replace(wildcard, '').includes('*')) {
    return 'has a * elsewhere than as the whole first label, as in https://*.app.example'
  }
  if (!URL.canParse(exampleOrigin(entry))) return 'is no origin such as https://app.example'
  return formMistake(entry) ?? widthMistake(entry)
}

/**
 * @returns what is wrong with the list of this setting for a gateway whose address in browsers is
 * `publicUrl`.
 */
export const originMistakes = (
  entries: readonly string[],
  publicUrl: URL,
  setting = 'CURFEW_TRUSTED_ORIGINS',
): readonly string[] =>
  entries.flatMap((entry) => {
    const insecure =
      publicUrl.protocol === 'https:' && entry.startsWith('http://')
        ? 'is http beside an https CURFEW_PUBLIC_URL: who is on the network could write its pages'
        : null
    const mistake = mistakeIn(entry) ?? insecure
    return mistake === null ? [] : [`${setting} has ${JSON.stringify(entry)}, which ${mistake}.`]
  })

const siteOf = (url: URL): string =>
  `${url.protocol}//${getDomain(url.hostname, suffixListOptions) ?? url.hostname}`

/** Entries of another site than the gateway: their requests have no `SameSite` cookies. */
export const originsOfOtherSites = (
  entries: readonly string[],
  publicUrl: URL,
): readonly string[] =>
  entries.filter((entry) => siteOf(new URL(exampleOrigin(entry))) !== siteOf(publicUrl))

const originMatcher =
  (entry: string) =>
  (origin: string): boolean => {
    const scheme = wildcard.exec(entry)?.[1]
    if (scheme === undefined) return origin === entry
    const rest = entry.replace(wildcard, '.')
    const isBelow = origin.startsWith(scheme) && origin.endsWith(rest)
    return isBelow && label.test(origin.slice(scheme.length, -rest.length))
  }

/** The origin of `publicUrl`; on loopback, that of each loopback name at the same port. */
const ownOrigins = (publicUrl: URL): ReadonlySet<string> => {
  const names = ['localhost', '127.0.0.1', '[::1]']
  if (!names.includes(publicUrl.hostname)) return new Set([publicUrl.origin])
  return new Set(
    names.map((name) => {
      const url = new URL(publicUrl)
      url.hostname = name
      return url.origin
    }),
  )
}

/** The origins of the pages from which a browser may send requests. */
export type Origins = Readonly<{
  /** The gateway's own address. */
  isOwn: (origin: string) => boolean
  /** An origin that the settings name: its pages may send writes and read the answers. */
  isTrusted: (origin: string) => boolean
  /** Whether the settings name any. */
  areNamed: boolean
}>

export const originsOf = (publicUrl: URL, trusted: readonly string[]): Origins => {
  const own = ownOrigins(publicUrl)
  const matchers = trusted.map(originMatcher)
  return {
    isOwn: (origin) => own.has(origin),
    isTrusted: (origin) => matchers.some((matches) => matches(origin)),
    areNamed: trusted.length > 0,
  }
}

const safeMethods = new Set(['', 'GET', 'HEAD', 'OPTIONS'])

const refusal = (origin: string): AuthError => {
  const isPrintable = /^https?:\/\/[\x21-\x7e]{1,200}$/.test(origin)
  const source = isPrintable ? origin : 'another origin, which the browser does not tell'
  return new AuthError(
    'ORIGIN_REFUSED',
    `This request came from a page of ${source}. CURFEW_TRUSTED_ORIGINS names the pages that may.`,
  )
}

/**
 * Refuses writes that a page of another origin made a browser send (CSRF).
 * - A page that CURFEW_TRUSTED_ORIGINS names may send them.
 * - Otherwise `Sec-Fetch-Site` decides, if the browser sends it; no script can set it. `Origin`
 *   alone would not do: a page without referrers sends `Origin: null` to its own address too, and a
 *   service behind a proxy has an origin that the gateway does not know.
 * - Without `Sec-Fetch-Site`, as on http beyond loopback, `Origin` must be the gateway’s own.
 * - A request with neither header comes from no browser (curl, services), and is let through.
 * @throws AuthError ORIGIN_REFUSED
 */
export const refuseForeignWrite = (ctx: Context, origins: Origins, method = ctx.method): void => {
  if (safeMethods.has(method)) return
  const origin = ctx.get('origin')
  if (origins.isTrusted(origin)) return
  switch (ctx.get('sec-fetch-site')) {
    case 'same-origin':
    case 'none': // Caused by no page: typed by the user, or sent by a browser extension.
      return
    case 'same-site':
      if (origins.isOwn(origin)) return
      break
    case '':
      if (origin === '' || origins.isOwn(origin)) return
  }
  throw refusal(origin)
}

export const isPreflight = (ctx: Context): boolean =>
  ctx.method === 'OPTIONS' &&
  ctx.get('origin') !== '' &&
  ctx.get('access-control-request-method') !== ''

/** @throws AuthError ORIGIN_REFUSED, also for a preflight, so that its developer sees why. */
export const refuseForeignPages =
  (origins: Origins, isPageRoute: (path: string, method: string) => boolean): Middleware =>
  async (ctx, next) => {
    const requestedMethod = isPreflight(ctx) ? ctx.get('access-control-request-method') : null
    if (requestedMethod !== null && isPageRoute(ctx.path, requestedMethod))
      throw refusal(ctx.get('origin'))
    refuseForeignWrite(ctx, origins)
    return next()
  }
