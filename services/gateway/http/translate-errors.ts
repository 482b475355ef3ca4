import type { Context, Middleware } from 'koa'
import { errorCode } from '../../../shared/kernel/error-code.ts'
import { AuthError, isAuthError } from '../../../shared/kernel/errors.ts'
import type { LogFields, Logger } from '../../../shared/kernel/logger.ts'
import { answerError, Refusal } from './answer-error.ts'
import type { BearerHeader } from './bearer-header.ts'
import { factsOf } from './request-facts.ts'

/** A request that was refused, and why. */
export type RefusedRequest = Readonly<{
  status: number
  /** The code in the answer's body, or that of the error that was thrown. */
  code: string
  /** Details from the code that refused it. */
  about: LogFields
}>

/** A failure as a page tells it; the status of the answer is set already. */
export type Problem = Readonly<{ thrown: unknown; status: number; code: string }>
type ShowProblem = (problem: Problem) => void | Promise<void>
/** How the page at this address tells problems; `null` where there is no page. */
export type ProblemPage = (ctx: Context) => ShowProblem | null

/** What the failure of this request is told by, in place of JSON. */
export const showProblemBy = (ctx: Context, show: ShowProblem): void => {
  ctx.state['showProblem'] = show
}

export type OnRefused = (ctx: Context, refused: RefusedRequest) => void

const isClientFault = (error: unknown): error is Error & { status: number } =>
  error instanceof Error &&
  typeof (error as { status?: unknown }).status === 'number' &&
  (error as { expose?: unknown }).expose === true

/** Sets the answer, and returns the reason for the log. */
const answerThrown = (ctx: Context, thrown: unknown): Pick<RefusedRequest, 'code' | 'about'> => {
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

/** The page that the handler chose; the one of the address where that one fails too. */
const showProblem = async (
  ctx: Context,
  problemPage: ProblemPage,
  problem: Problem,
): Promise<void> => {
  const general = problemPage(ctx)
  const chosen = ctx.state['showProblem'] as ShowProblem | undefined
  try {
    await (chosen ?? general)?.(problem)
  } catch {
    await general?.(problem)
  }
}

type Options = Readonly<{
  logger: Logger
  bearer: BearerHeader
  onRefused: OnRefused
  problemPage: ProblemPage
}>

/**
 * Turns every failure into JSON with a stable code, or into what a page says of it. The message of
 * a defect is not sent. A 5xx is logged as an error; other refusals are passed to `onRefused`.
 */
export const translateErrors = ({
  logger,
  bearer,
  onRefused,
  problemPage,
}: Options): Middleware => {
  const scheme = bearer.types[0] ?? 'Bearer'
  return async (ctx, next) => {
    try {
      await next()
      if (ctx.status === 404 && ctx.body === undefined) {
        const thrown = new AuthError('NOT_FOUND', 'Not found.')
        answerError(ctx, thrown)
        await showProblem(ctx, problemPage, { thrown, status: 404, code: 'not_found' })
      }
    } catch (thrown) {
      const reason = answerThrown(ctx, thrown)
      const request = factsOf(ctx).id
      const { path, status } = ctx
      if (isAuthError(thrown, 'BODY_ABORTED')) {
        logger.debug({ path, request }, 'a request was given up')
      } else if (status < 500) onRefused(ctx, { status, ...reason })
      else {
        logger.error({ error: thrown as Error, path, status, request }, 'request failed')
      }
      await showProblem(ctx, problemPage, { thrown, status, code: reason.code })
    }
    if (ctx.status === 401 && !ctx.response.get('WWW-Authenticate')) {
      ctx.set('WWW-Authenticate', `${scheme} realm="api"`)
    }
  }
}

const disconnectCodes: ReadonlySet<string | number | null> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'ERR_STREAM_PREMATURE_CLOSE',
])

/**
 * For Koa's event `error`: an answer could not be sent. It is logged, unless the client closed the
 * connection or sent malformed HTTP (HPE_*).
 */
export const logUnsentAnswer = (logger: Logger, error: Error): void => {
  const code = errorCode(error)
  if (disconnectCodes.has(code) || String(code).startsWith('HPE_')) return
  logger.error({ error }, 'an answer could not be sent')
}
