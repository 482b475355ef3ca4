import { join } from 'node:path'
import { indexedRecords, readRecords } from '../../services/auditor/indexing/index.ts'
import { type Asking, readEvents } from '../../services/gateway/audit/index.ts'
import {
  guardRefusals,
  newAddresses,
  SessionAge,
  sessionsHeldAt,
  tokensOf,
  usedAfter,
} from '../../services/gateway/questions/index.ts'
import { lmdbAuditIndex } from '../../shared/adapters/lmdb/audit/audit-index.ts'
import { openLmdb } from '../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { lmdbEventLog } from '../../shared/adapters/lmdb/log/event-log.ts'
import { mongoAuditIndex } from '../../shared/adapters/mongo/audit/audit-index.ts'
import { openMongo } from '../../shared/adapters/mongo/connection/mongo-connection.ts'
import { type AuditFilter, auditTerms, noFilter } from '../../shared/events/audit-terms.ts'
import type { LogRecord, RawRecord } from '../../shared/events/log-record.ts'
import { systemEntropy } from '../../shared/kernel/entropy.ts'
import { silentLogger as logger } from '../../shared/kernel/logger.ts'
import type { AuditIndex } from '../../shared/ports/audit-index.ts'
import { anEventCheck, later } from '../../test/support/fakes/builders.ts'
import { Dice } from '../../test/support/fakes/dice.ts'
import { memoryPrivacy } from '../../test/support/fakes/memory-privacy.ts'
import type { Bench, Finding, Row, Scenario } from '../scenario.ts'
import { percentile } from '../statistics.ts'
import { paragraph } from '../support/paragraph.ts'
import { type History, sessionHistory } from '../support/session-history.ts'
import { tempFolder } from '../support/temp-folder.ts'

const eventsDefault = 1_000_000
const quickEvents = 10_000
/** The server that tests bring is slow: more than these take hours there. */
const ownServerMax = 2_000
const eventsEachPerson = 10
const batchSize = 1_000
const asksEach = 20
/** Of it too: a question takes seconds there, and no figure of it says anything of MongoDB. */
const ownServerAsks = 1
const monthMs = 30 * 86_400_000
const targetMs = 100
const page = { since: null, until: null, order: 'newest', after: null, limit: 100 } as const
const ageIn = (asking: Asking) =>
  new SessionAge(asking, { ms: monthMs, since: later(0) }, 2 * 3_600_000)

type Filled = Readonly<{ asking: Asking; history: History }>
/** Where a record lies, once the log or the index has it. */
type Publish = (records: readonly LogRecord[]) => Promise<readonly number[]>

const fill = async (
  { say }: Bench,
  index: AuditIndex,
  publish: Publish,
  count: number,
): Promise<Filled> => {
  const events = anEventCheck()
  const history = sessionHistory(count, Math.ceil(count / eventsEachPerson))
  const { lane } = await index.openLane(0, auditTerms)
  let [waiting, done] = [[] as LogRecord[], 0]
  const write = async (): Promise<void> => {
    const offsets = await publish(waiting)
    const records = waiting.map((record, nth): RawRecord => {
      return { ...record, partition: 0, offset: offsets[nth] ?? 0 }
    })
    const next = (records.at(-1)?.offset ?? -1) + 1
    const lastId = records.at(-1)?.headers['ce_id'] ?? null
    await index.add({ lane, events: indexedRecords(readRecords(events, records)), next, lastId })
    done += waiting.length
    if (done % (batchSize * 100) === 0) say(`${done.toLocaleString('en')} events are indexed`)
    waiting = []
  }
  for (const record of history.records) {
    waiting.push(record)
    if (waiting.length >= batchSize) await write()
  }
  if (waiting.length > 0) await write()
  return { asking: { index, events, privacy: memoryPrivacy() }, history }
}

type Ask = (dice: Dice, filled: Filled) => Promise<unknown>

const events =
  (filterOf: (dice: Dice, history: History) => Partial<AuditFilter>): Ask =>
  (dice, { asking, history }) =>
    readEvents(asking, { ...noFilter, ...filterOf(dice, history), ...page })

const asks: Readonly<Record<string, Ask>> = {
  'a page of the newest events': events(() => ({})),
  'a page of a user': events((dice, { users }) => ({ user: dice.pick(users) })),
  'an empty page: nobody has this id': events(() => ({ user: 'nobody' })),
  'an empty page: a user and a kind that never met': events((dice, { users }) => ({
    ...{ user: dice.pick(users), kind: 'LoginFailed' },
  })),
  'a page of a user from an address': events((dice, { users }) => ({
    ...{ user: dice.pick(users), address: `192.0.${dice.below(200)}.${dice.below(8)}` },
  })),
  'a page of two common terms': events(() => ({ client: 'web', kind: 'TokenRevoked' })),
  'held, of a user': (dice, { asking, history }) => {
    const at = later(dice.below(monthMs))
    const user = dice.pick(history.users)
    return sessionsHeldAt(asking, ageIn(asking), { user, at, after: null, limit: 100 })
  },
  'held, 100 logins of everybody': (dice, { asking }) => {
    const at = later(dice.below(monthMs))
    return sessionsHeldAt(asking, ageIn(asking), { user: null, at, after: null, limit: 100 })
  },
  'tokens of a session': (dice, { asking, history }) =>
    tokensOf(asking, dice.pick(history.sessions), { ...page, order: 'oldest' }),
  'refusals, 100 ends': (_dice, { asking }) => guardRefusals(asking, ageIn(asking), null, page),
  'used after, 100 ends': (_dice, { asking }) => usedAfter(asking, ageIn(asking), null, page),
  'new addresses, 100 logins': (_dice, { asking }) => newAddresses(asking, null, page),
}

const timesOf = async (ask: Ask, filled: Filled, turns: number): Promise<readonly number[]> => {
  const dice = new Dice('audit-queries')
  const times: number[] = []
  for (let turn = 0; turn < turns; turn += 1) {
    const beganMs = performance.now()
    await ask(dice, filled)
    times.push(performance.now() - beganMs)
  }
  return times
}

type Asked = Readonly<{ where: string; turns: number; repeats: number; isJudged: boolean }>

const rowsOf = async (
  { say }: Bench,
  { where, turns, repeats, isJudged }: Asked,
  filled: Filled,
): Promise<readonly Row[]> => {
  const rows: Row[] = []
  for (const [what, ask] of Object.entries(asks)) {
    const slow: number[] = []
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      slow.push(percentile(await timesOf(ask, filled, turns), 0.95))
    }
    const isPage = isJudged && what.includes('page')
    say(`${where}: ${what}: ${percentile(slow, 0.5).toFixed(1)} ms`)
    const target = isPage ? { target: { atMost: targetMs } } : {}
    rows.push({ measure: `${where}: ${what}, p95`, unit: 'ms', repeats: slow, ...target })
  }
  return rows
}

const embedded = async (bench: Bench, count: number): Promise<readonly Row[]> => {
  const { clock, parts } = bench
  const folder = await parts.use(await tempFolder())
  const env = await parts.use(openLmdb({ path: join(folder.path, 'log'), clock, logger }))
  const log = lmdbEventLog(env, { revocationRetentionMs: 86_400_000 })
  const publish: Publish = async (records) =>
    (await log.publish(records)).map((offset) => offset ?? 0)
  const asked: Asked = {
    where: 'embedded',
    turns: asksEach,
    repeats: bench.repeats,
    isJudged: true,
  }
  return rowsOf(bench, asked, await fill(bench, lmdbAuditIndex(env), publish, count))
}

const onMongo = async (bench: Bench, count: number, isOwn: boolean): Promise<readonly Row[]> => {
  const { clock, parts, servers } = bench
  const url = servers.mongo?.url ?? ''
  const database = `bench-${systemEntropy.bytes(4).toString('hex')}`
  const connection = await openMongo({ url, database, timeoutMs: 60_000, logger, clock })
  await parts.use({
    close: async () => {
      await connection.db.dropDatabase()
      await connection.close()
    },
  })
  let end = 0
  const publish: Publish = async (records) => records.map(() => end++)
  const asked: Asked = isOwn
    ? { where: 'MongoDB’s stand-in', turns: ownServerAsks, repeats: 1, isJudged: false }
    : { where: 'MongoDB', turns: asksEach, repeats: bench.repeats, isJudged: true }
  return rowsOf(bench, asked, await fill(bench, mongoAuditIndex(connection), publish, count))
}

const measure = async (bench: Bench): Promise<Finding> => {
  const count = bench.events ?? (bench.quick ? quickEvents : eventsDefault)
  const isOwn = bench.servers.mongo?.control != null
  const there = isOwn ? Math.min(count, ownServerMax) : count
  const rows = [...(await embedded(bench, count)), ...(await onMongo(bench, there, isOwn))]
  return {
    rows,
    notes: [
      paragraph(
        `${count.toLocaleString('en')} events of logins, refreshes and logouts within a month`,
        `embedded, ${there.toLocaleString('en')} on the database; ${asksEach} questions of each`,
        `kind a repeat, drawn anew, and ${ownServerAsks} in one repeat where a stand-in for`,
        'MongoDB is all there is: that is not judged. Each event that is shown is verified and',
        'decoded again. An answer to a question is a page of 100, which reads what is behind each',
        'of its rows.',
      ),
    ],
  }
}

export const auditQueries: Scenario = {
  name: 'audit-queries',
  claim: 'A page of events takes less than 100 ms, whether it is full or empty.',
  needs: ['mongo'],
  measure,
}
