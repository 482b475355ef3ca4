import { parentPort, workerData } from 'node:worker_threads'
import { systemClock as clock } from '../../../kernel/clock.ts'
import type { LogFields, Logger } from '../../../kernel/logger.ts'
import { silentLogger } from '../../../kernel/logger.ts'
import { ExitGate } from '../environment/exit-gate.ts'
import { openLmdb } from '../environment/open-lmdb.ts'
import { SharedCount } from '../environment/shared-count.ts'
import {
  sentError,
  type WriteRequest,
  type WriterPlan,
  type WriterSays,
} from '../environment/writer-messages.ts'
import { allWriteCalls } from './all-writes.ts'
import { serveSocket } from './serve-socket.ts'
import { WriteRequestRunner } from './write-request-runner.ts'

const port = parentPort
if (!port) throw new Error('the writer of LMDB runs in a thread')
const say = (message: WriterSays): void => port.postMessage(message)

/** The thread has no log: the lines of the environment go to whoever started it. */
const logger: Logger = {
  ...silentLogger,
  error: ({ error, ...fields }: LogFields, message) => {
    const cause = error instanceof Error ? { cause: error.message } : {}
    say({ kind: 'log', fields: { ...fields, ...cause }, message })
  },
}

const run = async (): Promise<void> => {
  const { gate: shared, done, socket, ...plan } = workerData as WriterPlan
  const gate = new ExitGate(shared)
  const env = await openLmdb({ ...plan, clock, logger, gate })
  const calls = allWriteCalls(env)
  const doneMessages = new SharedCount(done)
  let received = 0
  const onIdle = (): void => doneMessages.set(received)
  const answerer = new WriteRequestRunner({ env, calls, say, onIdle })
  const onPublished = (): void => say({ kind: 'published' })
  const serving = socket === null ? null : await serveSocket(socket, { env, calls, onPublished })
  const close = async (): Promise<void> => {
    await serving?.close()
    await env.close()
    port.close()
  }
  port.on('message', (message: readonly WriteRequest[] | 'close') => {
    if (message === 'close') return void close()
    received = received + 1
    for (const request of message) answerer.write(request)
  })
  say({ kind: 'opened' })
}

run().catch((error: unknown) => {
  say({ kind: 'refused', error: sentError(error) })
  port.close()
})
