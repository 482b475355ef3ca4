import { logCommit } from '../../../../services/gateway/publication/commit-log-line.ts'
import { event } from '../../../../shared/events/event.ts'
import type { LogFields, Logger, LogLevel } from '../../../../shared/kernel/logger.ts'
import { openLogger } from '../../../../shared/kernel/logging/pino-logger.ts'
import { aCommit } from '../../../support/fakes/builders.ts'
import { assert, claims } from '../../../support/suite.ts'

const refusing = (): never => {
  throw new Error('these fields were made in vain')
}

/** Writes lines of `level` alone, into `lines`. */
const only = (level: LogLevel) => {
  const lines: [LogFields, string][] = []
  const written: Logger = {
    debug: (fields, message) => lines.push([fields, message]),
    info: (fields, message) => lines.push([fields, message]),
    warn: (fields, message) => lines.push([fields, message]),
    error: (fields, message) => lines.push([fields, message]),
    child: () => written,
    writes: (one) => one === level,
  }
  return { lines, written }
}

const raised = aCommit({ events: [event('LifetimeRaised', { longestMs: 1_000 })] })

claims('the log line of a commit', {
  'is not made where nobody wants it': () => {
    const { lines, written } = only('info')
    logCommit(written, raised, refusing)
    assert.equal(lines, [])
    const wanted = only('debug')
    logCommit(wanted.written, raised, () => ({ request: 'r1' }))
    assert.equal(wanted.lines, [
      [{ request: 'r1', event: 'lifetime_raised' }, 'tokens live longer'],
    ])
  },

  'is wanted by the level that the process was started with': () => {
    const wanted = (level: string) =>
      (['debug', 'info', 'warn', 'error'] as const).filter((one) =>
        openLogger('test', level).writes?.(one),
      )
    assert.equal(wanted('warn'), ['warn', 'error'])
    assert.equal(wanted('debug').length, 4)
  },
})
