import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { type Asking, firstOf } from '../audit/index.ts'
import type { Question } from './question.ts'
import { eventsOf } from './question-rows.ts'
import type { SessionAge } from './session-age.ts'
import { lookBackMs } from './stale-guards.ts'

/** Whether what there is of a session begins with its login, or there is nothing at all. */
const isWhole = async (asking: Asking, session: string): Promise<boolean> => {
  const first = await firstOf(asking, { session, kind: 'TokenIssued' }, { order: 'oldest' })
  const [issued] = eventsOf(first ? [first] : [], 'TokenIssued')
  return issued?.data.cause === 'login'
}

/**
 * From when on a question has all that it needs, where everything before `beginning` is gone:
 * sessions that began before it have no login any more. `null`: never.
 */
export const completeFrom = async (
  asking: Asking,
  age: SessionAge,
  question: Question,
  beginning: EpochMs,
): Promise<EpochMs | null> => {
  switch (question.ask) {
    case 'acts':
      return beginning
    case 'held':
    case 'used-after':
      return age.endOf(beginning)
    case 'tokens':
      return (await isWhole(asking, question.session)) ? beginning : age.endOf(beginning)
    case 'refusals': {
      const sessions = question.user === null ? beginning : await age.endOf(beginning)
      return Math.max(sessions, beginning + lookBackMs) as EpochMs
    }
    case 'new-addresses':
      // An address that somebody used before is new again, however long ago that was.
      return null
  }
}
