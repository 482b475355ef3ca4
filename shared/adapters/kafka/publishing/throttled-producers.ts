import type { Producer } from 'kafkajs'

type QueueSize = Readonly<{ broker: string; queueSize: number }>

const queues = new WeakMap<Producer, Map<string, number>>()

const watched = (producer: Producer): Map<string, number> => {
  const sizes = new Map<string, number>()
  producer.on(producer.events.REQUEST_QUEUE_SIZE, ({ payload }: { payload: QueueSize }) => {
    sizes.set(payload.broker, payload.queueSize)
  })
  queues.set(producer, sizes)
  return sizes
}

/**
 * Tells whether kafkajs keeps requests of `producer` from the broker. It has no bound on requests
 * in flight, so a quota is the reason: each answer says for how long nothing more may be sent.
 */
export const delayedWhileThrottled = (producer: Producer): (() => boolean) => {
  const sizes = queues.get(producer) ?? watched(producer)
  return () => [...sizes.values()].some((size) => size > 0)
}
