import { connect, createServer, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { BSON, MongoNetworkError } from 'mongodb'
import { asAuthError } from '../../shared/adapters/mongo/store-errors.ts'
import { freePort } from '../support/server-process.ts'
import { assert, claims } from '../support/suite.ts'

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

const codeOf = (error: unknown): string => asAuthError(error).code

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
})
