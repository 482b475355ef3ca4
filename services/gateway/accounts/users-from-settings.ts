import type { GatewayConfig } from '../config.ts'
import type { GatewayParts } from '../parts.ts'

type Settings = Pick<
  GatewayParts,
  'checkUserIsActive' | 'updateLastLogin' | 'maxSessions' | 'userIdClaim' | 'userIdField'
>

/** What the settings say of users and their sessions. */
export const usersSettings = ({
  checkUserIsActive,
  updateLastLogin,
  maxSessions,
  userIdClaim,
  userIdField,
}: GatewayConfig): Settings => ({
  checkUserIsActive,
  updateLastLogin,
  maxSessions,
  userIdClaim,
  userIdField,
})
