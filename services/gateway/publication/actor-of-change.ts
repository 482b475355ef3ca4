import type { Act } from '../../../shared/events/event.ts'
import type { SubjectId } from '../../../shared/kernel/ids.ts'
import type { GatewayParts } from '../parts.ts'

/** Who acts on `sub`: an administrator who changes what is their own does it as anybody would. */
export const actOn = ({ act }: Pick<GatewayParts, 'act'>, sub: SubjectId | null): Act => {
  const { actor, ...origin } = act()
  const isOwn = actor?.by === 'administrator' && actor.id === sub
  return { actor: isOwn ? { by: 'user', id: actor.id } : actor, ...origin }
}
