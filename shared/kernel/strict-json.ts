export type JsonLimits = Readonly<{
  /** Containers within containers; `{}` alone has depth 1. */
  depthMax: number
}>
export type StrictJson =
  | Readonly<{ ok: true; value: unknown }>
  | Readonly<{ ok: false; problem: 'syntax' | 'depth' | 'duplicate' | 'name' }>

// Names that reach a prototype when somebody later copies members one by one.
const poisonous: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Index of the quote that closes the string which opens at `start`. The text is known to be valid
 * JSON.
 */
const closingQuote = (text: string, start: number): number => {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}

const isName = (text: string, afterQuote: number): boolean => {
  let at = afterQuote
  while (/\s/.test(text[at] ?? '')) at += 1
  return text[at] === ':'
}

/**
 * Walks valid JSON and finds what `JSON.parse` hides: a member given twice (the last one wins
 * there, the first one elsewhere, so two readers of one token could see two subjects), and nesting.
 */
const scan = (text: string, { depthMax }: JsonLimits): 'depth' | 'duplicate' | 'name' | null => {
  const open: Set<string>[] = []
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]
    if (char === '{' || char === '[') {
      open.push(new Set())
      if (open.length > depthMax) return 'depth'
    } else if (char === '}' || char === ']') {
      open.pop()
    } else if (char === '"') {
      const end = closingQuote(text, at)
      if (isName(text, end + 1)) {
        // Decoded before it is compared: "\u0061lg" and "alg" are one name.
        const name = JSON.parse(text.slice(at, end + 1)) as string
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

export const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
