import { getDomain, parse } from 'tldts'

/** Browsers decide what a site is by the same list, its private part included. */
const byList = { allowPrivateDomains: true } as const
const wildcard = /^(https?:\/\/)\*\.(?=[^.:])/
const label = /^[a-z0-9_-]{1,63}$/

/** An origin that the entry would trust. */
const oneOf = (entry: string): string => entry.replace(wildcard, '$1x.')

const notAlike = (entry: string): string | null => {
  const { origin, username, pathname, search, hash } = new URL(oneOf(entry))
  if (origin === oneOf(entry)) return null
  const isMore = username !== '' || search !== '' || hash !== '' || pathname !== '/'
  if (isMore) return 'has more than scheme, host and port, which is all that browsers send'
  const written = wildcard.test(entry) ? origin.replace('//x.', '//*.') : origin
  return `is written ${JSON.stringify(written)} by browsers`
}

const tooWide = (entry: string): string | null => {
  if (!wildcard.test(entry)) return null
  const host = new URL(oneOf(entry)).hostname
  const { isIcann, isPrivate, publicSuffix } = parse(host, byList)
  // `localhost` and names of one's own network are on no list.
  const isListed = isIcann === true || isPrivate === true
  if (!isListed || host !== `x.${publicSuffix}`) return null
  return `trusts strangers: anybody can have a name below ${publicSuffix}`
}

/** Why an entry of CURFEW_TRUSTED_ORIGINS cannot be used; `null` when it can. */
const mistakeIn = (entry: string): string | null => {
  if (entry === '*') return 'would trust every page of the web'
  if (entry === 'null') return 'is what pages of anybody send from a sandbox'
  if (!/^https?:\/\//i.test(entry)) return 'has no https:// or http:// before its host'
  if (entry.replace(wildcard, '').includes('*')) {
    return 'has a * elsewhere than as the whole first label, as in https://*.app.example'
  }
  if (!URL.canParse(oneOf(entry))) return 'is no origin such as https://app.example'
  return notAlike(entry) ?? tooWide(entry)
}

/** @returns what is wrong with the list for a gateway whose address in browsers is `publicUrl`. */
export const originMistakes = (entries: readonly string[], publicUrl: URL): readonly string[] =>
  entries.flatMap((entry) => {
    const insecure =
      publicUrl.protocol === 'https:' && entry.startsWith('http://')
        ? 'is http beside an https CURFEW_PUBLIC_URL: who is on the network could write its pages'
        : null
    const mistake = mistakeIn(entry) ?? insecure
    return mistake === null
      ? []
      : [`CURFEW_TRUSTED_ORIGINS has ${JSON.stringify(entry)}, which ${mistake}.`]
  })

const siteOf = (url: URL): string =>
  `${url.protocol}//${getDomain(url.hostname, byList) ?? url.hostname}`

/** Entries whose pages are of another site: `SameSite` keeps cookies from their requests. */
export const ofOtherSites = (entries: readonly string[], publicUrl: URL): readonly string[] =>
  entries.filter((entry) => siteOf(new URL(oneOf(entry))) !== siteOf(publicUrl))

const trusts =
  (entry: string) =>
  (origin: string): boolean => {
    const scheme = wildcard.exec(entry)?.[1]
    if (scheme === undefined) return origin === entry
    const rest = entry.replace(wildcard, '.')
    const isBelow = origin.startsWith(scheme) && origin.endsWith(rest)
    return isBelow && label.test(origin.slice(scheme.length, -rest.length))
  }

/** The origins of `publicUrl`, and on loopback all names of this machine at the same port. */
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

/** Whose pages may make a browser send what. */
export type Origins = Readonly<{
  /** The gateway's own address. */
  isOwn: (origin: string) => boolean
  /** A page that the settings name: it may send writes, and read the answers. */
  isTrusted: (origin: string) => boolean
  /** Whether the settings name any. */
  areNamed: boolean
}>

export const originsOf = (publicUrl: URL, trusted: readonly string[]): Origins => {
  const own = ownOrigins(publicUrl)
  const tests = trusted.map(trusts)
  return {
    isOwn: (origin) => own.has(origin),
    isTrusted: (origin) => tests.some((test) => test(origin)),
    areNamed: trusted.length > 0,
  }
}
