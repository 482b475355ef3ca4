import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

// A name, an IPv4 or a bracketed IPv6 address, and a port. What a proxy makes of two values, joined
// by a comma, is none of these.
const host = /^(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._~-]{1,255})?(?::\d{0,5})?$/

const hostsOf = ({ rawHeaders }: IncomingMessage): readonly string[] => {
  const hosts: string[] = []
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (name.length === 4 && name.toLowerCase() === 'host') hosts.push(rawHeaders[at + 1] ?? '')
  }
  return hosts
}

const refuse = (response: ServerResponse, detail: string): void => {
  response.writeHead(400, {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    Connection: 'close',
  })
  response.end(JSON.stringify({ detail, code: 'host_invalid' }))
}

/**
 * Node takes the first of two `Host` lines, a proxy in front perhaps the last: what one of them
 * allowed, the other would serve. A server must refuse that (RFC 9112, 3.2). Node itself refuses a
 * request of HTTP/1.1 without any.
 */
export const refuseDuplicateHost =
  (handler: RequestListener): RequestListener =>
  (request, response) => {
    const [first = '', ...others] = hostsOf(request)
    if (others.length > 0) return refuse(response, 'The request has more than one Host header.')
    if (!host.test(first)) return refuse(response, 'The Host header names no host.')
    return handler(request, response)
  }
