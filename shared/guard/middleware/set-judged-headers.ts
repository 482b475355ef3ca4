import type { ServerResponse } from 'node:http'
import type { Judged } from './request-judge.ts'
import { varyWith } from './vary-header.ts'

/** Throws what Node throws when the headers were sent already. */
export const setJudgedHeaders = (res: ServerResponse, vary: string, { headers }: Judged): void => {
  res.setHeader('Vary', varyWith(res.getHeader('Vary'), vary))
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
}
