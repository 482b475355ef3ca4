import { isStoreFailure } from '../kernel/errors.ts'
import type { CallHealth } from '../kernel/process/call-health.ts'
import { ok, type PartHealth, unready } from './part-health.ts'

/** What happened and the fix; where it happened is for the log, the page is open to anybody. */
export const storeReasonOf = (error: Error | null): string =>
  isStoreFailure(error) ? (error.message.split(' (at ', 1)[0] ?? '') : 'it does not answer'

export const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

/** A part that is ready while it was seen to work lately. */
export const healthOfCalls = (evidence: CallHealth, reason: string): PartHealth => {
  switch (evidence.state()) {
    case 'none':
      return unready(`not reached yet: ${reason}`)
    case 'old':
      return unready(`no answer for ${inSeconds(evidence.ageMs())}: ${reason}`)
    case 'settling':
      return unready('was away, and answers again for less than a second')
    case 'fresh':
      return ok()
  }
}
