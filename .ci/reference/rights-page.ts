import {
  type Acl,
  type Grant,
  grantCommand,
  grantsFor,
  type LogRole,
  logRoles,
  neededAcls,
} from '../../shared/adapters/kafka/authorization/needed-acls.ts'
import { generated, page, table } from './tables.ts'

const roleNames: Readonly<Record<LogRole, string>> = {
  gateway: 'A gateway',
  projector: 'A projector',
  feed: 'A projector that serves the feed, besides',
  auditor: 'An auditor',
  guard: 'A service with a guard (`CURFEW_FEED=kafka` or `log`; `curfew orders`)',
}
const whenNames: Readonly<Record<Acl['when'], string>> = {
  always: '',
  setup: 'only if the gateways shall make and change the topics',
}

const row = ({ resource, name, pattern, operation, why, when }: Acl): readonly string[] => [
  `${resource} \`${name}\``,
  pattern,
  operation,
  when === 'always' ? why : `${why} (setup)`,
]

const commandsFor = (role: LogRole, when: Acl['when']): readonly string[] => {
  const principal = `User:${role === 'feed' ? 'projector' : role}`
  const given = { roles: [role], when: [when], bootstrap: '$BROKERS', principal }
  const grants: readonly Grant[] = grantsFor({ ...given, prefix: 'PREFIX' })
  const lines = grants.map((grant) => grantCommand(grant).replaceAll("'", '"'))
  const note = whenNames[when]
  return lines.length === 0 ? [] : [...(note === '' ? [] : [`# ${note}`]), ...lines]
}

const section = (role: LogRole): readonly string[] => [
  `## ${roleNames[role]}`,
  '',
  ...table(
    ['resource', 'pattern', 'operation', 'why'],
    neededAcls.filter((right) => right.role === role).map(row),
  ),
  '',
  '```sh',
  ...commandsFor(role, 'always'),
  ...commandsFor(role, 'setup'),
  '```',
  '',
]

const introduction: readonly string[] = [
  'What the Kafka user of each process must be allowed. Nothing more is needed, and nothing of it',
  'can be left out: a test runs a fleet on a broker with `StandardAuthorizer` that allows exactly',
  'this, and takes each line away.',
  '',
  'Names stand behind CURFEW_KAFKA_TOPIC_PREFIX, which is `PREFIX` below (nothing without one),',
  'the names of groups too. `prefixed` means every name that begins so: each reader that shares',
  'with nobody is a group of its own, and the group of the projectors ends with the fleet’s id.',
  'Read and Write include Describe in Kafka. `curfew start` on Kafka needs what a gateway, a',
  'projector and a guard need.',
  '',
  'Lines marked "setup" are needed as long as gateways shall make the topics and raise their',
  'retention. Without them, make the topics as [operations.md](../operations.md#topics) says.',
  '',
  'What is denied is `LOG_DENIED`: the log and `/readyz` name user, operation and resource, and',
  'the command that grants it. No process ends for it; it goes on within seconds of the grant.',
  '',
]

/** `docs/reference/kafka-rights.md` */
export const rightsPage = (): string =>
  page(
    generated('Rights on Kafka', 'the table in shared/adapters/kafka/authorization/needed-acls.ts'),
    introduction,
    ...logRoles.map(section),
  )
