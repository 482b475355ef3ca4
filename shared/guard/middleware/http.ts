import type { IncomingMessage, ServerResponse } from 'node:http'
import { headerReader, setJudgedHeaders } from './node-headers.ts'
import {
  type Caller,
  type CheckingGuard,
  type GuardHttpOptions,
  type Judged,
  requestJudge,
} from './request-judge.ts'

export type { Caller, GuardHttpOptions } from './request-judge.ts'
export { type AskUpgrade, type GuardUpgradeOptions, guardUpgrade } from './websocket-upgrade.ts'

/** `null`: the request was answered, and nothing more is to be done with it. */
export type AskHttp = (
  req: Pick<IncomingMessage, 'headers'> & Partial<Pick<IncomingMessage, 'rawHeaders'>>,
  res: ServerResponse,
) => Promise<Caller | null>

const answer = (res: ServerResponse, { status, body }: AnsweredWith): void => {
  const text = JSON.stringify(body)
  res.statusCode = status
  res.setHeader('Content-Type', 'application/json; charset=utf-8')
  res.setHeader('Content-Length', Buffer.byteLength(text))
  res.end(text) // Node sends no body to a HEAD.
}
type AnsweredWith = Extract<Judged, { outcome: 'answered' }>['answer']

/**
 * For a server of `node:http` alone. Resolves with the caller, or with `null` when the request was
 * answered: 401 (Simple-JWT's bodies), 400 (the cookie came twice, the position is none) or 503
 * with `Retry-After`. Answers and cost are those of `guardKoa`. Rejects with what Node throws when
 * the headers were sent already.
 *
 * @throws TypeError when `realm` or a header type cannot stand in a header.
 * @example
 * const callerOf = guardHttp(guard, { cookieName: '__Host-access' })
 * createServer(async (req, res) => {
 *   const caller = await callerOf(req, res)
 *   if (caller) res.end(`hello ${caller.claims.sub}`)
 * })
 */
export const guardHttp = (guard: CheckingGuard, options: GuardHttpOptions = {}): AskHttp => {
  const judge = requestJudge(guard, options)
  return async (req, res) => {
    const judged = await judge.judge(headerReader(req), res)
    setJudgedHeaders(res, judge.vary, judged)
    if (judged.outcome === 'passed') return judged.caller
    answer(res, judged.answer)
    return null
  }
}
