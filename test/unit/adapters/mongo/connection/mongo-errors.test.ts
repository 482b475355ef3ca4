import { connect, createServer, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import {
  BSON,
  MongoBulkWriteError,
  MongoNetworkError,
  MongoServerError,
  MongoWriteConcernError,
} from 'mongodb'
import {
  asAuthError,
  type Place,
  withoutPlace,
} from '../../../../../shared/adapters/mongo/connection/mongo-errors.ts'
import type { AuthError } from '../../../../../shared/kernel/errors.ts'
import { freePort } from '../../../../support/servers/server-process.ts'
import { assert, claims } from '../../../../support/suite.ts'

const refusedConnection = async (): Promise<Error> => {
  const socket = connect(await freePort(), '127.0.0.1')
  return new Promise((resolve) => socket.once('error', resolve))
}

/** What a killed server leaves behind: its end came, and nobody has closed ours yet. */
const writtenAfterTheEnd = async (): Promise<Error> => {
  const port = await freePort()
  const server = createServer((socket) => socket.end()).listen(port, '127.0.0.1')
  const socket = await new Promise<Socket>((resolve) => {
    const one = connect({ port, host: '127.0.0.1' })
    one.resume().once('end', () => resolve(one))
  })
  const failure = new Promise<Error>((resolve) => socket.once('error', resolve))
  socket.write('late')
  server.close()
  return failure
}

const brokenStream = (): Promise<Error> => {
  const stream = new PassThrough()
  stream.destroy()
  return new Promise((resolve) => stream.write('late', (error) => resolve(error as Error)))
}

const place: Place = {
  hosts: ['db.example:27017'],
  database: 'shop',
  collection: 'commits',
  servers: () => new Map(),
}
const told = (error: unknown): AuthError => asAuthError(error, place)
const codeOf = (error: unknown): string => told(error).code
const refused = (code: number, errmsg = 'a private value "alice" is refused'): MongoServerError =>
  new MongoServerError({ ok: 0, code, errmsg })

/** What a server refused, by number: what becomes of it, and words that its message has. */
const refusals: readonly (readonly [number, string, RegExp])[] = [
  [18, 'STORE_DENIED', /authentication failed; .*percent-encoded.*authSource/],
  [13, 'STORE_DENIED', /may not do this on shop\.commits; grant it readWrite on shop/],
  [20, 'STORE_MISCONFIGURED', /no member of a replica set; .*rs\.initiate/],
  [123, 'STORE_MISCONFIGURED', /no member of a replica set/],
  [85, 'STORE_MISCONFIGURED', /an index.* of shop\.commits .*another definition; drop/],
  [86, 'STORE_MISCONFIGURED', /an index.* of shop\.commits .*another definition; drop/],
  [121, 'STORE_REFUSED', /validator of shop\.commits/],
  [14_031, 'STORE_FULL', /the disk is full/],
  [10_107, 'STORE_UNAVAILABLE', /not the primary any more/],
  [13_435, 'STORE_UNAVAILABLE', /not the primary any more/],
  [189, 'STORE_UNAVAILABLE', /not the primary any more/],
  [91, 'STORE_UNAVAILABLE', /not the primary any more/],
  [64, 'STORE_UNAVAILABLE', /a majority .* did not confirm/],
  [100, 'STORE_UNAVAILABLE', /a majority .* did not confirm/],
  [10_334, 'STORE_REFUSED', /larger than MongoDB takes/],
  [115, 'STORE_MISCONFIGURED', /take MongoDB 7 or 8/],
  [94, 'STORE_UNAVAILABLE', /not initiated; run rs\.initiate/],
  [50, 'STORE_UNAVAILABLE', /took too long/],
  [999_999, 'STORE_UNAVAILABLE', /refuses this .*MongoServerError 999999/],
]

claims('what the MongoDB driver throws', {
  'a socket that breaks is the store that does not answer, told by the driver or by Node':
    async () => {
      assert.is(codeOf(new MongoNetworkError('connection closed')), 'STORE_UNAVAILABLE')
      assert.is(codeOf(await refusedConnection()), 'STORE_UNAVAILABLE')
      assert.is(codeOf(await writtenAfterTheEnd()), 'STORE_UNAVAILABLE')
      assert.is(codeOf(await brokenStream()), 'STORE_UNAVAILABLE')
    },

  'a wrong use of the driver, and a defect of ours, are told from it': () => {
    assert.is(codeOf(new BSON.BSONError('no such type')), 'INTERNAL')
    assert.is(codeOf(new TypeError('not a function')), 'INTERNAL')
    const wrongArgument = Object.assign(new TypeError('wrong'), { code: 'ERR_INVALID_ARG_TYPE' })
    assert.is(codeOf(wrongArgument), 'INTERNAL')
  },

  'a refusal says what happened, the fix and where, and nothing that the server quotes': () => {
    for (const [number, code, words] of refusals) {
      const { message, code: given, retriable } = told(refused(number))
      assert.is(given, code, String(number))
      assert.match(message, words, String(number))
      assert.match(message, /\(at db\.example:27017, shop\.commits, MongoServerError \d+\)$/)
      assert.not.match(message, 'alice')
      assert.is(retriable, code === 'STORE_UNAVAILABLE', String(number))
    }
  },

  // asvs: 16.5.1
  'what a page shows holds no host': () => {
    for (const [number] of refusals) {
      const shown = withoutPlace(told(refused(number)))
      assert.not.match(shown, 'db.example')
      assert.match(shown, /^MongoDB: \S/)
    }
  },

  'a denial names the action and the collection, where the server does': () => {
    const real =
      'not authorized on shop to execute command { createIndexes: "users", indexes: [ { key: …'
    assert.match(told(refused(13, real)).message, 'may not createIndexes on shop.users; grant')
    const other = 'not authorized on shop to execute command (action: insert)'
    assert.match(told(refused(13, other)).message, 'may not insert on shop.commits; grant')
    const without = 'command insert requires authentication'
    assert.match(told(refused(13, without)).message, 'wants a login; put user:password@')
  },

  'an index that is in the way is named': () => {
    const words =
      'An existing index has the same name as the requested index. Requested index: ' +
      '{ v: 2, key: { b: 1 }, name: "stream" }, existing index: { v: 2, name: "stream" }'
    assert.match(told(refused(86, words)).message, 'db.commits.dropIndex("stream")')
  },

  'Atlas has one number for a login and for a quota': () => {
    assert.is(codeOf(refused(8000, 'bad auth : authentication failed')), 'STORE_DENIED')
    assert.is(codeOf(refused(8000, 'you are over your space quota')), 'STORE_FULL')
  },

  'what hides in a bulk write, or behind a write that was done, is found': () => {
    const unconfirmed = new MongoWriteConcernError({
      ok: 1,
      writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' },
    })
    assert.match(told(unconfirmed).message, 'a majority of the replica set did not confirm')
    const bulk = new MongoBulkWriteError(
      {
        message: 'two',
        code: 11_000,
        writeErrors: [{ code: 11_000 }, { code: 121 }] as never,
      },
      { getWriteConcernError: () => undefined } as never,
    )
    assert.is(codeOf(bulk), 'STORE_REFUSED')
  },

  'a way that does not lead there has its reason': () => {
    const reasons: readonly (readonly [string, string, RegExp])[] = [
      ['ECONNREFUSED', 'STORE_UNAVAILABLE', /refuses the connection \(ECONNREFUSED\)/],
      ['ENOTFOUND', 'STORE_UNAVAILABLE', /DNS does not know the name/],
      ['EAI_AGAIN', 'STORE_UNAVAILABLE', /DNS does not answer/],
      ['DEPTH_ZERO_SELF_SIGNED_CERT', 'STORE_MISCONFIGURED', /nobody trusted here.*tlsCAFile/],
      ['CERT_HAS_EXPIRED', 'STORE_MISCONFIGURED', /has expired/],
      ['ERR_TLS_CERT_ALTNAME_INVALID', 'STORE_MISCONFIGURED', /for another name/],
      ['ERR_SSL_WRONG_VERSION_NUMBER', 'STORE_MISCONFIGURED', /speaks no TLS/],
      ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'STORE_MISCONFIGURED', /tlsCertificateKeyFile/],
    ]
    for (const [code, ours, words] of reasons) {
      const cause = Object.assign(new Error('quoted'), { code })
      const { code: given, message } = told(new MongoNetworkError('quoted', { cause }))
      assert.is(given, ours, code)
      assert.match(message, words, code)
      assert.not.match(message, 'quoted')
    }
    const file = Object.assign(new Error('no'), { code: 'ENOENT', syscall: 'open', path: '/ca' })
    assert.match(told(file).message, /a file of a TLS option cannot be read \(ENOENT\)/)
  },
})
