import { fraction } from '../../../kernel/entropy.ts'
import type { EventLog, Following, FollowOptions } from '../../../ports/event-log.ts'
import type { AuthorizationFailures } from '../authorization/authorization-failures.ts'
import type { KafkaAccess } from '../client/kafka-client.ts'
import { ErrorReporter } from '../connection/error-reporter.ts'
import { runConsumerSession } from './consumer-session.ts'
import { ReadingBackoff } from './reading-backoff.ts'

export type FollowerParts = Readonly<{
  access: KafkaAccess
  prefix: string
  endsBelow: EventLog['endsBelow']
  denials: AuthorizationFailures
  onContact: (succeeded: boolean) => void
}>

const firstWaitMs = 50
const waitMsMax = 1_000
/** One that joined and failed at once did not work. */
const lastedMs = 10_000

/**
 * Follows topics with one consumer after another, until stopped. Alone (`group: null`) it takes a
 * new random group for each consumer, so a crashed one is never waited for; nothing is committed
 * either way.
 */
export const followKafka = (
  { access, prefix, denials, endsBelow, onContact }: FollowerParts,
  options: FollowOptions,
): Following => {
  const { clock, entropy } = access
  const stopping = new AbortController()
  // Under the fleet's prefix, so that two fleets on one cluster never share a group.
  const alone = access.fleet === undefined ? 'curfew-alone-' : `curfew-alone-${access.fleet}-`
  const groupId = (): string =>
    prefix + (options.group ?? alone + entropy.bytes(12).toString('hex'))
  const topics = options.topics.map((topic) => prefix + topic)

  const follow = async (): Promise<void> => {
    let wait = firstWaitMs
    const troubles = new ErrorReporter(clock, (error) => options.onTrouble?.(error))
    const lasting = {
      ...{ access, prefix, options, endsBelow },
      backoff: new ReadingBackoff(clock),
      onAlive: () => onContact(true),
      onRead: () => troubles.recovered(),
      onTrouble: (error: Error) => troubles.report(error),
      stop: stopping.signal,
    }
    while (!stopping.signal.aborted) {
      const { stop } = lasting
      const beganMs = clock.monotonicMs()
      const group = groupId()
      const parts = { ...lasting, groupId: group }
      const failure = await runConsumerSession(parts).then(
        () => null,
        (error: unknown) => denials.failure(error, { what: 'reading', topics, group }),
      )
      if (failure === null || stop.aborted) return
      onContact(false)
      lasting.onTrouble(failure)
      if (clock.monotonicMs() - beganMs >= lastedMs) wait = firstWaitMs
      await clock.sleep(wait / 2 + (wait / 2) * fraction(entropy), stop)
      wait = Math.min(wait * 2, waitMsMax)
    }
  }
  const following = follow()
  return {
    stop: () => {
      stopping.abort()
      return following
    },
  }
}
