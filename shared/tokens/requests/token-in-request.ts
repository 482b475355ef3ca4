import { readCookie } from './cookies.ts'

/** What a request shows, before anybody judged it. */
export type TokenInRequest =
  | Readonly<{ kind: 'token'; token: string; from: 'header' | 'cookie' }>
  | Readonly<{ kind: 'none' }>
  | Readonly<{ kind: 'bad_header' }>
  | Readonly<{ kind: 'cookie_duplicated' }>

/** Where a token may stand: behind which schemes in the header, and in which cookie. */
export type TokenLocations = Readonly<{ types: readonly string[]; cookie: string }>

type Shown = Readonly<{
  /** The lines of the header that carries tokens, `Authorization` as a rule. */
  header: readonly string[]
  cookie: string | undefined
}>

/** RFC 9110, 5.6.3; nothing else is white space in a header. */
const wordsOf = (line: string): readonly string[] =>
  line.split(/[ \t]+/).filter((word) => word !== '')

const inHeader = (lines: readonly string[], types: readonly string[]): TokenInRequest | null => {
  if (lines.length === 0) return null
  const ours = lines.map(wordsOf).filter(([scheme = '']) => types.includes(scheme))
  const [first, ...more] = ours
  if (first === undefined) return null
  const [, token, ...rest] = first
  // Two lines are two answers to who this is: which of them another server takes cannot be told.
  if (more.length > 0 || token === undefined || rest.length > 0) return { kind: 'bad_header' }
  return { kind: 'token', token, from: 'header' }
}

const inCookie = (header: string | undefined, name: string): TokenInRequest => {
  const reading = readCookie(header, name)
  if (reading.kind === 'duplicated') return { kind: 'cookie_duplicated' }
  // An empty cookie is one that was deleted badly: no credentials, as in Django.
  if (reading.kind !== 'value' || reading.value === '') return { kind: 'none' }
  return { kind: 'token', token: reading.value, from: 'cookie' }
}

/**
 * The one reading of a request's token, for the gateway, forward-auth and every guard.
 * - A line of the header whose scheme is one of `types`, letter for letter as Simple-JWT compares,
 *   decides, even when it is bad; it has exactly one value, and comes once.
 * - Any other scheme is somebody else's, as `Basic` of a proxy is: the cookie speaks.
 * - A header that holds nothing is none.
 */
export const tokenInRequest = (
  { header, cookie }: Shown,
  { types, cookie: name }: TokenLocations,
): TokenInRequest => inHeader(header, types) ?? inCookie(cookie, name)
