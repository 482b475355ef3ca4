import type { ServerResponse } from 'node:http'
import { headerLines, type RequestHeaders } from '../../tokens/requests/index.ts'
import type { Judged, ReadHeader } from './request-judge.ts'

type Present = number | string | readonly string[] | undefined

/** `Vary` (RFC 9110, 12.5.5) with the names of `added` behind what is there already, each once. */
export const varyWith = (present: Present, added: string): string => {
  if (present === undefined) return added
  const written = `${present},${added}`.split(',').map((name) => name.trim())
  const names = new Map(written.map((name) => [name.toLowerCase(), name]))
  names.delete('')
  return names.has('*') ? '*' : [...names.values()].join(', ')
}

/** Throws what Node throws when the headers were sent already. */
export const setJudgedHeaders = (res: ServerResponse, vary: string, { headers }: Judged): void => {
  res.setHeader('Vary', varyWith(res.getHeader('Vary'), vary))
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
}

/** The headers of a request of Node, by any spelling of a name. */
export const headerReader =
  (request: RequestHeaders): ReadHeader =>
  (name) => {
    const lines = headerLines(request, name)
    return lines.length > 1 ? lines : lines[0]
  }
