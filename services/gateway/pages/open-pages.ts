import type { Context } from 'koa'
import { baseCss, Html, html, pageHeaders, themeCss } from '../../../shared/pages/index.ts'
import { originMistakes, originsOf, type ReturnRules } from '../http/index.ts'
import { DownloadLimit } from './download-limit.ts'
import { type AnsweredChange, IdempotentForms } from './idempotent-forms.ts'
import { colourMistakes, coloursOf } from './page-colours.ts'
import { pageCss } from './page-css.ts'
import { preferredLanguage, readLanguages, type Words, wordsIn } from './texts/index.ts'

type PageSettings = Readonly<{
  pageTitle: string
  pageAccent: string | null
  pageAccentDark: string | null
  pageTexts: readonly string[]
  returnOrigins: readonly string[]
}>
type Address = Readonly<{ publicUrl: URL; basePath: string }>

/** What the pages need beside the routes that they ask. */
export type Pages = Readonly<{
  title: string
  /** What stands before `/sign-in`: a base path, or nothing. */
  base: string
  /** The stylesheet, in its element. */
  style: Html
  headers: Readonly<Record<string, string>>
  returns: ReturnRules
  /** Whether cookies go over https alone. */
  secure: boolean
  /** What forms changed a moment ago. */
  changes: IdempotentForms<AnsweredChange>
  /** The cookies of who signed in a moment ago. */
  signIns: IdempotentForms<readonly string[]>
  /** Who downloads their own data. */
  files: DownloadLimit
  /** In the language that the browser of this request prefers. */
  wordsFor: (ctx: Context) => Words
  /** Drops what forms were answered with, tokens among it. */
  close: () => void
}>

/** What is wrong with the settings of the pages and with the files that they name. */
export const pageMistakes = (settings: PageSettings, publicUrl: URL): readonly string[] => [
  ...colourMistakes(settings),
  ...readLanguages(settings.pageTexts).mistakes,
  ...originMistakes(settings.returnOrigins, publicUrl, 'CURFEW_RETURN_ORIGINS'),
]

export const openPages = (settings: PageSettings, { publicUrl, basePath }: Address): Pages => {
  const css = themeCss(coloursOf(settings)) + baseCss + pageCss
  const [first, ...others] = readLanguages(settings.pageTexts).languages.map(wordsIn)
  if (first === undefined) throw new Error('pages have one language at least')
  const all = [first, ...others]
  const [changes, signIns] = [
    new IdempotentForms<AnsweredChange>(),
    new IdempotentForms<readonly string[]>(),
  ]
  const languages = [first.language, ...others.map(({ language }) => language)] as const
  return {
    title: settings.pageTitle,
    base: basePath === '/' ? '' : basePath,
    style: html`<style>${Html.trusted(css)}</style>`,
    headers: pageHeaders({ styles: [css], forms: true }),
    returns: {
      ownOrigin: publicUrl.origin,
      origins: originsOf(publicUrl, settings.returnOrigins),
    },
    secure: publicUrl.protocol === 'https:',
    changes,
    signIns,
    files: new DownloadLimit(),
    wordsFor: (ctx) => {
      const language = preferredLanguage(ctx.get('accept-language'), [...languages])
      return all.find((words) => words.language === language) ?? first
    },
    close: () => {
      for (const answered of [changes, signIns]) answered.close()
    },
  }
}
