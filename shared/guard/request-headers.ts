import { headerLines, type RequestHeaders } from '../tokens/header-lines.ts'
import type { ReadHeader } from './judge-request.ts'

/** The headers of a request of Node, by any spelling of a name. */
export const readerOf =
  (request: RequestHeaders): ReadHeader =>
  (name) => {
    const lines = headerLines(request, name)
    return lines.length === 0 ? undefined : lines
  }
