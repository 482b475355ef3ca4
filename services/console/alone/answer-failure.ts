import type { Context } from 'koa'
import { AuthError, type AuthErrorCode, isAuthError } from '../../../shared/kernel/errors.ts'
import { html } from '../../../shared/pages/index.ts'
import { plainHeaders, plainPage } from '../serving/console-shell.ts'

type Told = Readonly<{ status: number; title: string }>

/** How each failure of a console alone is answered. */
const tellings: Readonly<Partial<Record<AuthErrorCode, Told>>> = {
  NOT_FOUND: { status: 404, title: 'There is no such page' },
  BODY_TOO_LARGE: { status: 413, title: 'That is too large' },
  BODY_ABORTED: { status: 400, title: 'That did not come whole' },
  CONSOLE_INSECURE: { status: 403, title: 'Open the console by https' },
  GATEWAY_UNREACHED: { status: 502, title: 'The gateway does not answer' },
  GATEWAY_TIMEOUT: { status: 504, title: 'The gateway is silent' },
}

const defect: Told = { status: 500, title: 'Something is wrong here' }

const safe = ['GET', 'HEAD']

/** A page for a browser that looks, JSON for a script; each with a code that stays. */
export const answerFailure = (ctx: Context, thrown: unknown): void => {
  const error = isAuthError(thrown) ? thrown : new AuthError('INTERNAL', 'Internal error')
  const { status, title } = tellings[error.code] ?? defect
  const detail = status === 500 ? 'Internal error' : error.message
  const code = status === 500 ? 'internal' : error.code.toLowerCase()
  ctx.status = status
  // A write may have happened: nobody is told to do it again.
  const mayRetry = error.retriable && safe.includes(ctx.method)
  if (mayRetry) ctx.set('Retry-After', '1')
  if (ctx.accepts('json', 'html') === 'html') {
    const again = html`<a href="">Try again</a>`
    ctx.set(plainHeaders)
    ctx.body = plainPage(title, detail, ...(mayRetry ? [again] : []), `Code: ${code}`).toString()
    return
  }
  ctx.body = { detail, code }
}
