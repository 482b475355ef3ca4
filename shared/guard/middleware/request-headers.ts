import { headerLines, type RequestHeaders } from '../../tokens/requests/index.ts'
import type { ReadHeader } from './request-judge.ts'

/** The headers of a request of Node, by any spelling of a name. */
export const headerReader =
  (request: RequestHeaders): ReadHeader =>
  (name) => {
    const lines = headerLines(request, name)
    return lines.length > 1 ? lines : lines[0]
  }
