import { AuthError } from '../../shared/kernel/errors.ts'
import type { RateLimits, RateRule, Verdict } from '../../shared/ports/rate-limits.ts'
import type { LimitsRequest, WorkerOrder, WorkerSays } from './worker-messages.ts'

/**
 * The limits of all workers are counted in one place, the first process: counted apart, each worker
 * would allow as many attempts as all may have together.
 */
export const primaryLimits = (say: (message: WorkerSays) => Promise<void>): RateLimits => {
  const waiting = new Map<number, (verdict: Verdict) => void>()
  let nextId = 0
  const hear = (order: WorkerOrder): void => {
    if (order.kind !== 'limits') return
    waiting.get(order.id)?.(order.verdict)
    waiting.delete(order.id)
  }
  process.on('message', hear)
  const ask = async (
    call: LimitsRequest['call'],
    rule: RateRule,
    key: string,
  ): Promise<Verdict> => {
    // A worker without its first process ends, so nobody waits for ever.
    if (!process.connected) throw new AuthError('STORE_UNAVAILABLE', 'the first process ended')
    const id = nextId
    nextId += 1
    const answered = new Promise<Verdict>((resolve) => waiting.set(id, resolve))
    await say({ kind: 'limits', id, call, rule, key })
    return answered
  }
  return {
    take: (rule, key) => ask('take', rule, key),
    giveBack: async (rule, key) => {
      await ask('giveBack', rule, key)
    },
    close: async () => {
      process.off('message', hear)
    },
  }
}

/** The first process's side: what one worker asks for. */
export const answerLimits = async (
  limits: RateLimits,
  { id, call, rule, key }: LimitsRequest,
): Promise<WorkerOrder> => {
  if (call === 'take') return { kind: 'limits', id, verdict: await limits.take(rule, key) }
  await limits.giveBack(rule, key)
  return { kind: 'limits', id, verdict: { allowed: true, retryAfterMs: 0 } }
}
