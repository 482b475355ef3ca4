import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { systemClock } from '../../shared/kernel/clock.ts'
import { withTimeout } from '../../shared/kernel/retry.ts'

export { assert }

/** Claims in the present tense, each with its proof. */
export type Claims = Readonly<Record<string, () => Promise<void> | void>>

/**
 * A claim that hangs is named by this limit; the limit of the whole file would name the file only.
 */
const claimMsMax = 300_000

const described = (thrown: unknown): Error => {
  // uvu prints `message` and `stack` of an Error, and breaks on anything else.
  const error = thrown instanceof Error ? thrown : new Error(`thrown: ${String(thrown)}`)
  // uvu prints the message, then the stack from its second line on: the rest of the message would
  // come twice.
  const [headline = ''] = error.message.split('\n')
  error.stack = (error.stack ?? '').replace(error.message, headline)
  const { cause } = error
  if (cause !== undefined) {
    const reason = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
    error.stack += `\nCaused by: ${reason}`
  }
  return error
}

const bounded = async (prove: () => Promise<void> | void): Promise<void> => {
  const tooLate = (): Error => new Error(`the claim took longer than ${claimMsMax} ms`)
  const proof = (async () => prove())()
  await withTimeout(systemClock, claimMsMax, proof, tooLate).catch((error: unknown) => {
    throw described(error)
  })
}

/**
 * Registers one suite. It owns uvu's `run()`, and offers no hook, `only` or `skip`: uvu 0.5.6 exits
 * 0 when a hook throws, when `run()` is forgotten, and when `.only` is left in. What a claim needs,
 * it opens itself.
 */
export const claims = (title: string, sentences: Claims): void => {
  const claim = suite(title)
  for (const [sentence, prove] of Object.entries(sentences)) claim(sentence, () => bounded(prove))
  claim.run()
}
