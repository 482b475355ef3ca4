import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { RequestHeaders } from '../../tokens/requests/index.ts'
import { headerReader } from './node-headers.ts'
import {
  type Caller,
  type CheckingGuard,
  type GuardHttpOptions,
  requestJudge,
} from './request-judge.ts'

export type GuardUpgradeOptions = GuardHttpOptions &
  Readonly<{
    /**
     * Origins of pages that may open a socket with the cookie, such as `https://app.example`;
     * without it those alone whose host is the request's `Host`. Requests without an `Origin`, and
     * those with a token in the header, which no page can set on a WebSocket, are not asked.
     */
    origins?: readonly string[]
  }>

/** `null`: the request was answered, or its socket is gone; nothing more is to be done with it. */
export type AskUpgrade = (req: RequestHeaders, socket: Duplex) => Promise<Caller | null>

type Answer = Readonly<{
  status: number
  headers: Readonly<Record<string, string>>
  body: unknown
}>

const otherOrigin: Answer = {
  status: 403,
  headers: { 'Cache-Control': 'no-store' },
  body: { detail: 'The page is of another origin; name it in `origins`.', code: 'origin_refused' },
}

const answer = (socket: Duplex, { status, headers, body }: Answer): void => {
  const text = JSON.stringify(body)
  const lines = Object.entries({
    ...headers,
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    Connection: 'close',
  }).map(([name, value]) => `${name}: ${value}`)
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines].join('\r\n')
  socket.once('finish', () => socket.destroy())
  socket.end(`${head}\r\n\r\n${text}`)
}

const hostOf = (origin: string): string | null =>
  URL.canParse(origin) ? new URL(origin).host : null

const ignore = (): void => {}

/**
 * For the `upgrade` event of a server of `node:http`, before a WebSocket is made of the request.
 * Resolves with the caller, or with `null` when the request was answered as by `guardHttp`, or 403
 * where a page of another origin sent it. The caller's signal watches until the socket closes.
 *
 * @throws TypeError when `realm` or a header type cannot stand in a header.
 * @example
 * const callerOf = guardUpgrade(guard)
 * server.on('upgrade', async (req, socket, head) => {
 *   const caller = await callerOf(req, socket)
 *   if (caller) sockets.handleUpgrade(req, socket, head, (ws) => serve(ws, caller))
 * })
 */
export const guardUpgrade = (
  guard: CheckingGuard,
  options: GuardUpgradeOptions = {},
): AskUpgrade => {
  const { origins } = options
  const { judge, isInHeader } = requestJudge(guard, options)
  const isOtherPage = (req: RequestHeaders): boolean => {
    const { origin, host } = req.headers
    if (origin === undefined || isInHeader(headerReader(req))) return false
    return origins ? !origins.includes(origin) : hostOf(origin) !== host?.toLowerCase()
  }
  return async (req, socket) => {
    // Nobody else may listen yet, and an error that nobody hears of ends the process.
    socket.on('error', ignore)
    if (isOtherPage(req)) {
      answer(socket, otherOrigin)
      return null
    }
    const judged = await judge(headerReader(req), socket)
    if (socket.destroyed) return null
    if (judged.outcome === 'passed') return judged.caller
    answer(socket, { ...judged.answer, headers: judged.headers })
    return null
  }
}
