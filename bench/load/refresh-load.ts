import { percentile } from '../statistics.ts'
import { Connection } from '../support/connection.ts'
import { serve } from '../support/serve.ts'
import { sharedNowMs } from '../support/shared-clock.ts'
import { type Dialect, dialects } from './refresh-dialects.ts'

export type RefreshLoad = Readonly<{
  url: string
  /** Curfew’s unless said. */
  dialect?: Dialect
  /** One for each session: what is held between two requests, by the dialect. */
  cookies: readonly string[]
  /** For a while, or so many refreshes; the sessions are divided among the connections. */
  plan: Readonly<{ connections: number }> &
    (Readonly<{ ms: number }> | Readonly<{ refreshes: number }>)
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

type Tally = { readonly dialect: Dialect; readonly latenciesMs: number[]; sample: string }

const rotate = async (connection: Connection, held: string, tally: Tally): Promise<string> => {
  const { ask, next: nextOf } = dialects[tally.dialect]
  const { path, cookie, content } = ask(held)
  const sentMs = sharedNowMs()
  const answer = await connection.exchange('POST', path, cookie, content)
  // A load of refusals would look fast: every answer must be a rotation.
  const next = answer.status === 200 ? nextOf(answer) : ''
  if (next === '' || next === held) {
    throw new Error(`a refresh was answered ${answer.status}: ${answer.body.slice(0, 200)}`)
  }
  tally.latenciesMs.push(answer.atMs - sentMs)
  tally.sample = answer.head
  return next
}

/**
 * One connection and its sessions in turn: no session is another connection's, so nothing races.
 */
const drive = async (
  url: string,
  cookies: string[],
  own: readonly number[],
  tally: Tally,
  goesOn: (done: number) => boolean,
): Promise<void> => {
  const connection = await Connection.open(url)
  try {
    for (let done = 0; goesOn(done); done += 1) {
      const index = own[done % own.length] ?? 0
      cookies[index] = await rotate(connection, cookies[index] ?? '', tally)
    }
  } finally {
    connection.close()
  }
}

/**
 * Closed loop: a connection sends its session's newest cookie as soon as it has it, so each request
 * rotates.
 */
const load = async (request: RefreshLoad): Promise<RefreshLoadResult> => {
  const { url, plan, dialect = 'curfew' } = request
  const cookies = [...request.cookies]
  const tally: Tally = { dialect, latenciesMs: [], sample: '' }
  const startedMs = sharedNowMs()
  const endMs = startedMs + ('ms' in plan ? plan.ms : Number.POSITIVE_INFINITY)
  const each = 'refreshes' in plan ? plan.refreshes / plan.connections : Number.POSITIVE_INFINITY
  const goesOn = (done: number): boolean => done < each && sharedNowMs() < endMs
  const connections = Array.from({ length: plan.connections }, (_, connection) =>
    cookies.map((_, index) => index).filter((index) => index % plan.connections === connection),
  )
  await Promise.all(connections.map((own) => drive(url, cookies, own, tally, goesOn)))
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
