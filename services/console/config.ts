import { drainFields } from '../../shared/http/drain.ts'
import { field, httpUrl, port, portTakes, type Values } from '../../shared/kernel/config.ts'
import { processFields } from '../../shared/kernel/process/process-settings.ts'
import { metricsFields } from '../../shared/metrics/metrics-settings.ts'

/** The settings of a console alone. */
export const consoleFields = {
  configFile: processFields.configFile,
  host: processFields.host,
  logLevel: processFields.logLevel,
  readyWithinMs: processFields.readyWithinMs,
  ...metricsFields,
  ...drainFields,
  port: field({
    env: 'CURFEW_CONSOLE_PORT',
    schema: port,
    otherwise: '3005',
    takes: portTakes,
    doc: 'Port of `curfew console`, as `--port`.',
  }),
  gatewayUrl: field({
    env: 'CURFEW_GATEWAY_URL',
    schema: httpUrl,
    otherwise: 'http://localhost:3000',
    takes: 'the address of the gateway, with its base path if it has one',
    doc:
      'The gateway that a console alone asks, as `--gateway`; may be an inner address. The ' +
      'console is below the same base path.',
  }),
} as const
export type ConsoleConfig = Values<typeof consoleFields>
