type Present = number | string | readonly string[] | undefined

/** `Vary` (RFC 9110, 12.5.5) with the names of `added` behind what is there already, each once. */
export const varyWith = (present: Present, added: string): string => {
  if (present === undefined) return added
  const written = `${present},${added}`.split(',').map((name) => name.trim())
  const names = new Map(written.map((name) => [name.toLowerCase(), name]))
  names.delete('')
  return names.has('*') ? '*' : [...names.values()].join(', ')
}
