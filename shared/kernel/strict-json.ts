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
  let end = text.indexOf('"', start + 1)
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end
}

/** By an odd number of backslashes: of two the first escapes the second. */
const isEscaped = (text: string, at: number): boolean => {
  let before = at
  while (text.charCodeAt(before - 1) === backslash) before -= 1
  return (at - before) % 2 === 1
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
 * How many names `value` has, or `null` where a name of a prototype is among them, or more than
 * `depthLeft` containers within one another.
 */
const countNames = (value: unknown, depthLeft: number): number | null => {
  if (typeof value !== 'object' || value === null) return 0
  if (depthLeft === 0) return null
  const names = Array.isArray(value) ? [] : Object.keys(value)
  let count = names.length
  for (const name of names) if (poisonous.has(name)) return null
  for (const member of Object.values(value)) {
    if (typeof member !== 'object') continue
    const within = countNames(member, depthLeft - 1)
    if (within === null) return null
    count += within
  }
  return count
}

/** How many names are written in valid JSON, whatever they are. */
const countWrittenNames = (text: string): number => {
  let count = 0
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) {
    at = closingQuote(text, at)
    if (isName(text, at + 1)) count += 1
  }
  return count
}

/**
 * `JSON.parse` that never throws and refuses duplicate names, prototype names and deep nesting.
 * Cost: some passes; callers bound the length of `text` first.
 */
export const parseStrictJson = (text: string, limits: JsonLimits): StrictJson => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, problem: 'syntax' }
  }
  // A name that came twice is written once more than it was read. The scan says what is wrong.
  const names = countNames(value, limits.depthMax)
  if (names !== null && names === countWrittenNames(text)) return { ok: true, value }
  return { ok: false, problem: scan(text, limits) ?? 'duplicate' }
}

/**
 * Whether `parseStrictJson` takes what `JSON.stringify` makes of `value`, which must be plain JSON:
 * no name of a prototype, nothing too deep. A duplicate cannot be.
 */
export const isStrictJsonValue = (value: unknown, { depthMax }: JsonLimits): boolean =>
  countNames(value, depthMax) !== null

export const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
