import type { Context } from 'koa'
import { type Html, html } from '../../../shared/pages/index.ts'
import type { Pages } from './open-pages.ts'
import type { Words } from './texts/index.ts'

/** What each page is made with: the pages as they are opened, and one reader's language. */
export type Sheet = Readonly<{ pages: Pages; words: Words }>

/** A moon that rises over a line: the hour after which nobody is let in. */
const moon = html`<svg viewBox="0 0 24 24" fill="currentColor" aria-hidden="true"
focusable="false"><path d="M18.6 12.4A7.6 7.6 0 1 1 10.9 2a6 6 0 0 0 7.7 10.4z"/><path
d="M2 19.5h20v2.5H2z"/></svg>`

export const markOf = ({ title }: Pages): Html => html`<span class="mark">${moon}${title}</span>`

/** A whole document; `focus` by `autofocus` in the body, since there is no script. */
const documentOf = ({ pages, words }: Sheet, title: string, body: Html): Html => {
  const { tag, direction } = words.language
  return html`<!doctype html>
<html lang="${tag}" dir="${direction}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">
<title>${title} · ${pages.title}</title><link rel="icon" href="data:,">
${pages.style}</head>${body}</html>`
}

/** One thing to do, in the middle of the page. */
export const alonePage = (sheet: Sheet, title: string, content: Html): Html =>
  documentOf(
    sheet,
    title,
    html`<body class="alone"><header>${markOf(sheet.pages)}</header>
<main class="card stack" id="main"><h1>${title}</h1>${content}</main></body>`,
  )

type Wide = Readonly<{ title: string; top: Html; content: Html }>

/** Several things, below a bar with the name. */
export const widePage = (sheet: Sheet, { title, top, content }: Wide): Html =>
  documentOf(
    sheet,
    title,
    html`<body><a class="skip" href="#main">${sheet.words.say('skip')}</a>
<header class="top"><div>${markOf(sheet.pages)}${top}</div></header>
<main class="account" id="main">${content}</main></body>`,
  )

/** Answers a page with the headers that every page has. */
export const answerPage = (
  ctx: Context,
  { pages, words }: Sheet,
  page: Html,
  status = 200,
): void => {
  ctx.status = status
  for (const [name, value] of Object.entries(pages.headers)) ctx.set(name, value)
  ctx.set('Content-Language', words.language.tag)
  ctx.vary('Accept-Language')
  ctx.body = page.toString()
}

export const sheetFor = (pages: Pages, ctx: Context): Sheet => ({
  pages,
  words: pages.wordsFor(ctx),
})
