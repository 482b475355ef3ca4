type Present = number | string | readonly string[] | undefined

const namesIn = (text: string): readonly string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')

/** `Vary` (RFC 9110, 12.5.5) with the names of `added` behind what is there already, each once. */
export const varyWith = (present: Present, added: string): string => {
  if (present === undefined) return added
  const there = namesIn(String(present))
  if (there.includes('*')) return '*'
  const known = new Set(there.map((name) => name.toLowerCase()))
  return [...there, ...namesIn(added).filter((name) => !known.has(name.toLowerCase()))].join(', ')
}
