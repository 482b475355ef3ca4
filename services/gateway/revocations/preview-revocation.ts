import { liveSessionOf } from '../../../shared/events/live-session.ts'
import { sessionStream } from '../../../shared/kernel/ids.ts'
import type { ReadContext } from '../publication/index.ts'
import type { RevocationTarget } from './append-revocation.ts'
import { countLiving, type SessionCount, withoutCutOff } from './living-sessions.ts'

/**
 * How many sessions of how many users a revocation of `target` would end now. It ends nothing, and
 * the numbers may change at any moment. Ending a token alone ends no session.
 */
export const previewRevocation = async (
  deps: Readonly<{ context: ReadContext }>,
  target: RevocationTarget,
): Promise<SessionCount> => {
  if (target.scope === 'token') return { sessions: 0, users: 0 }
  if (target.scope !== 'session') return countLiving(deps, target)
  const [head] = await deps.context.store.heads([sessionStream(target.sid)])
  const { length } = await withoutCutOff(
    deps,
    liveSessionOf(head?.session, deps.context.storeClock.now()),
  )
  return { sessions: length, users: length }
}
