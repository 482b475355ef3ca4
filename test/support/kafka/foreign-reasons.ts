import { otherAudience } from '../worlds/other-issuer.ts'

type Members = Readonly<Record<string, unknown>>
type Parts = Readonly<{ token: string; header: Members; payload: Members; now: number }>
type Rule = (parts: Parts) => boolean

const isNumber = (value: unknown): value is number => typeof value === 'number' && value >= 0
const areTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === 'string')
const isTextLike = (value: unknown): boolean =>
  value === undefined || typeof value === 'string' || areTexts(value)
const lower = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value)

const headerNames = ['alg', 'typ', 'kid', 'x5t', 'x5t#S256']
const typs: readonly unknown[] = [
  undefined,
  'jwt',
  'application/jwt',
  'at+jwt',
  'application/at+jwt',
]
const kinds: readonly unknown[] = [undefined, 'bearer', 'jwt', 'at+jwt', 'access']
const isId = (value: unknown): boolean =>
  typeof value === 'string' ? value !== '' : Number.isSafeInteger(value)

/**
 * The reasons of docs/doors.md for which a token may be refused whose signature, issuer, audience
 * and times are right, said again and apart from the code.
 */
export const foreignReasons: Readonly<Record<string, Rule>> = {
  encoding: ({ token }) =>
    token.split('.').some((one) => Buffer.from(one, 'base64url').toString('base64url') !== one),
  'header member': ({ header }) => Object.keys(header).some((name) => !headerNames.includes(name)),
  'header `typ`': ({ header }) => !typs.includes(lower(header['typ'])),
  '`kid`': ({ header: { kid } }) => typeof kid !== 'string' || !/^[\x21-\x7e]{1,128}$/.test(kid),
  '`iat`, `exp`': ({ payload: { iat, exp }, now }) =>
    !isNumber(iat) || !isNumber(exp) || exp <= iat || exp - iat > 3_600 || iat > now / 1_000 + 60,
  'fractions of a second': ({ payload: { iat, exp, nbf }, now }) =>
    [iat, exp, nbf].some(
      (at) => isNumber(at) && !Number.isInteger(at) && Math.abs(at - now / 1_000) < 1,
    ) || Math.floor(Number(iat)) === Math.floor(Number(exp)),
  '`nbf`': ({ payload: { nbf }, now }) =>
    nbf !== undefined && (!isNumber(nbf) || nbf > now / 1_000),
  '`sub`': ({ payload: { sub } }) => typeof sub !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(sub),
  '`aud`': ({ payload: { aud } }) => aud !== otherAudience && !areTexts(aud),
  'user id': ({ payload }) => Object.hasOwn(payload, 'user_id') && !isId(payload['user_id']),
  '`roles`': ({ payload: { roles } }) => !isTextLike(roles),
  '`scope`': ({ payload: { scope } }) => !isTextLike(scope),
  kind: ({ payload: { typ, token_type: type } }) =>
    !kinds.includes(lower(typ)) || ![undefined, 'access', 'Bearer'].includes(type as string),
}

const part = (token: string, index: number): Members =>
  JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString()) as Members

/** Of those, the ones that this token gives. */
export const reasonsFor = (token: string, now: number): readonly string[] => {
  const parts = { token, header: part(token, 0), payload: part(token, 1), now }
  return Object.keys(foreignReasons).filter((name) => foreignReasons[name]?.(parts))
}
