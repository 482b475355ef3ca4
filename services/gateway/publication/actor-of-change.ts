import type { Act } from '../../../shared/events/event.ts'
import type { SubjectId } from '../../../shared/kernel/ids.ts'
import type { CommandContext } from './command-context.ts'

/** Who changes `sub`. An administrator who changes their own account acts as a plain user. */
export const actorOfChange = (
  { context: { act } }: Readonly<{ context: CommandContext }>,
  sub: SubjectId | null,
): Act => {
  const { actor, ...origin } = act()
  const isOwn = actor?.by === 'administrator' && actor.id === sub
  return { actor: isOwn ? { by: 'user', id: actor.id } : actor, ...origin }
}
