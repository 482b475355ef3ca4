import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { BSON } from 'mongodb'
import { sampleCommits } from '../../../.ci/reference/commits.ts'
import { recordSchemas } from '../../../.ci/reference/event-schemas.ts'
import { type GoldenCommit, goldenFiles } from '../../../.ci/reference/golden.ts'
import { sampleEventsRing, sampleRing } from '../../../.ci/reference/records.ts'
import { commitAs } from '../../../shared/adapters/lmdb/commits/commit-databases.ts'
import {
  type CommitDocument,
  commitOf,
} from '../../../shared/adapters/mongo/documents/commit-document.ts'
import { currentVersion } from '../../../shared/events/event.ts'
import { actorOf, actorText } from '../../../shared/events/event-actor.ts'
import { decodeEvent } from '../../../shared/events/event-codec.ts'
import {
  closedTimeExample,
  eventExamples,
  revocationExample,
} from '../../../shared/events/examples.ts'
import type { LogRecord, RawRecord } from '../../../shared/events/log-record.ts'
import { readEventRecord } from '../../../shared/events/read-event-record.ts'
import { readRevocationRecord } from '../../../shared/events/read-revocation-record.ts'
import { upcast } from '../../../shared/events/upcast.ts'
import { notRun } from '../../support/not-run.ts'
import { projectRoot } from '../../support/project-files.ts'
import { assert, claims } from '../../support/suite.ts'

/**
 * Golden files are what some version of Curfew once wrote. This version must read every one of them
 * as it did then, and must still write its own the same. `npm run docs` adds files; nothing edits
 * or removes one.
 */
const git = promisify(execFile)
const namesIn = (folder: string): string[] =>
  readdirSync(join(projectRoot, 'test/golden', folder)).map((file) => file.replace(/\.json$/, ''))
const textOf = (path: string): string => readFileSync(join(projectRoot, path), 'utf8')
const recordOf = (name: string, folder = 'events'): LogRecord =>
  JSON.parse(textOf(`test/golden/${folder}/${name}.json`)) as LogRecord
const commitIn = (name: string): GoldenCommit =>
  JSON.parse(textOf(`test/golden/commits/${name}.json`)) as GoldenCommit

const raw = ({ topic, key, headers, value }: LogRecord): RawRecord => ({
  topic,
  partition: 0,
  offset: 0,
  key: Buffer.from(key),
  headers,
  value: Buffer.from(value),
})

claims('golden files', {
  'every event type and version has one, and none is left over': () => {
    const names = new Set([...namesIn('events'), ...namesIn('records')])
    assert.equal([...names].sort(), recordSchemas.map(({ name }) => name).sort())
  },

  'this version writes what it wrote': () => {
    for (const [path, text] of goldenFiles()) {
      if (/golden\/(events|records)\//.test(path)) assert.is(textOf(path), text, path)
      // Members of a JSON object have no order; what is stored is the same.
      else assert.equal(JSON.parse(textOf(path)), JSON.parse(text), path)
    }
  },

  'every golden event decodes to its sample': () => {
    for (const { stored } of eventExamples) {
      const name = `${stored.type}.v${stored.version}`
      for (const folder of ['events', 'records'].filter((one) => namesIn(one).includes(name))) {
        const decoded = decodeEvent(raw(recordOf(name, folder)))
        assert.ok(decoded.ok, `${folder}/${name}`)
        assert.equal(decoded.event, upcast(stored))
      }
    }
  },

  'every golden record passes its MAC, and names who caused it and by which request': () => {
    const check = { ring: sampleEventsRing, unsigned: 'park' } as const
    for (const name of namesIn('records')) {
      const record = raw(recordOf(name, 'records'))
      const read = readEventRecord(check, record)
      assert.ok(read.ok, name)
      assert.is(record.headers['ce_actor'] ?? null, actorText(actorOf(read.event)))
      assert.is(read.request, record.headers['ce_request'])
      assert.match(read.request ?? '', /^[0-9a-f]{32}$/)
    }
  },

  'the golden revocation and closed time pass their MAC and decode': () => {
    const revocation = readRevocationRecord(sampleRing, raw(recordOf('Revocation.v1')))
    assert.ok(revocation.kind === 'revocation')
    assert.equal(revocation.revocation, revocationExample)
    for (const [name, low] of [
      ['ClosedTime.v1', null],
      ['ClosedTime.v2', closedTimeExample.low],
    ] as const) {
      const closed = readRevocationRecord(sampleRing, raw(recordOf(name)))
      assert.ok(closed.kind === 'closed')
      assert.equal(closed.closed, { ...closedTimeExample, low })
    }
  },

  'every golden commit reads the same from MongoDB and from LMDB': () => {
    const names = namesIn('commits')
    assert.ok([...sampleCommits().keys()].every((name) => names.includes(name)))
    for (const name of names) {
      const { lmdb, mongodb } = commitIn(name)
      const bytes = BSON.serialize(BSON.EJSON.deserialize(mongodb, { relaxed: false }))
      const document = BSON.deserialize(bytes) as CommitDocument
      assert.equal(Object.keys(document._id), ['s', 'v'], name)
      const read = commitOf(document)
      assert.equal(read, commitAs(lmdb, lmdb.published), name)
      for (const { type, version } of read.events) assert.is(version, currentVersion[type], name)
    }
  },

  'no golden file was ever edited or removed': async () => {
    const folder = 'test/golden'
    const options = { cwd: projectRoot }
    const inGit = await git('git', ['rev-parse', '--verify', 'HEAD'], options).catch(() => null)
    if (!inGit) return notRun('golden files against history', 'there is no git repository')
    const log = ['log', '--diff-filter=MDRT', '--name-status', '--format=%h', '--', folder]
    const diff = ['diff', '--diff-filter=MDRT', '--name-status', 'HEAD', '--', folder]
    for (const args of [log, diff]) {
      const { stdout } = await git('git', args, options)
      assert.is(stdout.trim(), '', `git ${args[0]} shows changes of golden files:\n${stdout}`)
    }
  },
})
