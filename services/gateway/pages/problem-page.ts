import type { Context } from 'koa'
import { html } from '../../../shared/pages/index.ts'
import { factsOf, type Problem } from '../http/index.ts'
import type { Pages } from './open-pages.ts'
import { alonePage, answerPage, sheetFor } from './page.ts'
import { problemInWords } from './problems.ts'

const pagePath = /^\/(?:sign-in|sign-out|account(?:\/.*)?)$/

/** How the page at this address tells a problem that its form cannot; `null` where no page is. */
export const problemPageOf =
  (pages: Pages) =>
  (ctx: Context): ((problem: Problem) => void) | null => {
    const { base } = pages
    if (!ctx.path.startsWith(base) || !pagePath.test(ctx.path.slice(base.length))) return null
    return ({ thrown, status }) => {
      const sheet = sheetFor(pages, ctx)
      const { say } = sheet.words
      const text = problemInWords(sheet.words, thrown, factsOf(ctx).id)
      const content = html`<p role="alert">${text}</p>
<p><a class="button wide" href="${base}/account" autofocus>${say('continue')}</a></p>`
      answerPage(ctx, sheet, alonePage(sheet, say('problem'), content), status)
    }
  }
