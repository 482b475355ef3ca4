import { configuredForeignIssuer } from '../../../shared/guard/index.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import type { SubjectId } from '../../../shared/kernel/ids.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import type { AssignStatusListIndex } from '../../../shared/session/status-list-index.ts'
import type { BearerKind } from '../../../shared/tokens/claims.ts'
import type { AccessKeys, RefreshKeyRing } from '../../../shared/tokens/key-rings/index.ts'
import type { Naming } from './claim-names.ts'
import { type ClaimsHook, loadClaimsHook } from './claims-hook.ts'
import { TokenIssuer } from './token-issuer.ts'

/** What signs and verifies tokens, and what they say beside their session. */
export type Tokens = Readonly<{
  issuer: TokenIssuer
  hook: ClaimsHook
  /** Draws a token's place in a status list; `null` where tokens are in none. */
  statusListIndex: AssignStatusListIndex | null
  /** The claim that holds the user's id, and which of a user's members that is. */
  userIdClaim: string
  userIdField: 'id' | 'username'
}>

type Settings = Naming &
  Parameters<typeof configuredForeignIssuer>[0] &
  Readonly<{
    leewayMs: number
    accept: readonly BearerKind[]
    userIdField: 'id' | 'username'
    checkRevokeToken: boolean
    claimsHook: string | null
    claimsTimeoutMs: number
  }>

type Given = Readonly<{
  access: AccessKeys
  refresh: RefreshKeyRing
  issuer: string
  audience: string | readonly string[]
  /** The address before the name of a status list. */
  listsAddress: string
  statusListIndex: AssignStatusListIndex | null
  /** What the password mark of a token is, for a cutoff of a subject. */
  markOf: (sub: SubjectId, cutoff: number) => string
  clock: Clock
  logger: Logger
}>

/** @throws AuthError CONFIG_INVALID when the claims hook cannot be loaded. */
export const openTokens = async (settings: Settings, given: Given): Promise<Tokens> => {
  const { clock, logger, statusListIndex, listsAddress, markOf, ...signing } = given
  const { userIdClaim, userIdField, claimsTimeoutMs } = settings
  const issuer = new TokenIssuer({
    ...signing,
    leewayMs: settings.leewayMs,
    names: settings,
    lists: listsAddress,
    accept: settings.accept,
    markOf: settings.checkRevokeToken ? markOf : null,
    foreign: configuredForeignIssuer(settings, {
      clock,
      onAlarm: ({ kind, detail }) => logger.warn({ kind, detail }, 'keys of the other issuer'),
    }),
  })
  const hookOptions = { clock, timeoutMs: claimsTimeoutMs, names: settings }
  const hook = await loadClaimsHook(settings.claimsHook, hookOptions)
  return { issuer, hook, statusListIndex, userIdClaim, userIdField }
}
