import { createServer, type Server } from 'node:net'
import { BSON, MongoClient } from 'mongodb'
import { mongoEventStore } from '../../../shared/adapters/mongo/commits/event-store.ts'
import { openMongo } from '../../../shared/adapters/mongo/connection/mongo-connection.ts'
import { systemClock } from '../../../shared/kernel/clock.ts'
import type { AuthError } from '../../../shared/kernel/errors.ts'
import { notRun } from '../../support/not-run.ts'
import { keepingLogger, type Line } from '../../support/processes/told-lines.ts'
import { type MongoServer, startOwnMongo } from '../../support/servers/mongo-server.ts'
import { freePort } from '../../support/servers/server-process.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

type Opened = Readonly<{
  /** One call of the store; how it failed, or `null`. */
  fails: () => Promise<AuthError | null>
  lines: readonly Line[]
  connection: Awaited<ReturnType<typeof openMongo>>
}>

const withStore = async (url: string, prove: (opened: Opened) => Promise<void>): Promise<void> => {
  const { logger, lines } = keepingLogger()
  const connection = await openMongo({ url, database: 'shop', timeoutMs: 500, logger })
  const store = mongoEventStore(connection)
  const fails = (): Promise<AuthError | null> =>
    store.relayScan(1).then(
      () => null,
      (error: unknown) => error as AuthError,
    )
  try {
    await prove({ fails, lines, connection })
  } finally {
    await connection.close()
  }
}

const isRefused =
  (url: string, code: string, ...words: readonly RegExp[]) =>
  async () =>
    withStore(url, async ({ fails, lines }) => {
      const failure = await fails()
      assert.is(failure?.code, code, failure?.message)
      for (const word of words) assert.match(failure?.message ?? '', word)
      for (let again = 0; again < 3; again += 1) await fails()
      const told = lines.filter(({ message }) => message === 'a call to MongoDB failed')
      assert.ok(told.length >= 1 && told.length <= 2, `${told.length} lines`)
    })

/** Answers each first greeting of a driver as a server of MongoDB 3.4 did, and nothing else. */
const oldServer = async (): Promise<Readonly<{ url: string; server: Server }>> => {
  const reply = (request: Buffer): Buffer => {
    const hello = { ok: 1, ismaster: true, maxWireVersion: 5, minWireVersion: 0 }
    const body = BSON.serialize({ ...hello, maxBsonObjectSize: 16_777_216 })
    const head = Buffer.alloc(36)
    head.writeInt32LE(36 + body.length, 0)
    head.writeInt32LE(request.readInt32LE(4), 8)
    head.writeInt32LE(1, 12)
    head.writeInt32LE(1, 32)
    return Buffer.concat([head, body])
  }
  const port = await freePort()
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (request) => void socket.write(reply(request)))
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()))
  server.unref()
  return { url: `mongodb://127.0.0.1:${port}/?directConnection=true`, server }
}

type FailPoint = Readonly<{ mode: string | object; data?: object }>
const failing = async (url: string, point: FailPoint): Promise<void> => {
  const client = new MongoClient(url)
  try {
    await client.db('admin').command({ configureFailPoint: 'failCommand', ...point })
  } finally {
    await client.close()
  }
}

const indexesAreRefused = (url: string) => () =>
  withStore(url, async (opened) => {
    const { fails, lines, connection } = opened
    const data = { failCommands: ['createIndexes'], errorCode: 13 }
    await failing(url, { mode: 'alwaysOn', data })
    try {
      assert.is(await fails(), null, 'a call does without indexes')
      await until('the trouble is known', () => connection.indexTroubles.size > 0)
      const trouble = connection.indexTroubles.get('commits')
      assert.is(trouble?.code, 'STORE_DENIED')
      assert.match(trouble?.message ?? '', 'grant it readWrite on shop')
      for (let again = 0; again < 40; again += 1) await fails()
      await systemClock.sleep(1_600)
      const told = lines.filter(({ message }) => message === 'a call to MongoDB failed')
      assert.is(told.length, 1, 'one line, whatever is tried')
    } finally {
      await failing(url, { mode: 'off' })
    }
    await until('they are made without a restart', () => connection.indexTroubles.size === 0)
    const made = await connection.db.collection('commits').indexes()
    assert.ok(made.some(({ name }) => name === 'stream'))
  })

const codesOfCommands = (url: string) => () =>
  withStore(url, async (opened) => {
    assert.is(await opened.fails(), null)
    const rows: readonly (readonly [object, string, RegExp])[] = [
      [{ errorCode: 10_107 }, 'STORE_UNAVAILABLE', /not the primary any more/],
      [{ errorCode: 14_031 }, 'STORE_FULL', /the disk is full/],
      [{ errorCode: 20 }, 'STORE_MISCONFIGURED', /no member of a replica set/],
      [
        { writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' } },
        'STORE_UNAVAILABLE',
        /a majority of the replica set did not confirm/,
      ],
      [{ closeConnection: true }, 'STORE_UNAVAILABLE', /the connection broke/],
    ]
    for (const [how, code, words] of rows) {
      const data = { failCommands: ['findAndModify'], ...how }
      await failing(url, { mode: 'alwaysOn', data })
      const failure = await opened.fails()
      await failing(url, { mode: 'off' })
      assert.is(
        failure?.code,
        code,
        `${JSON.stringify(how)}: ${failure?.message} ${String(failure?.cause)}`,
      )
      assert.match(failure?.message ?? '', words)
      assert.match(failure?.message ?? '', /\(at 127\.0\.0\.1:\d+/)
      await until('it is answered again', async () => (await opened.fails()) === null)
    }
  })

const rowsOf = (open: MongoServer, locked: MongoServer) => {
  const at = (server: MongoServer): string => new URL(server.url).host
  return {
    // asvs: 16.3.4
    'a wrong password is an authentication that failed, with the fix': isRefused(
      `mongodb://app:wrong@${at(locked)}/?directConnection=true`,
      'STORE_DENIED',
      /authentication failed; .*percent-encoded.*authSource/,
      /\(at 127\.0\.0\.1:\d+, shop\.commits, MongoServerError 18\)/,
    ),
    'a server that wants a login and gets none says so': isRefused(
      locked.url,
      'STORE_DENIED',
      /the server wants a login; put user:password@/,
    ),
    'a wrong replica-set name is told with the right one': isRefused(
      `mongodb://${at(open)}/?replicaSet=another`,
      'STORE_MISCONFIGURED',
      /is of the replica set secantus; mend replicaSet=another/,
    ),
    // asvs: 16.3.4
    'TLS to a server without TLS, and nothing at all, are told from each other': async () => {
      const nothing = `mongodb://127.0.0.1:${await freePort()}/?directConnection=true`
      await isRefused(nothing, 'STORE_UNAVAILABLE', /refuses the connection \(ECONNREFUSED\)/)()
      await isRefused(`${open.url}&tls=true`, 'STORE_UNAVAILABLE', /no server to write to/)()
    },
    'a name that DNS does not know, and a CA file that is not there, are told': async () => {
      const unknown = 'mongodb://nowhere.invalid/?directConnection=true'
      await isRefused(unknown, 'STORE_UNAVAILABLE', /DNS does not/)()
      const without = `${open.url}&tls=true&tlsCAFile=/nowhere/ca.pem`
      await isRefused(without, 'STORE_MISCONFIGURED', /a file of a TLS option cannot be read/)()
    },
    'a server that is too old is told with the versions that will do': async () => {
      const { url, server } = await oldServer()
      await isRefused(url, 'STORE_MISCONFIGURED', /version .* take MongoDB 7 or 8/)()
      server.close()
    },
    'refused indexes are one line and a reason, and are made when it is granted': indexesAreRefused(
      open.url,
    ),
    'what a server refuses is told by its number': codesOfCommands(open.url),
  }
}

const open = await startOwnMongo(['--enable-test-commands'])
const locked = await startOwnMongo(['--auth'])
if ('missing' in open) notRun('what MongoDB refuses is told', open.missing)
else if ('missing' in locked) notRun('what MongoDB refuses is told', locked.missing)
else claims('what MongoDB refuses', rowsOf(open, locked))
