import { adapterHouses } from './adapter-houses.ts'
import { auditor } from './auditor-house.ts'
import { cli } from './cli-house.ts'
import { consoleHouse } from './console-house.ts'
import type { House, Room } from './house.ts'

const index = ['index.ts']

/** Words of every part: its files are imported as they are. */
const kernel: House = {
  folder: 'shared/kernel',
  ground: 'all',
  rooms: [
    { name: 'addresses', shows: 'all', uses: [] },
    { name: 'concurrency', shows: 'all', uses: [] },
    { name: 'http', shows: 'all', uses: [] },
    { name: 'logging', shows: 'all', uses: [] },
    { name: 'process', shows: 'all', uses: ['logging'] },
  ],
}

const tokens: House = {
  folder: 'shared/tokens',
  ground: ['claims.ts'],
  rooms: [
    { name: 'keys', shows: index, uses: [] },
    { name: 'requests', shows: index, uses: [] },
    { name: 'secret-files', shows: index, uses: [] },
    { name: 'known-secrets', shows: ['publicly-known-secret.ts'], uses: [] },
    { name: 'verification', shows: index, uses: ['keys'] },
    { name: 'key-rings', shows: index, uses: ['keys', 'secret-files'] },
    {
      name: 'configured-keys',
      shows: index,
      uses: ['keys', 'secret-files', 'known-secrets', 'key-rings'],
    },
    { name: 'signing', shows: index, uses: ['keys', 'verification', 'key-rings'] },
    { name: 'status-list', shows: index, uses: ['key-rings', 'signing'] },
  ],
}

const guard: House = {
  folder: 'shared/guard',
  ground: [],
  rooms: [
    { name: 'api', shows: 'all', uses: [] },
    { name: 'http-client', shows: index, uses: [] },
    { name: 'freshness', shows: index, uses: [] },
    { name: 'revocation-set', shows: index, uses: [] },
    { name: 'feed-protocol', shows: index, uses: [] },
    {
      name: 'feed',
      shows: index,
      uses: ['api', 'http-client', 'freshness', 'revocation-set', 'feed-protocol'],
    },
    { name: 'keys', shows: index, uses: ['api', 'http-client'] },
    { name: 'verification', shows: index, uses: ['api', 'http-client', 'revocation-set', 'keys'] },
    { name: 'introspection', shows: index, uses: ['api', 'http-client', 'freshness'] },
    { name: 'open-connections', shows: index, uses: ['api', 'freshness', 'introspection'] },
    { name: 'reporting', shows: index, uses: ['api', 'http-client'] },
    { name: 'witnessing', shows: index, uses: ['api', 'http-client'] },
    {
      name: 'discovery',
      shows: index,
      uses: ['api', 'http-client', 'keys', 'introspection', 'reporting'],
    },
    {
      name: 'middleware',
      shows: ['index.ts', 'koa.ts', 'express.ts', 'fastify.ts', 'http.ts'],
      uses: ['api', 'open-connections'],
    },
  ],
}

const commands: readonly Room[] = [
  { name: 'http', shows: index, uses: [] },
  { name: 'publication', shows: index, uses: ['http'] },
  { name: 'revocations', shows: index, uses: ['publication'] },
  { name: 'status-list', shows: index, uses: ['publication'] },
  {
    name: 'tokens',
    shows: index,
    uses: ['http', 'publication', 'revocations', 'status-list'],
  },
  { name: 'accounts', shows: index, uses: ['http', 'publication', 'revocations', 'tokens'] },
  {
    name: 'sessions',
    shows: index,
    uses: ['http', 'publication', 'revocations', 'tokens', 'accounts'],
  },
  { name: 'keys', shows: index, uses: [] },
  { name: 'guards', shows: index, uses: ['publication'] },
  { name: 'audit', shows: index, uses: ['publication', 'accounts'] },
  { name: 'holds', shows: index, uses: ['publication'] },
  { name: 'questions', shows: index, uses: ['publication', 'audit'] },
  {
    name: 'operators',
    shows: index,
    uses: ['publication', 'sessions', 'guards', 'audit', 'questions'],
  },
  { name: 'ssf', shows: index, uses: ['publication'] },
  {
    name: 'lifecycle',
    shows: index,
    uses: ['http', 'publication', 'revocations', 'tokens', 'accounts', 'guards', 'ssf'],
  },
]
/** What HTTP asks a room for. A route may use the commands of every room, and no other routes. */
const routes: readonly Room[] = [
  { name: 'proxies', shows: index, uses: ['http', 'publication', 'tokens', 'accounts'] },
  {
    name: 'sessions/routes',
    shows: index,
    uses: ['http', 'revocations', 'tokens', 'accounts', 'sessions'],
  },
  {
    name: 'revocations/routes',
    shows: index,
    uses: ['http', 'publication', 'revocations', 'tokens', 'accounts', 'sessions'],
  },
  {
    name: 'tokens/routes',
    shows: index,
    uses: ['http', 'publication', 'status-list', 'tokens'],
  },
  {
    name: 'accounts/routes',
    shows: index,
    uses: ['http', 'revocations', 'tokens', 'accounts', 'sessions', 'audit'],
  },
  { name: 'guards/routes', shows: index, uses: ['http', 'accounts', 'guards'] },
  {
    name: 'audit/routes',
    shows: index,
    uses: ['http', 'publication', 'accounts', 'audit', 'questions'],
  },
  {
    name: 'holds/routes',
    shows: index,
    uses: ['http', 'publication', 'accounts', 'audit', 'holds'],
  },
  {
    name: 'operators/routes',
    shows: index,
    uses: ['http', 'publication', 'accounts', 'audit', 'operators'],
  },
  { name: 'keys/routes', shows: index, uses: ['http', 'accounts', 'audit', 'keys'] },
  { name: 'status-list/routes', shows: index, uses: ['http', 'publication', 'status-list'] },
  { name: 'ssf/routes', shows: index, uses: ['http', 'ssf'] },
]
/** A page does what routes do, and does it by asking them, so it stands above them. */
const pages: Room = {
  name: 'pages',
  shows: index,
  uses: [
    'http',
    'sessions',
    'sessions/routes',
    'revocations/routes',
    'accounts/routes',
    'audit/routes',
  ],
}
/** Four floors: the machine, the rooms' commands in their order, the rooms' routes, the pages. */
const gateway: House = {
  folder: 'services/gateway',
  ground: [],
  rooms: [...commands, ...routes, pages],
}

/**
 * The rooms of the project, and what each may import. A new room is a row here, with the rooms it
 * uses; `index.ts` is its public file.
 */
export const houses: readonly House[] = [
  kernel,
  tokens,
  ...adapterHouses,
  guard,
  gateway,
  consoleHouse,
  auditor,
  cli,
]
