import { percentile } from '../statistics.ts'
import { type Answer, Connection, cookieOf } from '../support/connection.ts'
import { serve } from '../support/serve.ts'
import { sharedNowMs } from '../support/shared-clock.ts'

export type RefreshLoad = Readonly<{
  url: string
  /** One for each session. */
  cookies: readonly string[]
  /** For a while, with a connection for each session; or once for each session, over some connections. */
  plan: Readonly<{ ms: number }> | Readonly<{ connections: number }>
}>
export type RefreshLoadResult = Readonly<{
  rotations: number
  elapsedMs: number
  p50Ms: number
  p99Ms: number
  /** The newest cookies, for the next round. */
  cookies: readonly string[]
  sample: string
}>

type Tally = { readonly latenciesMs: number[]; sample: string }

const rotate = async (connection: Connection, cookie: string, tally: Tally): Promise<string> => {
  const sentMs = sharedNowMs()
  const answer: Answer = await connection.exchange('POST', '/refresh', cookie)
  const next = cookieOf(answer)
  // A load of refusals would look fast: every answer must be a rotation.
  if (answer.status !== 200 || next === '' || next === cookie) {
    throw new Error(`a refresh was answered ${answer.status}: ${answer.body.slice(0, 200)}`)
  }
  tally.latenciesMs.push(answer.atMs - sentMs)
  tally.sample = answer.head
  return next
}

const forAWhile = (url: string, ms: number, cookies: string[], tally: Tally): Promise<void[]> => {
  const endMs = sharedNowMs() + ms
  return Promise.all(
    cookies.map(async (_, index) => {
      const connection = await Connection.open(url)
      try {
        while (sharedNowMs() < endMs) {
          cookies[index] = await rotate(connection, cookies[index] ?? '', tally)
        }
      } finally {
        connection.close()
      }
    }),
  )
}

const onceEach = (
  url: string,
  connections: number,
  cookies: string[],
  tally: Tally,
): Promise<void[]> => {
  let next = 0
  const worker = async (): Promise<void> => {
    const connection = await Connection.open(url)
    try {
      for (let index = next++; index < cookies.length; index = next++) {
        cookies[index] = await rotate(connection, cookies[index] ?? '', tally)
      }
    } finally {
      connection.close()
    }
  }
  return Promise.all(Array.from({ length: connections }, worker))
}

/** Closed loop: a connection sends its session's newest cookie as soon as it has it, so each request rotates. */
const load = async (request: RefreshLoad): Promise<RefreshLoadResult> => {
  const { url, plan } = request
  const cookies = [...request.cookies]
  const tally: Tally = { latenciesMs: [], sample: '' }
  const startedMs = sharedNowMs()
  if ('ms' in plan) await forAWhile(url, plan.ms, cookies, tally)
  else await onceEach(url, plan.connections, cookies, tally)
  return {
    rotations: tally.latenciesMs.length,
    elapsedMs: sharedNowMs() - startedMs,
    p50Ms: percentile(tally.latenciesMs, 0.5),
    p99Ms: percentile(tally.latenciesMs, 0.99),
    cookies,
    sample: tally.sample,
  }
}

serve(load)
