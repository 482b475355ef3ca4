import type { IncomingHttpHeaders } from 'node:http'
import type { ReadHeader } from './judge-request.ts'

/** Node's headers, by any spelling of a name; a header that came more than once is joined. */
export const readerOf =
  (headers: IncomingHttpHeaders): ReadHeader =>
  (name) => {
    const value = headers[name.toLowerCase()]
    return Array.isArray(value) ? value.join(', ') : value
  }
