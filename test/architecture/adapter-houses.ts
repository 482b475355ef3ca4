import type { House } from './house.ts'

const kafkaAdapter: House = {
  folder: 'shared/adapters/kafka',
  ground: [],
  rooms: [
    { name: 'protocol', shows: ['byte-reader.ts', 'fetch-response.ts', 'raw-record.ts'], uses: [] },
    { name: 'client', shows: ['kafka-client.ts', 'denial-patch.ts'], uses: ['protocol'] },
    {
      name: 'authorization',
      shows: ['authorization-failures.ts', 'denied-topics.ts', 'needed-acls.ts'],
      uses: ['client'],
    },
    {
      name: 'topics',
      shows: [
        'check-topics.ts',
        'topic-offsets.ts',
        'topic-plan.ts',
        'topic-setting.ts',
        'topic-watch.ts',
      ],
      uses: ['authorization'],
    },
    {
      name: 'connection',
      shows: ['is-broker-answer.ts', 'kafka-connection.ts', 'error-reporter.ts'],
      uses: ['client', 'topics'],
    },
    {
      name: 'publishing',
      shows: ['kafka-publisher.ts', 'produce-lanes.ts', 'replicas-missing.ts'],
      uses: ['client', 'authorization', 'topics', 'connection'],
    },
    {
      name: 'reading',
      shows: ['kafka-follower.ts', 'log-truncation-check.ts', 'tracked-followings.ts'],
      uses: ['protocol', 'client', 'authorization', 'connection'],
    },
  ],
}

const mongoAdapter: House = {
  folder: 'shared/adapters/mongo',
  ground: [],
  rooms: [
    { name: 'connection', shows: ['mongo-connection.ts', 'mongo-errors.ts'], uses: [] },
    {
      name: 'documents',
      shows: [
        'adaptive-batch-size.ts',
        'bson-time.ts',
        'bulk-writes.ts',
        'commit-document.ts',
        'upsert.ts',
      ],
      uses: ['connection'],
    },
    { name: 'indexes', shows: ['indexes.ts'], uses: ['connection', 'documents'] },
    {
      name: 'accounts',
      shows: ['rate-limits.ts', 'user-directory.ts'],
      uses: ['connection', 'documents', 'indexes'],
    },
    { name: 'commits', shows: ['event-store.ts'], uses: ['connection', 'documents', 'indexes'] },
    {
      name: 'registries',
      shows: ['guard-registry.ts', 'personal-keys.ts', 'receivers.ts'],
      uses: ['connection', 'documents', 'indexes'],
    },
    {
      name: 'views',
      shows: ['blacklist-view.ts', 'session-list.ts'],
      uses: ['connection', 'documents', 'indexes'],
    },
    { name: 'audit', shows: ['audit-index.ts'], uses: ['connection', 'documents'] },
  ],
}

const lmdbAdapter: House = {
  folder: 'shared/adapters/lmdb',
  ground: [],
  rooms: [
    { name: 'values', shows: ['packed-values.ts'], uses: [] },
    {
      name: 'environment',
      shows: [
        ...['exit-gate.ts', 'group-commit.ts', 'lmdb-environment.ts', 'open-lmdb.ts'],
        ...['shared-count.ts', 'starting-writer.ts', 'writer-frames.ts', 'writer-messages.ts'],
      ],
      uses: ['values'],
    },
    { name: 'accounts', shows: ['user-directory.ts'], uses: ['environment'] },
    {
      name: 'commits',
      shows: ['commit-databases.ts', 'commit-writes.ts', 'event-store.ts'],
      uses: ['environment'],
    },
    {
      name: 'log',
      shows: ['event-log.ts', 'log-tail.ts', 'log-writes.ts'],
      uses: ['environment'],
    },
    { name: 'audit', shows: ['audit-index.ts'], uses: ['environment', 'log'] },
    {
      name: 'joint',
      shows: ['joint-event-store.ts', 'joint-writes.ts'],
      uses: ['environment', 'commits', 'log'],
    },
    {
      name: 'registries',
      shows: [...['guard-registry.ts', 'personal-keys.ts', 'receivers.ts', 'witnessed-heads.ts']],
      uses: ['environment'],
    },
    { name: 'views', shows: ['blacklist-view.ts', 'session-list.ts'], uses: ['environment'] },
    {
      name: 'writer-thread',
      shows: [],
      uses: ['environment', 'accounts', 'commits', 'log', 'audit', 'joint', 'registries', 'views'],
    },
  ],
}

/** Rooms of the adapters; a folder of a few files has none. */
export const adapterHouses: readonly House[] = [kafkaAdapter, mongoAdapter, lmdbAdapter]
