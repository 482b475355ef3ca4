import type { Context } from 'koa'
import { html } from '../../../shared/pages/index.ts'
import { factsOf, type Problem, showProblemBy } from '../http/index.ts'
import type { Pages } from './open-pages.ts'
import { alonePage, answerPage, sheetFor } from './page.ts'
import { problemInWords } from './problem-texts.ts'

/** Below a page is nothing else than pages, also where there is none. */
const pagePath = /^\/(?:sign-in|sign-out|account)(?:\/.*)?$/

/** A program that asks for JSON gets it, also of a page. */
const takesPage = (ctx: Context): boolean => {
  ctx.vary('Accept')
  return ctx.accepts('html', 'json') === 'html'
}

/** Tells what fails from now on in a page of its own, such as the form again. */
export const showInPage = (
  ctx: Context,
  show: (problem: Problem) => void | Promise<void>,
): void => {
  if (takesPage(ctx)) showProblemBy(ctx, show)
}

/** How the page at this address tells a problem that its form cannot; `null` where no page is. */
export const problemPageOf =
  (pages: Pages) =>
  (ctx: Context): ((problem: Problem) => void) | null => {
    const { base } = pages
    if (!ctx.path.startsWith(base) || !pagePath.test(ctx.path.slice(base.length))) return null
    if (!takesPage(ctx)) return null
    return ({ thrown, status }) => {
      const sheet = sheetFor(pages, ctx)
      const { say } = sheet.words
      const text = problemInWords(sheet.words, thrown, factsOf(ctx).id)
      const content = html`<p role="alert">${text}</p>
<p><a class="button wide" href="${base}/account" autofocus>${say('continue')}</a></p>`
      answerPage(ctx, sheet, alonePage(sheet, say('problem'), content), status)
    }
  }
