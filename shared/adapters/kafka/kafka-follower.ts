import { fraction } from '../../kernel/entropy.ts'
import type { Following, FollowOptions } from '../../ports/event-log.ts'
import type { KafkaAccess } from './kafka-client.ts'
import { logUnavailable } from './kafka-client.ts'
import { runSession } from './kafka-session.ts'

export type FollowerParts = Readonly<{
  access: KafkaAccess
  prefix: string
  onContact: (succeeded: boolean) => void
}>

const waitMsMax = 1_000

/**
 * Follows topics with one consumer after another, until stopped. Alone (`group: null`) it takes a
 * new random group for each consumer, so a crashed one is never waited for; nothing is committed
 * either way.
 */
export const followKafka = (
  { access, prefix, onContact }: FollowerParts,
  options: FollowOptions,
): Following => {
  const { clock, entropy } = access
  const stopping = new AbortController()
  // Under the fleet's prefix, so that two fleets on one cluster never share a group.
  const groupId = (): string =>
    prefix + (options.group ?? `curfew-alone-${entropy.bytes(12).toString('hex')}`)

  const follow = async (): Promise<void> => {
    let wait = 50
    const onTrouble = (error: Error): void => options.onTrouble?.(error)
    const onAlive = (): void => {
      wait = 50
      onContact(true)
    }
    while (!stopping.signal.aborted) {
      const stop = stopping.signal
      const parts = { access, prefix, groupId: groupId(), options, onAlive, onTrouble, stop }
      const failure = await runSession(parts).then(
        () => null,
        (error: unknown) => logUnavailable('reading', error),
      )
      if (failure === null || stop.aborted) return
      onContact(false)
      onTrouble(failure)
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
