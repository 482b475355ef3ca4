import type { Language } from './read-texts.ts'

const rangesMax = 32

type Range = Readonly<{ tag: string; weight: number }>

const rangesOf = (header: string): readonly Range[] =>
  header
    .split(',', rangesMax)
    .flatMap((part) => {
      const found = /^\s*([A-Za-z0-9*-]{1,35})\s*(?:;\s*q=(\d(?:\.\d{0,3})?)\s*)?$/.exec(part)
      if (!found) return []
      const weight = Number(found[2] ?? '1')
      return weight > 0 ? [{ tag: (found[1] ?? '').toLowerCase(), weight }] : []
    })
    // A sort keeps the order of equals.
    .sort((a, b) => b.weight - a.weight)

/** `pt-BR` is served by `pt-BR`, then by `pt`, then by another of its kind, such as `pt-PT`. */
const servedBy = (wanted: string, languages: readonly Language[]): Language | undefined => {
  const primary = wanted.split('-')[0] ?? ''
  const tags = languages.map((language) => ({ language, tag: language.tag.toLowerCase() }))
  return (
    tags.find(({ tag }) => tag === wanted) ??
    tags.find(({ tag }) => tag === primary) ??
    tags.find(({ tag }) => tag.split('-')[0] === primary)
  )?.language
}

/** The language for a request with this `Accept-Language` (RFC 9110, 12.5.4; RFC 4647, 3.4). */
export const preferredLanguage = (
  header: string,
  languages: readonly [Language, ...Language[]],
): Language => {
  for (const { tag } of rangesOf(header)) {
    if (tag === '*') break
    const served = servedBy(tag, languages)
    if (served) return served
  }
  return languages[0]
}
