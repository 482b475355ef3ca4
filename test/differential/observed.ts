import { isPlainObject } from '../../shared/kernel/strict-json.ts'
import type { RawAnswer } from '../http/raw-request.ts'

/** What a client sees of one exchange, tokens and ids masked; or what was said of a claim. */
export type Observed =
  | Readonly<{ status: number; body: unknown; cookies: 'set' | 'deleted' | 'none' }>
  | Readonly<{ said: unknown }>

const jwtPattern = /^[\w-]+\.[\w-]+\.[\w-]*$/

const mask = (value: unknown, name = ''): unknown => {
  if (name === 'user_id') return `<${typeof value}>`
  if (['username', 'sid', 'auth_time'].includes(name)) return `<${name}>`
  if (typeof value === 'string') return jwtPattern.test(value) ? '<jwt>' : value
  if (Array.isArray(value)) return value.map((one) => mask(one))
  if (!isPlainObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mask(one, key)]))
}

const isDeletion = (line: string): boolean => /max-age=0/i.test(line)

const cookiesOf = (setCookie: readonly string[]): 'set' | 'deleted' | 'none' => {
  if (setCookie.length === 0) return 'none'
  return setCookie.every(isDeletion) ? 'deleted' : 'set'
}

const challengeOf = (scheme: string): string => `${scheme} realm="api"`

/**
 * @throws Error when `WWW-Authenticate` is not on exactly the 401s, of the first configured scheme:
 * the one rule that no row may differ from.
 */
export const observed = (answer: RawAnswer, scheme = 'Bearer'): Observed => {
  const { status, headers, setCookie, text, body } = answer
  const challenge = headers['www-authenticate'] ?? null
  const expected = status === 401 ? challengeOf(scheme) : null
  if (challenge !== expected) throw new Error(`${status} with WWW-Authenticate ${challenge}`)
  return { status, body: mask(text === '' ? null : body), cookies: cookiesOf(setCookie) }
}

export const recorded = (
  status: number,
  body: unknown,
  cookies: 'set' | 'deleted' | 'none' = 'none',
): Observed => ({ status, body: mask(body), cookies })
