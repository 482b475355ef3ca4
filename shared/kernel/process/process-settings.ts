import { z } from 'zod'
import { duration, durationTakes, field, optional, port, portTakes, text } from '../config.ts'

/** What every process with an HTTP port can be told. */
export const processFields = {
  configFile: optional({
    env: 'CURFEW_CONFIG',
    schema: text(),
    takes: 'a file of settings',
    doc:
      'As `--config`. Without either, `curfew.config.json`, `.mjs`, `.js` or `.ts` in the ' +
      'working directory, if there is one.',
  }),
  host: field({
    env: 'CURFEW_HOST',
    schema: text(255),
    otherwise: '127.0.0.1',
    takes: 'an address to listen on',
    doc: 'Where every HTTP server listens. Only this machine, unless told otherwise.',
  }),
  port: field({
    env: 'CURFEW_PORT',
    schema: port,
    otherwise: '3000',
    takes: portTakes,
    doc: 'Port of the gateway (and of the health page of `curfew projector`).',
  }),
  logLevel: field({
    env: 'CURFEW_LOG_LEVEL',
    schema: z.enum(['debug', 'info', 'warn', 'error', 'silent'], { error: 'is no level' }),
    otherwise: 'info',
    takes: 'debug, info, warn, error or silent',
    doc: 'Least severity that is logged, as JSON lines on standard error.',
  }),
  readyWithinMs: field({
    env: 'CURFEW_READY_WITHIN',
    schema: duration(1_000).refine((ms) => ms <= 60_000, { error: 'must be at most 60s' }),
    otherwise: '5s',
    takes: durationTakes,
    doc:
      '`/readyz` is 200 when what the process relies on answered within this time; from 1s to ' +
      '60s. A shorter one takes it out of traffic sooner, also while MongoDB elects a primary.',
  }),
} as const
