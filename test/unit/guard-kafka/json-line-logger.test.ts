import fc from 'fast-check'
import { jsonLineLogger } from '../../../shared/guard-kafka/json-line-logger.ts'
import { systemClock } from '../../../shared/kernel/clock.ts'
import { anyText } from '../../support/fakes/any-text.ts'
import { assert, claims } from '../../support/suite.ts'

const levels = ['debug', 'info', 'warn', 'error'] as const
const numbers = { debug: 20, info: 30, warn: 40, error: 50 } as const
const at = Date.UTC(2026, 0, 2, 3, 4, 5)

const written = (level: string) => {
  const lines: string[] = []
  const clock = { ...systemClock, now: () => at as ReturnType<typeof systemClock.now> }
  const write = (line: string): void => void lines.push(line)
  const logger = jsonLineLogger({ service: 'orders', level, clock, write })
  return { lines, logger }
}

claims('the log lines of a guard’s thread', {
  'are JSON with the level, the instant and the service, as those of Curfew’s services': () => {
    const { lines, logger } = written('debug')
    for (const level of levels) {
      logger.child({ part: 'feed' }).child({ times: 2 })[level]({ topic: 'auth' }, 'said')
      const said = JSON.parse(lines.at(-1) ?? '') as object
      const base = { level: numbers[level], time: '2026-01-02T03:04:05.000Z', service: 'orders' }
      const fields = { part: 'feed', times: 2, topic: 'auth', msg: 'said' }
      assert.equal(said, { ...base, pid: process.pid, ...fields })
    }
  },

  'stay away below the level that is set, and altogether when it is `silent`': () => {
    for (const [index, least] of levels.entries()) {
      const { lines, logger } = written(least)
      for (const level of levels) logger[level]({}, level)
      assert.is(lines.length, levels.length - index)
    }
    const { lines, logger } = written('silent')
    for (const level of levels) logger[level]({}, level)
    assert.equal(lines, [])
  },

  // asvs: 16.2.5, 16.4.1
  'are one line each, show no token, and spell errors out': () => {
    const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl'
    fc.assert(
      fc.property(anyText({ maxLength: 40 }), (text) => {
        const { lines, logger } = written('debug')
        const error = new Error(`${text} ${token}`, { cause: new Error(token) })
        logger.warn({ error, detail: `${token} ${text}` }, `${text} ${token}`)
        assert.is(lines.length, 1)
        assert.match(lines[0] ?? '', /^[^\n]*\n$/)
        assert.not.match(lines[0] ?? '', 'eyJzdWIi')
        const said = JSON.parse(lines[0] ?? '') as { error: { name: string; cause: object } }
        assert.is(said.error.name, 'Error')
        assert.ok('message' in said.error.cause)
      }),
      { numRuns: 50 },
    )
  },
})
