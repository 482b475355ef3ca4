import { SortedNamesCache } from '../../../shared/kernel/sorted-names-cache.ts'

/** Deeper values are no event of Curfew’s; recursion stays far from the end of the stack. */
const depthMax = 64

/**
 * JSON as RFC 8785 has it: members in the order of their UTF-16 code units, no space, numbers and
 * strings as ECMAScript writes them. `null` for what it has no form for: a text with half a
 * surrogate pair, or what is nested too deep.
 */
export const canonicalJson = (value: unknown, depthLeft = depthMax): string | null => {
  if (typeof value === 'string') return value.isWellFormed() ? JSON.stringify(value) : null
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (depthLeft === 0) return null
  const members: string[] = []
  if (Array.isArray(value)) {
    for (const member of value) {
      const text = canonicalJson(member, depthLeft - 1)
      if (text === null) return null
      members.push(text)
    }
    return `[${members.join(',')}]`
  }
  for (const name of Object.keys(value).sort()) {
    const key = canonicalJson(name)
    const text = canonicalJson((value as Record<string, unknown>)[name], depthLeft - 1)
    if (key === null || text === null) return null
    members.push(`${key}:${text}`)
  }
  return `{${members.join(',')}}`
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const orders = new SortedNamesCache()

/** Names that an object would put first, or would not take for a member. */
const isOddName = (name: string): boolean => {
  const first = name.charCodeAt(0)
  return (first >= 0x30 && first <= 0x39) || name === '__proto__'
}

/**
 * The same value with its members in order, for JSON.stringify to write; `undefined` when it is
 * nested too deep, or has a name that an object does not keep in its place.
 */
const inOrder = (value: unknown, depthLeft: number): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (depthLeft === 0) return undefined
  if (Array.isArray(value)) {
    const members = value.map((member) => inOrder(member, depthLeft - 1))
    return members.includes(undefined) ? undefined : members
  }
  const ordered: Record<string, unknown> = {}
  for (const name of orders.of(Object.keys(value))) {
    const member = inOrder((value as Record<string, unknown>)[name], depthLeft - 1)
    if (member === undefined || isOddName(name)) return undefined
    ordered[name] = member
  }
  return ordered
}

/** A pair of surrogates may be escaped in halves: whether they fit is then looked at one by one. */
const escapedSurrogate = /\\u[dD]/

/**
 * The canonical form of a JSON text that says the same in it, member for member: every text that
 * `JSON.stringify` wrote. `null` for all others, such as one with a member given twice, or with a
 * number that JavaScript would round: it must be kept as the bytes that it is.
 */
export const canonicalOf = (text: string): string | null => {
  const value = parsed(text)
  if (value === undefined || JSON.stringify(value) !== text) return null
  const isWhole = text.isWellFormed() && !escapedSurrogate.test(text)
  const ordered = isWhole ? inOrder(value, depthMax) : undefined
  return ordered === undefined ? canonicalJson(value) : JSON.stringify(ordered)
}
