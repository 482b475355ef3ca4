import { AuthError, isAuthError } from '../../../kernel/errors.ts'
import { RepeatedTrouble } from '../../../kernel/logging/repeated-trouble.ts'
import { deniedAnswerOf } from '../client/denial-patch.ts'
import { type KafkaAccess, logUnavailable } from '../client/kafka-client.ts'
import {
  type Acl,
  grantCommand,
  type LogRole,
  neededAcls,
  type Operation,
  type ResourceType,
} from './needed-acls.ts'

/** What was asked for, where the broker's answer does not say. */
export type Asked = Readonly<{
  what: string
  /** Names on the broker. */
  topics?: readonly string[]
  group?: string
}>

type Denied = Readonly<{ resource: ResourceType; api: string; topics: readonly string[] }>

const resourceTypes: Readonly<Record<string, ResourceType>> = {
  TOPIC_AUTHORIZATION_FAILED: 'Topic',
  GROUP_AUTHORIZATION_FAILED: 'Group',
  CLUSTER_AUTHORIZATION_FAILED: 'Cluster',
}

/** kafkajs wraps what the broker said; of several errors together the first counts. */
const chainOf = (error: unknown, depth = 0): readonly object[] => {
  if (typeof error !== 'object' || error === null || depth > 8) return []
  const { cause, originalError, errors } = error as Readonly<Record<string, unknown>>
  const inner = [cause, originalError, ...(Array.isArray(errors) ? errors : [])]
  return [error, ...inner.flatMap((one) => (one === error ? [] : chainOf(one, depth + 1)))]
}

const deniedIn = (error: unknown): Denied | null => {
  const chain = chainOf(error)
  const typeOf = (one: object): string => ('type' in one ? String(one.type) : '')
  const resource = chain.map((one) => resourceTypes[typeOf(one)]).find((found) => found)
  if (!resource) return null
  const answer = chain.map(deniedAnswerOf).find((found) => found)
  return { resource, api: answer?.api ?? '', topics: answer?.topics ?? [] }
}

/** Which topics the broker named in a denial; `null` when it named none. */
export const deniedTopicsIn = (error: unknown): readonly string[] | null => {
  const topics = deniedIn(error)?.topics ?? []
  return topics.length > 0 ? topics : null
}

const operationOf: Readonly<Record<string, Operation>> = {
  Produce: 'Write',
  Fetch: 'Read',
  CreateTopics: 'Create',
  DescribeConfigs: 'DescribeConfigs',
  AlterConfigs: 'AlterConfigs',
}

/**
 * A client that may neither read nor write a topic cannot see it, so the answer names what the role
 * needs there.
 */
const topicOperations = (api: string, topic: string, roles: readonly LogRole[]): Operation[] => {
  const operation = operationOf[api] ?? 'Describe'
  const isMeant = ({ role, name, operation: needed }: Acl): boolean =>
    roles.includes(role) && topic.endsWith(name) && (needed === 'Read' || needed === 'Write')
  const meant = operation === 'Describe' ? neededAcls.filter(isMeant) : []
  return meant.length > 0 ? [...new Set(meant.map((right) => right.operation))] : [operation]
}

const groupPattern = /^(.*curfew-(?:alone|projector)-)/
const quietMs = 10_000

export type AuthorizationFailureParts = Readonly<{
  access: KafkaAccess
  roles: readonly LogRole[]
  isTold: boolean
}>

/** What the broker refuses this user: named, told once and then once a minute, and shown. */
export class AuthorizationFailures {
  readonly #parts: AuthorizationFailureParts
  readonly #trouble: RepeatedTrouble
  /** Until when each counts, if it is not met again. */
  readonly #current = new Map<string, number>()
  #looked: readonly string[] = []

  constructor(parts: AuthorizationFailureParts) {
    this.#parts = parts
    this.#trouble = new RepeatedTrouble(parts.access.clock)
  }

  /** What the newest look at the topics was refused; counts until the next one. */
  looked(denied: readonly string[]): void {
    this.#looked = denied
    for (const text of denied) this.#tell(text)
  }

  /** Those of the last seconds; empty again soon after the rights are granted. */
  current(): readonly string[] {
    const nowMs = this.#parts.access.clock.monotonicMs()
    for (const [text, untilMs] of this.#current) if (untilMs <= nowMs) this.#current.delete(text)
    return [...new Set([...this.#current.keys(), ...this.#looked])]
  }

  /** `error` as our callers know it: LOG_DENIED by name, else LOG_UNAVAILABLE. */
  failure(error: unknown, asked: Asked): AuthError {
    if (isAuthError(error)) return error
    const denied = this.named(error, asked)
    if (denied === null) return logUnavailable(asked.what, error)
    this.#current.set(denied, this.#parts.access.clock.monotonicMs() + quietMs)
    this.#tell(denied)
    return new AuthError('LOG_DENIED', denied, { cause: error })
  }

  /** `null` when it is no denial. */
  named(error: unknown, asked: Asked): string | null {
    const denied = deniedIn(error)
    if (denied === null) return null
    if (denied.resource === 'Group') return this.#group(asked.group ?? asked.what)
    if (denied.resource === 'Cluster') return this.#text('Cluster', 'kafka-cluster', ['Create'])
    const topics = denied.topics.length > 0 ? denied.topics : (asked.topics ?? [asked.what])
    const { roles } = this.#parts
    return topics
      .map((topic) => this.#text('Topic', topic, topicOperations(denied.api, topic, roles)))
      .join('; ')
  }

  #tell(text: string): void {
    if (!this.#parts.isTold) return
    const times = this.#trouble.occurred(text)
    if (times !== null) this.#parts.access.logger.error({ code: 'LOG_DENIED', times }, text)
  }

  #group(group: string): string {
    const [, beginning] = groupPattern.exec(group) ?? []
    return beginning === undefined
      ? this.#text('Group', group, ['Read'])
      : this.#text('Group', beginning, ['Read'], 'prefixed')
  }

  #text(
    resource: ResourceType,
    name: string,
    operations: readonly Operation[],
    pattern: Acl['pattern'] = 'literal',
  ): string {
    const { sasl, brokers } = this.#parts.access
    const principal = `User:${sasl?.username ?? 'ANONYMOUS'}`
    const bootstrap = brokers.join(',')
    const grant = { bootstrap, principal, resource, name, pattern, operations }
    const shown = pattern === 'prefixed' ? `${name}*` : name
    const command = grantCommand(grant)
    return `${principal} may not ${operations.join(', ')} ${resource} ${shown}: ${command}`
  }
}
