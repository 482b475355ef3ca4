import { english } from '../../services/gateway/pages/texts/english.ts'

/** A file of texts as CURFEW_PAGE_TEXTS takes it, to be translated. */
export const pageTexts = (): string =>
  `${JSON.stringify({ language: 'en', direction: 'ltr', texts: english }, null, 2)}\n`
