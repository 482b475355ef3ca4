export type JsonLimits = Readonly<{
  /** Containers within containers; `{}` alone has depth 1. */
  depthMax: number
}>
type Problem = 'syntax' | 'depth' | 'duplicate' | 'name'
export type StrictJson =
  | Readonly<{ ok: true; value: unknown }>
  | Readonly<{ ok: false; problem: Problem }>

// Names that reach a prototype when somebody later copies members one by one.
const poisonous: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** Whether an odd number of backslashes is before it: of two the first escapes the second. */
const isEscaped = (text: string, at: number): boolean => {
  let before = at
  while (text[before - 1] === '\\') before -= 1
  return (at - before) % 2 === 1
}

/** How many names are written in valid JSON, whose colons outside of strings are names'. */
const countWrittenNames = (text: string): number => {
  let count = 0
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === ':') count += 1
    if (text[at] !== '"') continue
    do at = text.indexOf('"', at + 1)
    while (isEscaped(text, at))
  }
  return count
}

/** How many names `value` has, or what is wrong with it; at most `depthLeft` containers deep. */
const countNames = (value: unknown, depthLeft: number): number | Problem => {
  if (typeof value !== 'object' || value === null) return 0
  if (depthLeft === 0) return 'depth'
  const names = Array.isArray(value) ? [] : Object.keys(value)
  let count = names.length
  for (const name of names) if (poisonous.has(name)) return 'name'
  for (const member of Object.values(value)) {
    if (typeof member !== 'object') continue
    const within = countNames(member, depthLeft - 1)
    if (typeof within === 'string') return within
    count += within
  }
  return count
}

/**
 * `JSON.parse` that never throws and refuses duplicate names, prototype names and deep nesting. Of
 * a member given twice `JSON.parse` takes the last one and others the first, so two readers of one
 * token could see two subjects; such a text has more names written in it than were read.
 *
 * Cost: some passes; callers bound the length of `text` first.
 */
export const parseStrictJson = (text: string, { depthMax }: JsonLimits): StrictJson => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, problem: 'syntax' }
  }
  const names = countNames(value, depthMax)
  if (typeof names === 'string') return { ok: false, problem: names }
  if (names !== countWrittenNames(text)) return { ok: false, problem: 'duplicate' }
  return { ok: true, value }
}

/**
 * Whether `parseStrictJson` takes what `JSON.stringify` makes of `value`, which must be plain JSON:
 * no name of a prototype, nothing too deep. A duplicate cannot be.
 */
export const isStrictJsonValue = (value: unknown, { depthMax }: JsonLimits): boolean =>
  typeof countNames(value, depthMax) === 'number'

export const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
