import { percentile } from '../statistics.ts'
import { type Answer, Connection, type Content } from '../support/connection.ts'
import { serve } from '../support/serve.ts'
import { sharedNowMs } from '../support/shared-clock.ts'

/** What is sent: a cookie, a body, or both. */
export type Sending = Readonly<{ cookie: string; content?: Content }>
export type RequestLoad = Readonly<{
  url: string
  method: 'GET' | 'POST'
  path: string
  /** Divided among the connections, each of which sends its own in turn. */
  sendings: readonly Sending[]
  connections: number
  /** For a while, or each of them once. */
  plan: Readonly<{ ms: number }> | 'once'
}>
export type RequestLoadResult = Readonly<{
  requests: number
  elapsedMs: number
  p50Ms: number
  p99Ms: number
  sample: Pick<Answer, 'head' | 'body'>
}>

type Tally = { readonly latenciesMs: number[]; sample: RequestLoadResult['sample'] }

/** A load of refusals would look fast: every answer must be 200. */
const drive = async (
  { url, method, path }: RequestLoad,
  own: readonly Sending[],
  tally: Tally,
  goesOn: (done: number) => boolean,
): Promise<void> => {
  const connection = await Connection.open(url)
  try {
    for (let done = 0; goesOn(done); done += 1) {
      const { cookie, content } = own[done % own.length] as Sending
      const sentMs = sharedNowMs()
      const answer = await connection.exchange(method, path, cookie, content)
      const { status, head, body, atMs } = answer
      if (status !== 200) throw new Error(`${path} was answered ${status}: ${body.slice(0, 200)}`)
      tally.latenciesMs.push(atMs - sentMs)
      tally.sample = { head, body }
    }
  } finally {
    connection.close()
  }
}

/** Closed loop: a connection sends the next as soon as it has its answer. */
const load = async (request: RequestLoad): Promise<RequestLoadResult> => {
  const { sendings, connections, plan } = request
  const tally: Tally = { latenciesMs: [], sample: { head: '', body: '' } }
  const startedMs = sharedNowMs()
  const shares = Array.from({ length: connections }, (_, connection) =>
    sendings.filter((_, index) => index % connections === connection),
  ).filter((own) => own.length > 0)
  await Promise.all(
    shares.map((own) => {
      const goesOn = (done: number): boolean =>
        plan === 'once' ? done < own.length : sharedNowMs() - startedMs < plan.ms
      return drive(request, own, tally, goesOn)
    }),
  )
  return {
    requests: tally.latenciesMs.length,
    elapsedMs: sharedNowMs() - startedMs,
    p50Ms: percentile(tally.latenciesMs, 0.5),
    p99Ms: percentile(tally.latenciesMs, 0.99),
    sample: tally.sample,
  }
}

serve(load)
