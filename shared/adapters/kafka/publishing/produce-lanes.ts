import type { LogRecord } from '../../../events/log-record.ts'
import { isAuthError } from '../../../kernel/errors.ts'
import { logUnavailable } from '../client/kafka-client.ts'

export type Send = (records: readonly LogRecord[]) => Promise<readonly number[]>

type Call = {
  readonly records: readonly LogRecord[]
  readonly resolve: (offsets: readonly number[]) => void
  readonly reject: (error: unknown) => void
}

const lanesMax = 4
const recordsPerRequestMax = 1_000
const callsWaitingMax = 10_000

/**
 * A call goes out at once while fewer than four requests are in flight; beyond, waiting calls share
 * the next one. kafkajs sends a request per call: 1,000 concurrent calls took it 2 s of CPU
 * (measured), so all of them were late.
 */
export const produceLanes = (send: Send): Send => {
  const waiting: Call[] = []
  let inFlight = 0

  const takeCalls = (): Call[] => {
    const calls: Call[] = []
    for (let count = 0; ; ) {
      const [next] = waiting
      count += next?.records.length ?? 0
      if (!next || (calls.length > 0 && count > recordsPerRequestMax)) return calls
      calls.push(next)
      waiting.shift()
    }
  }
  const run = async (calls: readonly Call[]): Promise<void> => {
    try {
      const offsets = await send(calls.flatMap(({ records }) => records))
      let from = 0
      for (const { records, resolve } of calls) {
        resolve(offsets.slice(from, from + records.length))
        from += records.length
      }
    } catch (error) {
      // One call's record that is too large must not fail the others of the request.
      if (calls.length > 1 && isAuthError(error, 'LOG_RECORD_TOO_LARGE')) {
        for (const call of calls) await run([call])
      } else for (const { reject } of calls) reject(error)
    }
  }
  const pump = (): void => {
    while (inFlight < lanesMax && waiting.length > 0) {
      inFlight += 1
      void run(takeCalls()).then(() => {
        inFlight -= 1
        pump()
      })
    }
  }
  return (records) =>
    new Promise((resolve, reject) => {
      if (waiting.length >= callsWaitingMax) return reject(logUnavailable('too many calls wait'))
      waiting.push({ records, resolve, reject })
      pump()
    })
}
