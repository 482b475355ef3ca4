import type { Context, Middleware } from 'koa'
import { errorCode } from '../../../shared/kernel/error-code.ts'
import { AuthError, isAuthError } from '../../../shared/kernel/errors.ts'
import type { LogFields, Logger } from '../../../shared/kernel/logger.ts'
import { answerError, Refusal } from './errors.ts'
import { factsOf } from './request-facts.ts'
import type { BearerHeader } from './token-in-request.ts'

/** A request that was answered, and why so. */
export type Refused = Readonly<{
  status: number
  /** Of the answer's body, or of what was thrown. */
  code: string
  /** What whoever refused it knows beside the request. */
  about: LogFields
}>
export type OnRefused = (ctx: Context, refused: Refused) => void

const isClientFault = (error: unknown): error is Error & { status: number } =>
  error instanceof Error &&
  typeof (error as { status?: unknown }).status === 'number' &&
  (error as { expose?: unknown }).expose === true

/** Sets the answer; says why, in the code that the answer shows or would show. */
const answerThrown = (ctx: Context, thrown: unknown): Pick<Refused, 'code' | 'about'> => {
  if (thrown instanceof Refusal) {
    ctx.status = thrown.status
    ctx.body = thrown.body
    const { code, error } = thrown.body as { code?: unknown; error?: unknown }
    return { code: String(code ?? error ?? 'refused'), about: {} }
  }
  if (isClientFault(thrown)) {
    ctx.status = thrown.status
    ctx.body = { detail: thrown.message, code: 'input_invalid' }
    return { code: 'input_invalid', about: {} }
  }
  const error = isAuthError(thrown)
    ? thrown
    : new AuthError('INTERNAL', 'unexpected', { cause: thrown })
  answerError(ctx, error)
  return { code: error.code.toLowerCase(), about: error.about ?? {} }
}

type Options = Readonly<{ logger: Logger; bearer: BearerHeader; onRefused: OnRefused }>

/**
 * Every failure becomes JSON with a stable code; no message of a defect leaves. 5xx are errors in
 * the log, what was denied or limited is told there too.
 */
export const translateErrors = ({ logger, bearer, onRefused }: Options): Middleware => {
  const scheme = bearer.types[0] ?? 'Bearer'
  return async (ctx, next) => {
    try {
      await next()
      if (ctx.status === 404 && ctx.body === undefined) {
        answerError(ctx, new AuthError('NOT_FOUND', 'Not found.'))
      }
    } catch (thrown) {
      const why = answerThrown(ctx, thrown)
      const request = factsOf(ctx).id
      const { path, status } = ctx
      if (isAuthError(thrown, 'BODY_ABORTED')) {
        logger.debug({ path, request }, 'a request was given up')
      } else if (status < 500) onRefused(ctx, { status, ...why })
      else {
        logger.error({ error: thrown as Error, path, status, request }, 'request failed')
      }
    }
    if (ctx.status === 401 && !ctx.response.get('WWW-Authenticate')) {
      ctx.set('WWW-Authenticate', `${scheme} realm="api"`)
    }
  }
}

const goneCodes: ReadonlySet<string | number | null> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'ERR_STREAM_PREMATURE_CLOSE',
])

/**
 * Koa's `error`: an answer that could not be sent. Whoever hung up, or sent what is no HTTP
 * (HPE_*), is nobody's trouble.
 */
export const tellBrokenAnswer = (logger: Logger, error: Error): void => {
  const code = errorCode(error)
  if (goneCodes.has(code) || String(code).startsWith('HPE_')) return
  logger.error({ error }, 'an answer could not be sent')
}
