import type { SubjectId } from '../../../shared/kernel/ids.ts'
import type { GatewayParts } from '../parts.ts'

export type StandingParts = Pick<GatewayParts, 'directory' | 'ownPeople'>

/**
 * Whether a token that is refused already is refused for its user. A directory that does not answer
 * makes no refusal a 503, and a team's own is not asked for the sake of a message: then nothing is
 * known.
 */
export const standingOf = async (
  { directory, ownPeople }: StandingParts,
  sub: SubjectId,
): Promise<'active' | 'inactive' | 'gone' | 'unknown'> => {
  if (ownPeople) return 'unknown'
  try {
    const user = await directory.bySub(sub)
    return user === null ? 'gone' : user.active ? 'active' : 'inactive'
  } catch {
    return 'unknown'
  }
}
