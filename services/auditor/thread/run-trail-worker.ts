import { parentPort, workerData } from 'node:worker_threads'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { systemEntropy as entropy } from '../../../shared/kernel/entropy.ts'
import { errorCode } from '../../../shared/kernel/error-code.ts'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import { TrailWorker } from './trail-worker.ts'
import type { FromThread, SentProblem, ThreadPlan, ToThread } from './trail-worker-messages.ts'

const port = parentPort
if (!port) throw new Error('the trail is written in a thread')
const say = (message: FromThread): void => port.postMessage(message)

const sealEveryMs = 1_000

/** Such as ENOSPC: its message says what is wrong with which file. */
const isOfSystem = (error: unknown): boolean => /^E[A-Z0-9]+$/.test(String(errorCode(error)))

const problemOf = (error: unknown): SentProblem => ({
  code: isAuthError(error) ? error.code : isOfSystem(error) ? 'TRAIL_UNAVAILABLE' : null,
  message: error instanceof Error ? error.message : String(error),
})

/**
 * One thing after another, in the order in which it was asked: a seal never falls into the middle
 * of a batch. What fails leaves memory and disk apart, so it ends the thread, and the next one goes
 * on from the disk.
 */
const run = async (): Promise<void> => {
  const closing = new AbortController()
  const plan = workerData as ThreadPlan
  const opening = TrailWorker.opened({ plan, clock, entropy, say, stop: closing.signal })
  let last: Promise<unknown> = opening
  const next = <T>(work: (worker: TrailWorker) => Promise<T>): Promise<T> => {
    const done = last.then(() => opening).then(work)
    last = done
    return done
  }
  const note = (work: (worker: TrailWorker) => unknown): void => {
    // What failed to open ends the thread below.
    opening.then(work, () => {})
  }
  const take = (message: ToThread): void => {
    switch (message.kind) {
      case 'closed':
        note((worker) => worker.noteClosed(message.t))
        break
      case 'ring':
        note((worker) => worker.takeRing(message.ring))
        break
      case 'verify':
        // It reads, so it need not wait for its turn.
        note((worker) => worker.verify(message.tellsStreams))
        break
      case 'close':
        closing.abort()
        break
      case 'ask':
        next((worker) => answer(worker, message)).catch(fail)
    }
  }
  port.on('message', take)
  const worker = await opening
  while (!closing.signal.aborted) {
    await clock.sleep(sealEveryMs, closing.signal)
    await next(() => worker.seal())
  }
  worker.close()
  say({ kind: 'closed' })
  port.close()
}

const answer = async (
  worker: TrailWorker,
  { id, request }: ToThread & { kind: 'ask' },
): Promise<void> => {
  try {
    say({ kind: 'answer', id, answer: await worker.answer(request) })
  } catch (error) {
    say({ kind: 'refused', id, problem: problemOf(error) })
    // A receipt reads, and breaks nothing.
    if (request.kind !== 'receipt') throw error
  }
}

const fail = (error: unknown): void => {
  say({ kind: 'failed', problem: problemOf(error) })
  throw error
}

run().catch(fail)
