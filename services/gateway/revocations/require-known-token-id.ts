import { AuthError } from '../../../shared/kernel/errors.ts'
import { everyoneStream, type TokenId } from '../../../shared/kernel/ids.ts'
import { hasTokenIdChecksum } from '../../../shared/kernel/token-id-checksum.ts'
import type { SessionPolicy } from '../../../shared/session/session-policy.ts'
import type { ReadContext } from '../publication/index.ts'

/** What `requireKnownTokenId` uses. */
export type TokenIdDeps = Readonly<{ context: ReadContext; policy: SessionPolicy }>

const agreementName = 'token-ids-checked-since'
/** How long gateways of an older version may run beside the first one that checks ids. */
const rolloutMs = 86_400_000

/**
 * Notes in the store since when token ids carry a check: always, in a store that no gateway has
 * prepared yet; from now on in one with sessions of older gateways. To be called before anything is
 * appended to the stream `all`.
 */
export const agreeOnTokenIds = async ({
  context: { store, storeClock },
}: Omit<TokenIdDeps, 'policy'>): Promise<void> => {
  const [prepared] = await store.heads([everyoneStream])
  await store.agree(agreementName, String(prepared ? storeClock.now() : 0))
}

/**
 * Refuses an id that no gateway made. Any id is taken for as long as a session may live that is
 * older than the check, and always where tokens of another issuer are accepted, whose ids have no
 * check.
 * @throws AuthError TOKEN_UNKNOWN, STORE_UNAVAILABLE.
 */
export const requireKnownTokenId = async (deps: TokenIdDeps, jti: TokenId): Promise<void> => {
  const { policy } = deps
  const { store, storeClock } = deps.context
  if (hasTokenIdChecksum(jti) || (policy.foreignLifetimeMs ?? null) !== null) return
  const now = storeClock.now()
  const since = Number(await store.agree(agreementName, String(now)))
  if (since > 0 && now <= since + policy.sessionMaxLifetimeMs + rolloutMs) return
  throw new AuthError('TOKEN_UNKNOWN', `There is no token of the id ${jti}.`)
}
