/**
 * Parsers of what exports write, by the texts of the formats: they know nothing of those who write.
 */

/** RFC 4180, character by character. */
export const readCsv = (text: string): string[][] => {
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let isQuoted = false
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (isQuoted) {
      if (character !== '"') cell += character
      else if (text[at + 1] === '"') {
        cell += '"'
        at += 1
      } else isQuoted = false
    } else if (character === '"' && cell === '') isQuoted = true
    else if (character === ',') {
      row.push(cell)
      cell = ''
    } else if (character === '\r' && text[at + 1] === '\n') {
      rows.push([...row, cell])
      row = []
      cell = ''
      at += 1
    } else if (character === '"' || character === '\r' || character === '\n') {
      throw new Error(`a bare ${JSON.stringify(character)} at ${at}`)
    } else cell += character
  }
  if (isQuoted || cell !== '' || row.length > 0) throw new Error('the last row has no end')
  return rows
}

export type CefEvent = Readonly<{
  header: readonly string[]
  extension: ReadonlyMap<string, string>
}>

const unescaped = (text: string): string =>
  text.replace(/\\(.)/g, (_, found: string) =>
    found === 'n' ? '\n' : found === 'r' ? '\r' : found,
  )

/** One line of ArcSight’s Common Event Format. */
export const readCef = (line: string): CefEvent => {
  const parts = line.split(/(?<=(?:^|[^\\])(?:\\\\)*)\|/)
  const header = parts.slice(0, 7).map(unescaped)
  const rest = parts.slice(7).join('|')
  const extension = new Map<string, string>()
  const keys = [...rest.matchAll(/(?:^| )([A-Za-z0-9]+)(?<!\\)=/g)]
  for (const [at, found] of keys.entries()) {
    const from = found.index + found[0].length
    const to = keys[at + 1]?.index ?? rest.length
    extension.set(found[1] ?? '', unescaped(rest.slice(from, to)))
  }
  return { header, extension }
}

/** Where anybody may see the end of a line: Python’s list, which is the longest. */
export const lineEnds = /[\n\r\u000b\u000c\u001c-\u001e\u0085\u2028\u2029]/g
