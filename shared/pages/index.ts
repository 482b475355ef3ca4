export { contrastOf } from './contrast.ts'
export { escapeHtml, Html, type HtmlValue, html } from './html.ts'
export { type PageParts, pageHeaders, pagePolicy } from './page-headers.ts'
export { baseCss, type Colours, type ColourToken, themeCss, tokens } from './theme.ts'
