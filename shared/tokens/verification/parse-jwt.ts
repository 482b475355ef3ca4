import { isUtf8 } from 'node:buffer'
import type { EpochMs } from '../../kernel/ids.ts'
import { isPlainObject, isStrictJsonValue, parseStrictJson } from '../../kernel/strict-json.ts'
import { isForeignKeyId, isKeyId, type KeyLookup, type VerifyKey } from '../keys/index.ts'

/**
 * The strict reader in front of jsonwebtoken 9.0.3. Each check closes one gap that was measured
 * there (faults-and-attacks.md, 2.3); none throws, since whatever a stranger sends is a 401 and
 * never a 500.
 */
export const tokenBytesMax = 4096
const headerBytesMax = 512
const headerDepthMax = 4
/** Containers within containers, the payload itself among them. */
export const payloadDepthMax = 8

export const accessTyp = 'at+jwt'
export const refreshTyp = 'rt+jwt'
export const slidingTyp = 'sl+jwt'
const typs: readonly unknown[] = [accessTyp, refreshTyp, slidingTyp]

export type TokenHeader = Readonly<{ alg: string; typ: string; kid: string }>
export type JwtFault =
  | 'too_large'
  | 'parts'
  | 'encoding'
  | 'header_json'
  | 'header_members'
  | 'typ'
  | 'kid'
  | 'payload_json'
export type ParsedJwt =
  | Readonly<{ ok: true; header: TokenHeader; payload: Readonly<Record<string, unknown>> }>
  | Readonly<{ ok: false; fault: JwtFault }>

const refused = (fault: JwtFault): ParsedJwt => ({ ok: false, fault })

// An 8 MB token cost 130 ms of verification; this bound is the size of a cookie.
const isSmall = (token: string): boolean => token.length <= tokenBytesMax

// Three parts: a JWE has five, and JSON serialization has none.
const partsOf = (token: string): readonly [string, string, string] | null => {
  const parts = token.split('.', 4)
  return parts.length === 3 && !parts.includes('') ? (parts as [string, string, string]) : null
}

// The last character of a part carries unused bits: four spellings decode to one signature, and
// each of them verified. Only the spelling that encoding yields is taken. This refuses padding and
// blanks too.
const decodeCanonical = (part: string): Buffer | null => {
  const bytes = Buffer.from(part, 'base64url')
  return bytes.toString('base64url') === part ? bytes : null
}

// Buffer.toString replaces broken bytes by U+FFFD, so that two different payloads read as one. It
// keeps a byte order mark, which JSON.parse refuses; TextDecoder would drop it.
const decodeUtf8 = (bytes: Buffer): string | null => (isUtf8(bytes) ? bytes.toString('utf8') : null)

// Duplicates (the last one wins in JSON.parse), arrays, `null` (a TypeError) and deep nesting (a
// RangeError).
const strictObject = (bytes: Buffer, depthMax: number): Record<string, unknown> | null => {
  const text = decodeUtf8(bytes)
  const parsed = text === null ? null : parseStrictJson(text, { depthMax })
  return parsed?.ok && isPlainObject(parsed.value) ? parsed.value : null
}

// `crit` and `b64: false` were ignored; `jku`, `x5u`, `x5c` and `jwk` bring keys, `zip` and `cty`
// other formats. Whatever is not one of these three members is refused, so a member invented
// tomorrow is too.
const headerMembers: ReadonlySet<string> = new Set(['alg', 'typ', 'kid'])

// Any `typ` was taken, so a token of one purpose passed as another (RFC 8725, 3.11). Exact: no case
// folding.
const isOurTyp = (typ: unknown): typ is string => typs.includes(typ)

/** What may stand in a header, whoever signed. */
type HeaderRules = {
  readonly members: ReadonlySet<string>
  readonly isTyp: (typ: unknown) => typ is string
  readonly isKid: (kid: unknown) => kid is string
  /** The newest that was good: tokens of one key have one, letter for letter. */
  newest?: Readonly<{ part: string; header: TokenHeader }>
}
const ownRules: HeaderRules = {
  members: headerMembers,
  isTyp: isOurTyp,
  isKid: isKeyId,
}

const readHeader = (part: string, rules: HeaderRules): TokenHeader | JwtFault => {
  const bytes = decodeCanonical(part)
  if (bytes === null) return 'encoding'
  const header = strictObject(bytes, headerDepthMax)
  if (header === null) return 'header_json'
  if (!Object.keys(header).every((name) => rules.members.has(name))) return 'header_members'
  const { alg, typ = 'JWT', kid } = header
  if (typeof alg !== 'string') return 'header_members'
  if (!rules.isTyp(typ)) return 'typ'
  if (!rules.isKid(kid)) return 'kid'
  rules.newest = { part, header: { alg, typ, kid } }
  return rules.newest.header
}

/**
 * Reads a token's form, exactly. Says nothing of its signature; the payload is not to be believed
 * yet.
 */
export const parseJwt = (token: unknown): ParsedJwt => parse(token, ownRules)

const parse = (token: unknown, rules: HeaderRules): ParsedJwt => {
  if (typeof token !== 'string' || !isSmall(token)) return refused('too_large')
  const parts = partsOf(token)
  if (parts === null) return refused('parts')
  const [part] = parts
  if (part.length > headerBytesMax) return refused('too_large')
  const [payloadBytes, signature] = [decodeCanonical(parts[1]), decodeCanonical(parts[2])]
  if (!payloadBytes || !signature) return refused('encoding')
  const { newest } = rules
  const header = newest?.part === part ? newest.header : readHeader(part, rules)
  if (typeof header === 'string') return refused(header)
  const payload = strictObject(payloadBytes, payloadDepthMax)
  if (payload === null) return refused('payload_json')
  return { ok: true, header, payload }
}

/** Whether `parseJwt` takes a token with these claims, which are plain JSON. */
export const isReadablePayload = (claims: object): boolean =>
  isPlainObject(claims) && isStrictJsonValue(claims, { depthMax: payloadDepthMax })

// Azure names the certificate beside the key. It is not looked at: the key set says which key.
const foreignMembers: ReadonlySet<string> = new Set([...headerMembers, 'x5t', 'x5t#S256'])
// RFC 9068's and the plain one; every other purpose has a `typ` of its own (RFC 8725, 3.11).
const foreignTyps = ['jwt', 'application/jwt', 'at+jwt', 'application/at+jwt']
const isForeignTyp = (typ: unknown): typ is string =>
  typeof typ === 'string' && foreignTyps.includes(typ.toLowerCase())
const foreignRules: HeaderRules = {
  members: foreignMembers,
  isTyp: isForeignTyp,
  isKid: isForeignKeyId,
}

/** As `parseJwt`, for tokens of another issuer: without a `typ` one counts as `JWT`. */
export const parseForeignJwt = (token: unknown): ParsedJwt => parse(token, foreignRules)

export type KeyChoice =
  | Readonly<{ ok: true; key: VerifyKey }>
  | Readonly<{ ok: false; problem: 'unknown_key' | 'malformed' }>

/**
 * The key that a header names. The algorithm is the key's: a header that says another one is a
 * forgery (`none`, or HMAC with a public key), not a choice. A key past `notAfter` has signed
 * nothing that lives.
 */
export const chooseKey = ({ alg, kid }: TokenHeader, keys: KeyLookup, now: EpochMs): KeyChoice => {
  const key = keys.get(kid)
  if (key === undefined || (key.notAfter !== null && now >= key.notAfter)) {
    return { ok: false, problem: 'unknown_key' }
  }
  return alg === key.alg ? { ok: true, key } : { ok: false, problem: 'malformed' }
}
