import { once } from 'node:events'
import { connect } from 'node:net'
import type { Logger } from '../../../kernel/logger.ts'
import { QueuedWriter } from './queued-writer.ts'
import type { Writer } from './writer.ts'
import { onFrames, sendFrame } from './writer-frames.ts'
import type { WriterSays } from './writer-messages.ts'

type Options = Readonly<{ path: string; socket: string; logger: Logger }>

/**
 * Has the thread of another process write, which serves `socket`: the writes of several processes
 * then share transactions, instead of waiting for each other's disk.
 * @throws the system's error when nobody listens there.
 */
export const openSocketWriter = async ({ path, socket, logger }: Options): Promise<Writer> => {
  const connection = connect(socket)
  await once(connection, 'connect')
  const ended = new Promise<void>((resolve) => connection.once('close', () => resolve()))
  const writer = new QueuedWriter(path, {
    send: (requests) => sendFrame(connection, requests),
    keepAlive: (isKept) => (isKept ? connection.ref() : connection.unref()),
    close: async () => {
      // The other side answers what it has, and ends then.
      connection.end()
      await ended
    },
  })
  onFrames(connection, (message) => {
    const said = message as WriterSays
    if (said.kind === 'answers') writer.hear(said.answers, said.state)
  })
  connection.on('error', (error) => {
    logger.error({ error, path }, 'the connection to the process that writes to LMDB failed')
  })
  void ended.then(() => writer.end())
  return writer
}
