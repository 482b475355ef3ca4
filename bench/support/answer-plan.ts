import type { BareKoaPlan, SampleCookie } from '../baseline/bare-koa.ts'

const setCookiePattern = /^set-cookie: ([^=;]+)=([^;]*)(.*)$/i
const madeByServer = /^(set-cookie|content-type|content-length|date|connection|keep-alive):/i

const cookieIn = (line: string): SampleCookie[] => {
  const found = setCookiePattern.exec(line)
  return found ? [{ name: found[1] ?? '', token: found[2] ?? '', attributes: found[3] ?? '' }] : []
}

/** Splits the head of a real answer into what the bare server must repeat. */
export const planOf = (head: string, body: object): BareKoaPlan => {
  const lines = head.split('\r\n').slice(1)
  const headers = lines
    .filter((line) => !madeByServer.test(line))
    .map((line): [string, string] => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 2)]
    })
  return { cookies: lines.flatMap(cookieIn), headers, body }
}
