import type { IncomingHttpHeaders } from 'node:http'

/** The headers of a request, as Node has them; frameworks and tests may leave out the raw lines. */
export type RequestHeaders = Readonly<{
  headers: IncomingHttpHeaders
  rawHeaders?: readonly string[]
}>

/**
 * The values of one header by any spelling of its name, one for each line that came; none when it
 * did not come. Node keeps the first `Authorization` of several and forgets the others, which
 * another server might have taken. What a middleware wrote into `headers` stands.
 */
export const headerLines = (
  { headers, rawHeaders = [] }: RequestHeaders,
  name: string,
): readonly string[] => {
  const wanted = name.toLowerCase()
  const value = headers[wanted]
  if (value === undefined) return []
  const lines: string[] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const came = rawHeaders[at] ?? ''
    if (came.length !== wanted.length || came.toLowerCase() !== wanted) continue
    lines.push(rawHeaders[at + 1] ?? '')
  }
  if (lines.length > 1) return lines
  return typeof value === 'string' ? [value] : value
}
