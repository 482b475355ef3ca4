import type { BackendOptions, Backends } from './backends.ts'
import { isAtScale } from './config.ts'

/**
 * The ports of what the settings name. Only its adapters are loaded: the drivers of MongoDB and
 * Kafka take 50 MiB and 170 ms of a start that uses neither.
 * @throws AuthError DATA_EXPOSED, DATA_INVALID, CONFIG_INVALID, LOG_TOPIC_WRONG.
 */
export const openBackends = async (options: BackendOptions): Promise<Backends> => {
  if (isAtScale(options.config)) return (await import('./open-scale.ts')).openScale(options)
  if (options.config.kafkaBrokers.length === 0) {
    return (await import('./open-embedded.ts')).openEmbedded(options)
  }
  return (await import('./open-kafka.ts')).openLogAlone(options)
}
