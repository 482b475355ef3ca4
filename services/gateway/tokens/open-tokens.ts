import { configuredForeignIssuer } from '../../../shared/guard/index.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import type { SubjectId } from '../../../shared/kernel/ids.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import type { AssignStatusListIndex } from '../../../shared/session/status-list-index.ts'
import type { BearerKind } from '../../../shared/tokens/claims.ts'
import type { AccessKeys, RefreshKeyRing } from '../../../shared/tokens/key-rings/index.ts'
import type { TokenNaming } from './claim-names.ts'
import { type ClaimsHook, loadClaimsHook } from './claims-hook.ts'
import { TokenIssuer } from './token-issuer.ts'

/** The token issuer, the claims hook, and the settings of claims. */
export type Tokens = Readonly<{
  issuer: TokenIssuer
  hook: ClaimsHook
  /** Draws the status-list index of a token; `null` where status lists are off. */
  statusListIndex: AssignStatusListIndex | null
  /** The name of the claim with the user's id, and which member of a user it holds. */
  userIdClaim: string
  userIdField: 'id' | 'username'
}>

type Settings = TokenNaming &
  Parameters<typeof configuredForeignIssuer>[0] &
  Readonly<{
    leewayMs: number
    accept: readonly BearerKind[]
    userIdField: 'id' | 'username'
    checkRevokeToken: boolean
    claimsHook: string | null
    claimsTimeoutMs: number
  }>

type TokenParts = Readonly<{
  access: AccessKeys
  refresh: RefreshKeyRing
  issuer: string
  audience: string | readonly string[]
  /** The URL of the status lists, without the name of a list. */
  listsAddress: string
  statusListIndex: AssignStatusListIndex | null
  /** The password mark of a token, given the subject and its cutoff. */
  passwordMarkOf: (sub: SubjectId, cutoff: number) => string
  clock: Clock
  logger: Logger
}>

/** @throws AuthError CONFIG_INVALID when the claims hook cannot be loaded. */
export const openTokens = async (settings: Settings, given: TokenParts): Promise<Tokens> => {
  const { clock, logger, statusListIndex, listsAddress, passwordMarkOf, ...signing } = given
  const { userIdClaim, userIdField, claimsTimeoutMs } = settings
  const issuer = new TokenIssuer({
    ...signing,
    leewayMs: settings.leewayMs,
    names: settings,
    lists: listsAddress,
    accept: settings.accept,
    passwordMarkOf: settings.checkRevokeToken ? passwordMarkOf : null,
    foreign: configuredForeignIssuer(settings, {
      clock,
      onAlarm: ({ kind, detail }) => logger.warn({ kind, detail }, 'keys of the other issuer'),
    }),
  })
  const hookOptions = { clock, timeoutMs: claimsTimeoutMs, names: settings }
  const hook = await loadClaimsHook(settings.claimsHook, hookOptions)
  return { issuer, hook, statusListIndex, userIdClaim, userIdField }
}
