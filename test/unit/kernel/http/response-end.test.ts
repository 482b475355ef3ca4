import type { ServerResponse } from 'node:http'
import fc from 'fast-check'
import { callerWithSignal } from '../../../../shared/guard/open-connections/caller-signal.ts'
import { Drain } from '../../../../shared/http/drain.ts'
import { listen } from '../../../../shared/http/listen.ts'
import { systemClock } from '../../../../shared/kernel/clock.ts'
import { isResponseOver, onResponseOver } from '../../../../shared/kernel/http/response-end.ts'
import { silentLogger } from '../../../../shared/kernel/logger.ts'
import { hungUp, sendPipelined, serve } from '../../../support/requests/pipelined.ts'
import { assert, claims } from '../../../support/suite.ts'
import { until } from '../../../support/until.ts'
import { freshGuard } from '../../../support/worlds/guarded.ts'
import { accepted } from '../../../support/worlds/open-world.ts'

const inARow = (count: number) => Array.from({ length: count }, () => ({ path: '/' }))

claims('the end of an answer', {
  'is told once of each request in a row, however many were answered before the client left': () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20 }), fc.nat(20), async (count, answered) => {
        const told: number[] = []
        const responses: ServerResponse[] = []
        const server = await serve((_request, response) => {
          const index = responses.push(response) - 1
          told[index] = 0
          onResponseOver(response, () => {
            told[index] = (told[index] ?? 0) + 1
          })
        })
        try {
          const socket = await sendPipelined(server.port, inARow(count))
          await until('all came', () => responses.length === count)
          for (const response of responses.slice(0, answered)) response.end('x')
          const sum = (): number => told.reduce((all, times) => all + times, 0)
          await until('the answered are told', () => sum() === Math.min(answered, count))
          await hungUp(socket)
          await until('all are told', () => sum() === count)
          for (const response of responses) {
            assert.is(isResponseOver(response), true)
            let late = 0
            onResponseOver(response, () => {
              late += 1
            })
            assert.is(late, 1, 'at once, where it is over')
            response.end('x')
          }
          assert.equal(
            told,
            Array.from({ length: count }, () => 1),
          )
        } finally {
          await server.close()
        }
      }),
      { seed: 20_261_129, numRuns: 20 },
    ),

  'adds one listener to a connection, whatever comes on it': async () => {
    const counts: number[] = []
    const server = await serve(({ socket }, response) => {
      onResponseOver(response, () => {})
      counts.push(socket.listenerCount('close'))
      response.end('x')
    })
    const socket = await sendPipelined(server.port, inARow(30))
    await until('all came', () => counts.length === 30)
    assert.equal(new Set(counts).size, 1)
    await hungUp(socket)
    await server.close()
  },
})

claims('whoever watches the answers to requests in a row', {
  'a guard waits for no caller whose connection is gone': async () => {
    const { guard } = await freshGuard()
    const verdict = await accepted(guard)
    const late: ReturnType<typeof callerWithSignal>[] = []
    const server = await serve((_request, response) => {
      const parts = { guard, connection: response, onStale: undefined }
      assert.is(callerWithSignal(verdict, parts).signal.aborted, false)
      late.push(callerWithSignal(verdict, parts))
    })
    const socket = await sendPipelined(server.port, inARow(12))
    await until('all came', () => late.length === 12)
    assert.is(guard.metrics().openCallers, 12)
    await hungUp(socket)
    await until('nobody waits any more', () => guard.metrics().openCallers === 0)
    for (const { signal } of late) assert.is(signal.aborted, false)
    assert.is(guard.metrics().openCallers, 0, 'who asks first when it is gone')
    await server.close()
  },

  'a drain knows of no answer whose connection is gone': async () => {
    const responses: ServerResponse[] = []
    const drain = new Drain()
    const handler = (_request: unknown, response: ServerResponse): void => {
      responses.push(response)
    }
    const server = await listen(handler, { port: 0, host: '127.0.0.1' }, drain)
    const gone = await sendPipelined(server.port, inARow(12))
    await until('all came', () => responses.length === 12)
    await hungUp(gone)
    await until('it is noticed', () => responses.every(({ req }) => req.socket.destroyed))
    const open = await sendPipelined(server.port, inARow(3))
    await until('these came', () => responses.length === 15)
    const stop = AbortSignal.abort('SIGINT')
    await drain.served({
      stop,
      ms: 0,
      health: () => ({}),
      clock: systemClock,
      logger: silentLogger,
    })
    const kept = responses.map(({ shouldKeepAlive }) => shouldKeepAlive)
    assert.equal(kept, [...inARow(12).map(() => true), false, false, false])
    await hungUp(open)
    await server.close()
  },
})
