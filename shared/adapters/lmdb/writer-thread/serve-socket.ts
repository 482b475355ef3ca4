import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { Closable } from '../../../kernel/lifecycle.ts'
import type { LmdbEnvironment } from '../environment/lmdb-environment.ts'
import { onFrames, sendFrame } from '../environment/writer-frames.ts'
import type { WriteRequest } from '../environment/writer-messages.ts'
import type { Calls } from './all-writes.ts'
import { WriteRequestRunner } from './write-request-runner.ts'

type Served = Readonly<{
  env: LmdbEnvironment
  calls: ReadonlyMap<string, Calls>
  /** Something that another process asked for was published. */
  onPublished: () => void
}>

const serveOne = (connection: Socket, { env, calls, onPublished }: Served): void => {
  const answerer = new WriteRequestRunner({
    ...{ env, calls, onPublished },
    say: (message) => {
      if (!connection.destroyed) sendFrame(connection, message)
    },
  })
  onFrames(connection, (message) => {
    for (const request of message as readonly WriteRequest[]) answerer.write(request)
  })
  // A process that died needs no answer; what it asked for is written all the same.
  connection.on('error', () => connection.destroy())
  connection.once('end', () => {
    void answerer.answered().then(() => connection.end())
  })
}

/** Takes write operations of other processes at a Unix socket, which only this user may enter. */
export const serveSocket = async (path: string, served: Served): Promise<Closable> => {
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (connection) => {
    open.add(connection)
    connection.once('close', () => open.delete(connection))
    serveOne(connection, served)
  })
  server.listen(path)
  await once(server, 'listening')
  return {
    close: async () => {
      server.close()
      for (const connection of open) connection.destroy()
    },
  }
}
