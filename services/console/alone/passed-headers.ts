import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http'

/** What browsers send that the gateway's pages and routes read; nothing else is passed on. */
const taken = [
  'accept',
  'accept-encoding',
  'accept-language',
  'content-type',
  'cookie',
  'if-none-match',
  'last-event-id',
  'origin',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-user',
  'traceparent',
  'tracestate',
  'user-agent',
  'x-request-id',
] as const

const via = '1.1 curfew-console'
/** What is left of it was written by whoever asks, and the gateway does not read it. */
const forwardedCharsMax = 1_024

/** The addresses that others saw, and behind them the one that is seen here. */
const forwardedFor = (given: IncomingHttpHeaders, peer: string | undefined): string => {
  const before = [given['x-forwarded-for'] ?? []].flat().join(', ').slice(-forwardedCharsMax)
  return before === '' ? (peer ?? 'unknown') : `${before}, ${peer ?? 'unknown'}`
}

/** The headers of the request to the gateway. */
export const requestHeaders = ({ headers, socket }: IncomingMessage): OutgoingHttpHeaders => {
  const passed = taken.flatMap((name) => {
    const value = headers[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return {
    ...Object.fromEntries(passed),
    'x-forwarded-for': forwardedFor(headers, socket.remoteAddress),
    via,
  }
}

/** Of one connection, and not of the answer (RFC 9110, 7.6.1). */
const ofConnection: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authentication-info'],
  ...['proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
])

/** An address of the gateway, as one of the console; any other as it is. */
const ledHere = (location: string, gateway: URL): string => {
  if (!URL.canParse(location)) return location
  const { origin, pathname, search, hash } = new URL(location)
  // A browser takes what begins with two slashes for another host.
  const isHere = origin === gateway.origin && !pathname.startsWith('//')
  return isHere ? `${pathname}${search}${hash}` : location
}

/** The headers of the gateway's answer that are the browser's; of each name all values. */
export const answerHeaders = (
  { rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>,
  gateway: URL,
): ReadonlyMap<string, readonly string[]> => {
  const all = new Map<string, string[]>()
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase()
    all.set(name, [...(all.get(name) ?? []), rawHeaders[at + 1] ?? ''])
  }
  const named = (all.get('connection') ?? []).join(',').toLowerCase().split(',')
  for (const name of [...ofConnection, ...named]) all.delete(name.trim())
  const locations = all.get('location')
  if (locations) {
    all.set(
      'location',
      locations.map((location) => ledHere(location, gateway)),
    )
  }
  return all
}
