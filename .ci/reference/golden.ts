import { BSON } from 'mongodb'
import { commitDocument } from '../../shared/adapters/mongo/documents/commit-document.ts'
import type { Commit } from '../../shared/events/commit.ts'
import type { LogRecord } from '../../shared/events/log-record.ts'
import { sampleCommits } from './commits.ts'
import { sampleRecords } from './records.ts'

const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

export type GoldenCommit = Readonly<{
  /** As LMDB stores it: JSON of the commit with `published`. */
  lmdb: Commit
  /** The stored BSON in canonical Extended JSON, which tells dates, integers and doubles apart. */
  mongodb: Readonly<Record<string, unknown>>
}>

/** Through bytes, because the driver stores numbers above 2^31 as doubles. */
const storedBson = (commit: Commit): GoldenCommit['mongodb'] => {
  const bytes = BSON.serialize(commitDocument(commit))
  return BSON.EJSON.serialize(BSON.deserialize(bytes, { promoteValues: false }), { relaxed: false })
}

const commitText = (commit: Commit): string => {
  return jsonText({ lmdb: commit, mongodb: storedBson(commit) })
}

const recordText = ({ topic, key, headers, value }: LogRecord): string =>
  jsonText({ topic, key, headers, value })

/** What this version writes, by the path of its golden file. */
export const goldenFiles = (): ReadonlyMap<string, string> =>
  new Map([
    ...[...sampleRecords()].map(([name, record]): [string, string] => [
      `test/golden/${record.topic === 'auth.events' ? 'records' : 'events'}/${name}.json`,
      recordText(record),
    ]),
    ...[...sampleCommits()].map(([name, commit]): [string, string] => [
      `test/golden/commits/${name}.json`,
      commitText(commit),
    ]),
  ])
