import { parentPort, workerData } from 'node:worker_threads'
import { systemClock as clock } from '../../../kernel/clock.ts'
import { AuthError } from '../../../kernel/errors.ts'
import type { LogFields, Logger } from '../../../kernel/logger.ts'
import { silentLogger } from '../../../kernel/logger.ts'
import { openLmdb } from '../environment/open-lmdb.ts'
import {
  sentError,
  type WriteAnswer,
  type WriteRequest,
  type WriterPlan,
  type WriterSays,
} from '../environment/writer-messages.ts'
import { allWriteCalls } from './all-writes.ts'

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
  const env = await openLmdb({ ...(workerData as WriterPlan), clock, logger })
  const calls = allWriteCalls(env)
  let answers: WriteAnswer[] = []
  const tell = (): void => {
    const state = env.writerState()
    say({ kind: 'answers', answers, state })
    answers = []
  }
  const answer = (...one: WriteAnswer): void => {
    // Whatever one transaction settles is settled before this microtask.
    if (answers.length === 0) queueMicrotask(tell)
    answers.push(one)
  }
  const write = ([id, name, operation, given]: WriteRequest): void => {
    const call = calls.get(name)?.[operation]
    const unknown = new AuthError('INTERNAL', `no write operation ${name}.${operation}`)
    const written = call ? call(...(given as never[])) : Promise.reject(unknown)
    written.then(
      (value) => answer(id, value, null),
      (error: unknown) => answer(id, undefined, sentError(error)),
    )
  }
  port.on('message', (message: readonly WriteRequest[] | 'close') => {
    if (message !== 'close') return message.forEach(write)
    void env.close().then(() => port.close())
  })
  say({ kind: 'opened' })
}

run().catch((error: unknown) => {
  say({ kind: 'refused', error: sentError(error) })
  port.close()
})
