export type JsonLimits = Readonly<{
  /** Containers within containers; `{}` alone has depth 1. */
  depthMax: number
}>
export type StrictJson =
  | Readonly<{ ok: true; value: unknown }>
  | Readonly<{ ok: false; problem: 'syntax' | 'depth' | 'duplicate' | 'name' }>

// Names that reach a prototype when somebody later copies members one by one.
const poisonous: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

const [quote, backslash, colon] = [0x22, 0x5c, 0x3a]
const opens = (char: number): boolean => char === 0x7b || char === 0x5b
const closes = (char: number): boolean => char === 0x7d || char === 0x5d
const isBlank = (char: number): boolean =>
  char === 0x20 || char === 0x09 || char === 0x0a || char === 0x0d

/**
 * Index of the quote that closes the string which opens at `start`. The text is known to be valid
 * JSON.
 */
const closingQuote = (text: string, start: number): number => {
  let at = start + 1
  for (let char = text.charCodeAt(at); char !== quote; char = text.charCodeAt(at)) {
    at += char === backslash ? 2 : 1
  }
  return at
}

const isName = (text: string, afterQuote: number): boolean => {
  let at = afterQuote
  while (isBlank(text.charCodeAt(at))) at += 1
  return text.charCodeAt(at) === colon
}

// Decoded before it is compared: "\u0061lg" and "alg" are one name.
const nameAt = (text: string, start: number, end: number): string => {
  const written = text.slice(start + 1, end)
  return written.includes('\\') ? (JSON.parse(`"${written}"`) as string) : written
}

/**
 * Walks valid JSON and finds what `JSON.parse` hides: a member given twice (the last one wins
 * there, the first one elsewhere, so two readers of one token could see two subjects), and nesting.
 */
const scan = (text: string, { depthMax }: JsonLimits): 'depth' | 'duplicate' | 'name' | null => {
  const open: Set<string>[] = []
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at)
    if (opens(char)) {
      open.push(new Set())
      if (open.length > depthMax) return 'depth'
    } else if (closes(char)) {
      open.pop()
    } else if (char === quote) {
      const end = closingQuote(text, at)
      if (isName(text, end + 1)) {
        const name = nameAt(text, at, end)
        if (poisonous.has(name)) return 'name'
        if (open.at(-1)?.has(name)) return 'duplicate'
        open.at(-1)?.add(name)
      }
      at = end
    }
  }
  return null
}

/**
 * `JSON.parse` that never throws and refuses duplicate names, prototype names and deep nesting.
 * Cost: two passes; callers bound the length of `text` first.
 */
export const parseStrictJson = (text: string, limits: JsonLimits): StrictJson => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, problem: 'syntax' }
  }
  const problem = scan(text, limits)
  return problem === null ? { ok: true, value } : { ok: false, problem }
}

/**
 * Whether `parseStrictJson` takes what `JSON.stringify` makes of `value`, which must be plain JSON:
 * no name of a prototype, nothing too deep. A duplicate cannot be.
 */
export const isStrictJsonValue = (value: unknown, { depthMax }: JsonLimits): boolean => {
  if (typeof value !== 'object' || value === null) return true
  if (depthMax === 0) return false
  const limits = { depthMax: depthMax - 1 }
  if (Array.isArray(value)) return value.every((one) => isStrictJsonValue(one, limits))
  return Object.entries(value).every(
    ([name, one]) => !poisonous.has(name) && isStrictJsonValue(one, limits),
  )
}

export const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
