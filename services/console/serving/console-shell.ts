import { baseCss, Html, html, pageHeaders, themeCss } from '../../../shared/pages/index.ts'
import type { ConsoleFiles } from './console-files.ts'

/** A keyhole. */
const icon =
  'data:image/svg+xml,' +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" ' +
      'rx="4" fill="#413d9e"/><path d="M8 3.2a2.6 2.6 0 0 0-1.3 4.85L6 12.6h4l-.7-4.55A2.6 2.6 0 ' +
      '0 0 8 3.2z" fill="#fff"/></svg>',
  )

/** What the page may load and do: its own files, the gateway, and nothing else. */
export const consoleHeaders = pageHeaders({ ownFiles: true, connects: true })

type Shell = Readonly<{
  files: ConsoleFiles
  /** The base path of the gateway, without a slash at its end. */
  base: string
  may: 'act' | 'read'
  username: string
}>

/** The page of the console: no data of anybody, but who looks at it and what they may. */
export const consoleShell = ({ files, base, may, username }: Shell): Html => {
  const at = (name: string): string => `${base}/console/assets/${name}`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Curfew</title>
<link rel="icon" href="${icon}">
<link rel="stylesheet" href="${at(files.style.name)}">
<script type="module" src="${at(files.script.name)}"></script>
</head>
<body data-base="${base}" data-may="${may}" data-user="${username}">
<noscript><p class="note">The console needs JavaScript. Commands do the same: curfew --help.</p>
</noscript>
<div id="app"></div>
</body>
</html>
`
}

const plainStyle =
  `${themeCss()}${baseCss}main{max-width:36rem;margin:0 auto;padding:var(--s8) var(--s4)}` +
  'p{margin-top:var(--s4)}'

const stylesheet = Html.trusted(`<style>${plainStyle}</style>`)

/** Of the page below. */
export const plainHeaders = pageHeaders({ styles: [plainStyle] })

/** A page of few words, for whoever gets no console. */
export const plainPage = (title: string, ...paragraphs: readonly (string | Html)[]): Html =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${stylesheet}
</head>
<body>
<main>
<h1>${title}</h1>
${paragraphs.map((text) => html`<p>${text}</p>`)}
</main>
</body>
</html>
`
