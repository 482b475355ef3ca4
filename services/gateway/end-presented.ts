import type { Actor, Origin } from '../../shared/events/event.ts'
import type { SubjectId } from '../../shared/kernel/ids.ts'
import type { BearerClaims, RefreshClaims } from '../../shared/tokens/claims.ts'
import { appendSessionEnd } from './logout.ts'
import type { GatewayParts } from './parts.ts'

type Presented = Readonly<{
  claims: readonly (BearerClaims | RefreshClaims)[]
  /** Who has just logged in. */
  sub: SubjectId
  origin: Origin
}>

/**
 * Ends the sessions whose cookies a browser held when somebody logged in with it (ASVS 7.2.4): the
 * cookies are replaced, so nobody else should hold these. Whoever opened them. Durable when this
 * resolves, and told to the log behind the answer.
 */
export const endPresented = async (
  parts: GatewayParts,
  { claims, sub, origin }: Presented,
): Promise<void> => {
  const actor: Actor = { by: 'user', id: sub }
  const sids = new Set(claims.map(({ sid }) => sid))
  const ends = [...sids].map(async (sid) => {
    const end = { sid, reason: 'logged_in_again', origin, actor } as const
    const commit = await appendSessionEnd(parts, end)
    // One that was dead before is told already, or by the relay.
    if (commit && !('published' in commit)) parts.publisher.hand(commit)
  })
  await Promise.all(ends)
}
