import { AuthError } from '../../kernel/errors.ts'

/** A cookie's name and attributes; `HttpOnly` always, `Domain` never. */
export type CookieShape = Readonly<{
  name: string
  path: string
  /** `None` is for pages of other sites; each of them then has cookies of its own. */
  sameSite: 'Lax' | 'Strict' | 'None'
  secure: boolean
  /** Whether browsers keep it for each site whose page is open; as `None` has it, without it. */
  partitioned?: boolean
}>
export type CookiePolicy = Readonly<{ access: CookieShape; refresh: CookieShape }>
export type CookieDecision =
  | Readonly<{ ok: true; policy: CookiePolicy }>
  | Readonly<{ ok: false; mistake: string }>

const isLoopback = ({ hostname }: URL): boolean =>
  hostname === 'localhost' ||
  hostname.endsWith('.localhost') ||
  hostname === '[::1]' ||
  /^127(?:\.\d{1,3}){3}$/.test(hostname)

/**
 * Names and attributes by the address that browsers see. `__Host-` forces Path=/, so the refresh
 * cookie, which goes to the gateway only, is `__Secure-` (RFC 6265bis, 4.1.3). Browsers refuse both
 * prefixes over http, where names are plain: on loopback, or when `insecure` says that it is meant.
 */
export const cookiePolicy = ({
  publicUrl,
  basePath,
  insecure,
  crossSite = false,
}: Readonly<{
  publicUrl: URL
  basePath: string
  insecure: boolean
  /** Whether pages of other sites may use them; browsers take that on https only. */
  crossSite?: boolean
}>): CookieDecision => {
  if (!/^\/[A-Za-z0-9._~/-]*$/.test(basePath)) {
    return {
      ok: false,
      mistake: 'the base path must begin with / and hold letters, digits and ._~-/',
    }
  }
  const secure = publicUrl.protocol === 'https:'
  if (!secure && !insecure && !isLoopback(publicUrl)) {
    return {
      ok: false,
      mistake:
        `cookies for ${publicUrl.origin} would travel unencrypted: ` +
        'use https, or say CURFEW_INSECURE_COOKIES=true',
    }
  }
  const policy: CookiePolicy = {
    access: {
      name: secure ? '__Host-access' : 'access',
      path: '/',
      sameSite: crossSite ? 'None' : 'Lax',
      secure,
    },
    refresh: {
      name: secure ? '__Secure-refresh' : 'refresh',
      path: basePath,
      sameSite: crossSite ? 'None' : 'Strict',
      secure,
    },
  }
  return { ok: true, policy }
}

const pairBytesMax = 4096
// A subset of RFC 6265's cookie-octet; a token needs no more, and nothing in it splits a header.
const valuePattern = /^[A-Za-z0-9._~-]*$/

// Partitioned (CHIPS): browsers that keep no cookies of third parties keep it, in a jar for each
// site whose page is open, so that a page of yet another site finds none.
const isPartitioned = ({ sameSite, partitioned = sameSite === 'None' }: CookieShape): boolean =>
  partitioned
const attributesOf = (shape: CookieShape): string =>
  `; Path=${shape.path}; HttpOnly; SameSite=${shape.sameSite}${shape.secure ? '; Secure' : ''}` +
  `${isPartitioned(shape) ? '; Partitioned' : ''}`

/**
 * A `Set-Cookie` value. `maxAgeSeconds` = `null` makes a cookie that ends with the browser's
 * session.
 * @throws AuthError INPUT_INVALID when browsers would drop it (over 4096 bytes) or the value is no
 * token.
 */
export const serializeCookie = (
  shape: CookieShape,
  value: string,
  maxAgeSeconds: number | null,
): string => {
  if (!valuePattern.test(value)) {
    throw new AuthError('INPUT_INVALID', `the cookie ${shape.name} holds a forbidden character`)
  }
  if (shape.name.length + value.length > pairBytesMax) {
    throw new AuthError('INPUT_INVALID', `the cookie ${shape.name} exceeds ${pairBytesMax} bytes`)
  }
  const age =
    maxAgeSeconds === null
      ? ''
      : `; Max-Age=${maxAgeSeconds <= 0 ? 0 : Math.max(1, Math.floor(maxAgeSeconds))}`
  return `${shape.name}=${value}${age}${attributesOf(shape)}`
}

/**
 * Deletes: only a cookie of the same name, path and attributes replaces the one that the browser
 * has.
 */
export const deleteCookie = (shape: CookieShape): string =>
  `${shape.name}=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT${attributesOf(shape)}`

/**
 * The same cookie at every path above its own, `/` first: where another configuration may have set
 * it, and from where browsers send it along with the one of today.
 */
export const cookiesOfParentPaths = (shape: CookieShape): readonly CookieShape[] => {
  const parts = shape.path.split('/').filter((part) => part !== '')
  return parts.map((_, depth) => ({ ...shape, path: `/${parts.slice(0, depth).join('/')}` }))
}

/**
 * The cookie of this name in the browser's other jar, where the other value of
 * CURFEW_COOKIE_SAME_SITE put it: browsers send both. Over http there is one jar.
 */
export const otherPartitionCookies = (shape: CookieShape): readonly CookieShape[] =>
  shape.secure ? [{ ...shape, sameSite: 'None', partitioned: !isPartitioned(shape) }] : []

export type CookieReading =
  | Readonly<{ kind: 'value'; value: string }>
  | Readonly<{ kind: 'absent' }>
  /**
   * Different ones: tossed from a parent domain, or left at another path. Which is whose cannot be
   * told.
   */
  | Readonly<{ kind: 'duplicated' }>

const isBlank = (text: string, at: number): boolean => text[at] === ' ' || text[at] === '\t'

/**
 * RFC 6265, 4.1.1: a value may stand in quotes. White space around it is that of the header; it is
 * counted off, since a pattern that looks for it at the end takes the square of its length.
 */
const valueIn = (text: string): string => {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text, start)) start += 1
  while (end > start && isBlank(text, end - 1)) end -= 1
  const value = text.slice(start, end)
  return value.length > 1 && value.startsWith('"') && value.endsWith('"')
    ? value.slice(1, -1)
    : value
}

type Pairs = readonly (readonly [name: string, value: string])[]

/**
 * The pairs of the header that was read last: a request that sets cookies reads its own several
 * times.
 */
let newest: Readonly<{ header: string; pairs: Pairs }> = { header: '', pairs: [['', '']] }

const pairsOf = (header: string): Pairs => {
  if (newest.header !== header) newest = { header, pairs: splitPairs(header) }
  return newest.pairs
}

const splitPairs = (header: string): Pairs =>
  header.split(';').map((part, index) => {
    // One blank follows a semicolon. No name is trimmed more: servers that trim take
    // U+00A0__Host-access, which any subdomain may set, for the protected name.
    const pair = index > 0 && part.startsWith(' ') ? part.slice(1) : part
    const equals = pair.indexOf('=')
    return equals < 0 ? ['', pair] : [pair.slice(0, equals), valueIn(pair.slice(equals + 1))]
  })

/**
 * Reads a protected cookie from a `Cookie` header, comparing names byte by byte. Other cookies are
 * passed over. One value from several paths is one: whichever is whose, it says the same.
 */
export const readCookie = (header: string | undefined, wanted: string): CookieReading => {
  let found: string | undefined
  for (const [name, value] of pairsOf(header ?? '')) {
    if (name !== wanted || value === found) continue
    if (found !== undefined) return { kind: 'duplicated' }
    found = value
  }
  return found === undefined ? { kind: 'absent' } : { kind: 'value', value: found }
}

/** Every different value under `wanted`, in the order of the header; empty ones are none. */
export const cookieValues = (header: string | undefined, wanted: string): readonly string[] => {
  const named = pairsOf(header ?? '').filter(([name, value]) => name === wanted && value !== '')
  return [...new Set(named.map(([, value]) => value))]
}
