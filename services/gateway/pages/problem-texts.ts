import { AuthError, isAuthError } from '../../../shared/kernel/errors.ts'
import { Refusal, statusOfCode } from '../http/index.ts'
import type { TextName, Words } from './texts/index.ts'

/** The status that a failure is answered with. */
export const statusOf = (thrown: unknown): number => {
  if (thrown instanceof Refusal) return thrown.status
  return isAuthError(thrown) ? (statusOfCode(thrown.code) ?? 500) : 500
}

/** Whether nobody is signed in, as far as the token of the request says. */
export const isUnauthenticated = (thrown: unknown): boolean =>
  statusOf(thrown) === 401 || isAuthError(thrown, 'COOKIE_DUPLICATED')

/** The field at fault, and the first message about it. */
export const fieldAtFault = (thrown: unknown): readonly [field: string, message: string] | null => {
  if (isAuthError(thrown) && thrown.field !== undefined) return [thrown.field, thrown.message]
  if (!(thrown instanceof Refusal) || thrown.status !== 400) return null
  const [entry] = Object.entries(thrown.body)
  const [field, messages] = entry ?? []
  return field === undefined || !Array.isArray(messages) ? null : [field, String(messages[0])]
}

const textOfStatus: Readonly<Record<number, TextName>> = {
  400: 'error_field',
  401: 'error_expired',
  403: 'error_forbidden',
  404: 'error_missing',
  405: 'error_missing',
  413: 'error_field',
  415: 'error_field',
  503: 'error_away',
}

/** A failure in words, without anything that it holds but the time to wait. */
export const problemInWords = ({ say, wait }: Words, thrown: unknown, request: string): string => {
  if (isAuthError(thrown, 'RATE_LIMITED')) {
    return say('error_limited', { wait: wait(thrown.retryAfterMs ?? 1_000) })
  }
  if (isAuthError(thrown, 'ORIGIN_REFUSED')) return say('error_origin')
  if (isAuthError(thrown, 'TOKEN_SUPERSEDED')) return say('error_superseded')
  const inactive = ['ACCOUNT_INACTIVE', 'USER_INACTIVE', 'USER_NOT_FOUND']
  if (thrown instanceof AuthError && inactive.includes(thrown.code)) return say('error_inactive')
  const name = textOfStatus[statusOf(thrown)]
  return name === undefined ? say('error_unknown', { request }) : say(name)
}
