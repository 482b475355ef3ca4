import type { Origins } from './trusted-origins.ts'

/** Where a sign-in may lead: to paths of the own origin, and to origins of the settings. */
export type ReturnRules = Readonly<{ ownOrigin: string; origins: Origins }>

const lengthMax = 2_048
/** Browsers drop tabs and line ends from an address, and take `\` for `/`. */
const visible = /^[\x21-\x5b\x5d-\x7e]+$/
const decodingsMax = 4

const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

/**
 * Whether a path begins as `//host` does, or holds what ends a header, also behind percent signs: a
 * proxy may decode what a browser does not.
 */
const isTreacherous = (path: string): boolean => {
  let text: string | null = path
  for (let depth = 0; text !== null && depth < decodingsMax; depth += 1) {
    if (/^[/\\]{2}/.test(text) || /[\0-\x1f\x7f\\]/.test(text)) return true
    const next = decoded(text)
    if (next === text) return false
    text = next
  }
  return text !== null
}

const pathOf = ({ pathname, search, hash }: URL): string | null =>
  isTreacherous(pathname) ? null : `${pathname}${search}${hash}`

/**
 * The address that `return_to` leads to, safe for `Location`; `null` for one that leads elsewhere.
 * It is parsed as browsers parse it, and what was parsed is handed out, never what was given.
 */
export const returnAddress = (
  given: unknown,
  { ownOrigin, origins }: ReturnRules,
): string | null => {
  if (typeof given !== 'string' || given.length > lengthMax || !visible.test(given)) return null
  const isPath = given.startsWith('/') && !given.startsWith('//')
  if (!isPath && !/^https?:\/\/[^/]/i.test(given)) return null
  if (!URL.canParse(given, ownOrigin)) return null
  const address = new URL(given, ownOrigin)
  if (address.username !== '' || address.password !== '') return null
  if (isPath) return address.origin === new URL(ownOrigin).origin ? pathOf(address) : null
  if (origins.isOwn(address.origin)) return pathOf(address)
  return origins.isTrusted(address.origin) && pathOf(address) !== null ? address.href : null
}
