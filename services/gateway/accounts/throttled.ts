import { AuthError } from '../../../shared/kernel/errors.ts'
import type { SubjectId } from '../../../shared/kernel/ids.ts'
import type { Limited } from './login-limits.ts'

/** In the words of Django REST framework. */
export const throttled = ({
  retryAfterMs,
  limit,
  account,
  sub,
}: Limited & Readonly<{ sub: SubjectId | null }>): AuthError => {
  const seconds = Math.ceil(retryAfterMs / 1000)
  const message = `Request was throttled. Expected available in ${seconds} seconds.`
  return new AuthError('RATE_LIMITED', message, { retryAfterMs, about: { limit, account, sub } })
}
