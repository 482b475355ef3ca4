import { type OutgoingHttpHeaders, request } from 'node:http'
import type { FetchOnce } from '../../shared/kernel/http/bounded-fetch.ts'

/**
 * Asks an address of this process. Node's `fetch` would take 15 MiB for the report that its guard
 * sends every 5 s.
 */
export const localFetch: FetchOnce = (url, { method = 'GET', headers, body, signal }) =>
  new Promise((resolve, reject) => {
    const options = {
      method,
      headers: headers as OutgoingHttpHeaders,
      agent: false,
      ...(signal && { signal }),
    }
    const asked = request(url, options, (answer) => {
      const { statusCode = 0, headers: answered } = answer
      const get = (name: string): string | null => {
        const value = answered[name.toLowerCase()]
        return typeof value === 'string' ? value : null
      }
      resolve({ status: statusCode, headers: { get }, body: answer })
    })
    asked.once('error', reject)
    asked.end(body)
  })
