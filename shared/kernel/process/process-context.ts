import { type Clock, systemClock } from '../clock.ts'
import { type Entropy, systemEntropy } from '../entropy.ts'
import type { Logger } from '../logger.ts'
import { openLogger } from '../logging/pino-logger.ts'

/** What a process takes from the machine it runs on. */
export type ProcessContext = Readonly<{ clock: Clock; entropy: Entropy; logger: Logger }>

export const processContext = (service: string, logLevel: string): ProcessContext => ({
  clock: systemClock,
  entropy: systemEntropy,
  logger: openLogger(service, logLevel),
})
