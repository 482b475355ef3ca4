import { readFileSync } from 'node:fs'
import { isPlainObject, parseStrictJson } from '../../../../shared/kernel/strict-json.ts'
import { english, type TextName, type Texts } from './english.ts'
import { korean } from './korean.ts'

/** The texts in one language. */
export type Language = Readonly<{ tag: string; direction: 'ltr' | 'rtl'; texts: Texts }>

/** Those that ship. The first one is for whoever prefers another language. */
export const shipped: readonly Language[] = [
  { tag: 'en', direction: 'ltr', texts: english },
  { tag: 'ko', direction: 'ltr', texts: korean },
]

const textMax = 400
const tagForm = /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/

/** Also one that `Intl` takes: `de-12` has the form, and every page in it would fail. */
const isTag = (tag: unknown): tag is string => {
  if (typeof tag !== 'string' || !tagForm.test(tag)) return false
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch {
    return false
  }
}

const names = Object.keys(english) as readonly TextName[]
const isName = (name: string): name is TextName => Object.hasOwn(english, name)
const placesOf = (text: string): string => (text.match(/\{[a-z]+\}/g) ?? []).sort().join(' ')

const textMistake = (name: string, text: unknown): string | null => {
  if (!isName(name)) return `has the text ${JSON.stringify(name)}, which no page shows`
  if (typeof text !== 'string' || text.trim() === '') return `has no words for ${name}`
  if (text.length > textMax) return `has more than ${textMax} characters for ${name}`
  const [wanted, has] = [placesOf(english[name]), placesOf(text)]
  return has === wanted
    ? null
    : `has ${has || 'nothing in braces'} in ${name}, where ${wanted || 'nothing'} belongs`
}

type Read = Readonly<{ language: Language | null; mistakes: readonly string[] }>

const problemOf = {
  syntax: 'is no JSON',
  depth: 'is no file of texts: it is nested deeper than two levels',
  duplicate: 'has a text twice',
  name: 'has a name that no page shows',
} as const

/** A file of one language: complete, or some texts of a language that is there already. */
const languageIn = (file: string, known: readonly Language[]): Read => {
  const refused = (...mistakes: readonly string[]): Read => ({ language: null, mistakes })
  const parsed = parseStrictJson(file, { depthMax: 2 })
  if (!parsed.ok) return refused(problemOf[parsed.problem])
  const given = parsed.value
  if (!isPlainObject(given)) return refused('is no JSON object')
  const { language: tag, direction = 'ltr', texts = {}, ...others } = given
  const [other] = Object.keys(others)
  if (other !== undefined) return refused(`has ${JSON.stringify(other)}, which nothing reads`)
  if (!isTag(tag)) {
    return refused('has no "language" such as "de" or "pt-BR"')
  }
  if (direction !== 'ltr' && direction !== 'rtl') return refused('has a "direction" that is none')
  if (!isPlainObject(texts)) return refused('has no object "texts"')
  const before = known.find((one) => one.tag.toLowerCase() === tag.toLowerCase())
  const wrong = Object.entries(texts).flatMap(([name, text]) => textMistake(name, text) ?? [])
  const missing = before ? [] : names.filter((name) => !Object.hasOwn(texts, name))
  if (wrong.length + missing.length > 0) {
    return refused(...wrong, ...missing.map((name) => `has no text ${name}`))
  }
  const all = { ...before?.texts, ...texts } as Texts
  return { language: { tag, direction, texts: all }, mistakes: [] }
}

/** The languages that ship, with those of the files; and what is wrong with the files. */
export const readLanguages = (
  paths: readonly string[],
): Readonly<{ languages: readonly Language[]; mistakes: readonly string[] }> => {
  let languages = shipped
  const mistakes: string[] = []
  for (const path of paths) {
    const told = (mistake: string): string => `CURFEW_PAGE_TEXTS: ${path} ${mistake}.`
    try {
      const read = languageIn(readFileSync(path, 'utf8'), languages)
      mistakes.push(...read.mistakes.map(told))
      const { language } = read
      if (language === null) continue
      const at = languages.findIndex(({ tag }) => tag.toLowerCase() === language.tag.toLowerCase())
      languages = at < 0 ? [...languages, language] : languages.with(at, language)
    } catch (error) {
      mistakes.push(told(`cannot be read: ${(error as Error).message}`))
    }
  }
  return { languages, mistakes }
}
