import { liveSessionOf } from '../../../shared/events/live-session.ts'
import { sessionStream } from '../../../shared/kernel/ids.ts'
import type { ReadContext } from '../publication/index.ts'
import type { RevocationTarget } from './append-revocation.ts'
import { type Counted, countLiving, stillLiving } from './living-sessions.ts'

/**
 * What a revocation of `target` would end now, without ending it: a look into the store, and no
 * promise about the next moment. A token alone ends no session.
 */
export const previewOf = async (
  deps: Readonly<{ context: ReadContext }>,
  target: RevocationTarget,
): Promise<Counted> => {
  if (target.scope === 'token') return { sessions: 0, users: 0 }
  if (target.scope !== 'session') return countLiving(deps, target)
  const [head] = await deps.context.store.heads([sessionStream(target.sid)])
  const { length } = await stillLiving(
    deps,
    liveSessionOf(head?.session, deps.context.storeClock.now()),
  )
  return { sessions: length, users: length }
}

/** The id of what a target names; `null` for everyone. */
export const idOfTarget = (target: RevocationTarget): string | null => {
  switch (target.scope) {
    case 'token':
      return target.jti
    case 'session':
      return target.sid
    case 'subject':
      return target.sub
    case 'client':
      return target.client
    case 'all':
      return null
  }
}
