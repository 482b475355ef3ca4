import { createRequire } from 'node:module'

/** Which requests a broker denied, and for which topics; empty where the answer names none. */
export type DeniedAnswer = Readonly<{ api: string; topics: readonly string[] }>

type Answer = Readonly<Record<string, unknown>>
type Sending = Readonly<{
  request: Readonly<{ apiName: string }>
  response: Readonly<{ parse: (answer: Answer) => Promise<unknown> }>
}>
type Broker = Readonly<{ findGroupCoordinator(asked: unknown): Promise<unknown> }>
type Cluster = Readonly<{
  brokerPool: Readonly<{
    withBroker<T>(ask: (at: Readonly<{ broker: Broker }>) => Promise<T>): Promise<T | null>
  }>
}>
type ClusterClass = {
  prototype: { findGroupCoordinatorMetadata(this: Cluster, asked: unknown): Promise<unknown> }
}
type ConnectionClass = { prototype: { send(sending: Sending): Promise<unknown> } }

const require = createRequire(import.meta.url)
const patchedVersion = '2.2.4'
const topicDenied = 29
let isPatched = false
const answers = new WeakMap<object, DeniedAnswer>()

const listOf = (value: unknown): readonly Answer[] =>
  Array.isArray(value)
    ? value.filter((one): one is Answer => typeof one === 'object' && one !== null)
    : []

const isDenied = ({ errorCode, topicErrorCode, partitions }: Answer): boolean =>
  errorCode === topicDenied ||
  topicErrorCode === topicDenied ||
  listOf(partitions).some((partition) => partition['errorCode'] === topicDenied)

/** The answers to Produce, Metadata, Fetch, ListOffsets, CreateTopics, …Configs list by topic. */
const deniedTopics = (answer: Answer): readonly string[] =>
  ['topics', 'topicMetadata', 'responses', 'topicErrors', 'resources']
    .flatMap((member) => listOf(answer[member]))
    .filter(isDenied)
    .map(({ topicName, topic, resourceName }) => String(topicName ?? topic ?? resourceName))

const typeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'type' in error ? String(error.type) : ''

/** kafkajs says that there is no coordinator, whatever each broker said. */
const patchCoordinators = (): void => {
  const { prototype } = require('kafkajs/src/cluster') as ClusterClass
  const find = prototype.findGroupCoordinatorMetadata
  prototype.findGroupCoordinatorMetadata = async function (asked) {
    try {
      return await find.call(this, asked)
    } catch (error) {
      const said = await this.brokerPool.withBroker(({ broker }) =>
        broker.findGroupCoordinator(asked).then(
          () => null,
          (reason: unknown) => reason,
        ),
      )
      throw typeOf(said) === 'GROUP_AUTHORIZATION_FAILED' ? said : error
    }
  }
}

/**
 * Keeps which request failed for which topics beside each error of kafkajs, which says "Topic
 * authorization failed" and no more. Any other version of kafkajs is left as it is; then a denial
 * names what was asked for, not what was refused of it.
 */
export const patchDenials = (): void => {
  const { version } = require('kafkajs/package.json') as { version: string }
  if (isPatched || version !== patchedVersion) return
  isPatched = true
  patchCoordinators()
  const { prototype } = require('kafkajs/src/network/connection') as ConnectionClass
  const send = prototype.send
  prototype.send = function (sending) {
    const { request, response } = sending
    const parse = async (answer: Answer): Promise<unknown> => {
      try {
        return await response.parse(answer)
      } catch (error) {
        const denied = { api: request.apiName, topics: deniedTopics(answer) }
        if (typeof error === 'object' && error !== null) answers.set(error, denied)
        throw error
      }
    }
    return send.call(this, { ...sending, response: { ...response, parse } })
  }
}

export const deniedAnswerOf = (error: object): DeniedAnswer | undefined => answers.get(error)
