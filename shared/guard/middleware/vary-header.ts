type Present = number | string | readonly string[] | undefined

/** `Vary` (RFC 9110, 12.5.5) with `names` behind what is there already, each once. */
export const varyWith = (present: Present, names: readonly string[]): string => {
  if (present === undefined) return names.join(', ')
  const there = String(present)
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  if (there.includes('*')) return '*'
  const known = new Set(there.map((name) => name.toLowerCase()))
  return [...there, ...names.filter((name) => !known.has(name.toLowerCase()))].join(', ')
}
