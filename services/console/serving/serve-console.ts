import type { Context, Middleware } from 'koa'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import { type Html, html } from '../../../shared/pages/index.ts'
import { type ConsoleFile, consoleFiles } from './console-files.ts'
import { consoleHeaders, consoleShell, plainHeaders, plainPage } from './console-shell.ts'

/** Who asks for the console; `null` for whoever is not signed in. */
export type ConsoleReader = Readonly<{ username: string; may: 'act' | 'read' | 'nothing' }> | null

type Options = Readonly<{
  /** The base path of the gateway; `/` without one. */
  basePath: string
  readerOf: (ctx: Context) => Promise<ConsoleReader>
}>

/** What a console alone is told of who asks; `username` and `may` as the gateway has them now. */
const tellReader = (ctx: Context, reader: ConsoleReader): void => {
  ctx.status = reader === null ? 401 : 200
  ctx.set('Cache-Control', 'no-store')
  ctx.body = reader ?? { detail: 'Sign in first.', code: 'not_authenticated' }
}

const answerPage = (ctx: Context, status: number, page: Html, headers = plainHeaders): void => {
  ctx.status = status
  ctx.set(headers)
  ctx.body = page.toString()
}

const answerFile = (ctx: Context, { type, bytes, gzipped }: ConsoleFile): void => {
  ctx.status = 200
  ctx.type = type
  ctx.set('Cache-Control', 'private, max-age=31536000, immutable')
  ctx.vary('Accept-Encoding')
  const takesGzip = ctx.acceptsEncodings('gzip', 'identity') === 'gzip'
  if (takesGzip) ctx.set('Content-Encoding', 'gzip')
  ctx.body = takesGzip ? gzipped : bytes
}

const refuseStranger = (ctx: Context, base: string, username: string): void => {
  const text = `You are signed in as ${username}, neither an administrator nor an auditor.`
  const signOut = html`<a href="${base}/sign-out">Sign out</a> and come back as somebody who is.`
  answerPage(ctx, 403, plainPage('The console is not for this account', text, signOut))
}

/** Where whoever is not signed in goes, and from where they come back. */
const sendToSignIn = (ctx: Context, base: string): void => {
  const back = encodeURIComponent(`${ctx.path}${ctx.search}`)
  ctx.status = 303
  ctx.set('Location', `${base}/sign-in?return_to=${back}`)
  ctx.type = 'text/plain; charset=utf-8'
  ctx.body = 'Sign in first.'
}

const answerUnbuilt = (ctx: Context, error: unknown): void => {
  if (!isAuthError(error, 'CONSOLE_UNBUILT')) throw error
  const page = plainPage('The console is not built', error.message, 'Code: console_unbuilt')
  answerPage(ctx, 501, page)
}

/**
 * `GET /console`, and everything below it: the application, for administrators and auditors. The
 * path behind it and the query are the application's own.
 */
export const serveConsole = ({ basePath, readerOf }: Options): Middleware => {
  const base = basePath === '/' ? '' : basePath
  const home = `${base}/console`
  const assets = `${home}/assets/`
  return async (ctx, next) => {
    if (ctx.path !== home && !ctx.path.startsWith(`${home}/`)) return next()
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return next()
    const reader = await readerOf(ctx)
    const isAsset = ctx.path.startsWith(assets)
    if (!isAsset && ctx.accepts('html', 'json') === 'json') return tellReader(ctx, reader)
    if (reader === null && !isAsset) return sendToSignIn(ctx, base)
    if (reader === null || reader.may === 'nothing') {
      return refuseStranger(ctx, base, reader?.username ?? 'nobody')
    }
    const { may, username } = reader
    try {
      const files = await consoleFiles()
      const wanted = isAsset ? ctx.path.slice(assets.length) : null
      const asset = [files.script, files.style].find(({ name }) => name === wanted)
      if (asset) answerFile(ctx, asset)
      else if (isAsset) answerPage(ctx, 404, plainPage('Not found', 'There is no such file.'))
      else answerPage(ctx, 200, consoleShell({ files, base, may, username }), consoleHeaders)
    } catch (error) {
      answerUnbuilt(ctx, error)
    }
  }
}
