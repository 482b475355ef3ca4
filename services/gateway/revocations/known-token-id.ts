import { AuthError } from '../../../shared/kernel/errors.ts'
import { everyoneStream, type TokenId } from '../../../shared/kernel/ids.ts'
import { hasTokenIdChecksum } from '../../../shared/kernel/token-id-checksum.ts'
import type { SessionPolicy } from '../../../shared/session/session-policy.ts'
import type { ReadContext } from '../publication/index.ts'

/** What asking for a token's id takes. */
export type TokenIdDeps = Readonly<{ context: ReadContext; policy: SessionPolicy }>

const agreedName = 'token-ids-checked-since'
/** How long gateways of before may run beside the first of this kind. */
const rolloutMs = 86_400_000

/**
 * Notes since when ids of tokens can be checked: always, in a store that no gateway has prepared
 * yet; from now on in one that holds sessions of older gateways. To be asked before `all` is told
 * anything.
 */
export const agreeOnTokenIds = async ({
  context: { store, storeClock },
}: Omit<TokenIdDeps, 'policy'>): Promise<void> => {
  const [prepared] = await store.heads([everyoneStream])
  await store.agree(agreedName, String(prepared ? storeClock.now() : 0))
}

/**
 * Refuses an id that no gateway made. Ids of before they could be checked are taken as they are
 * while a session of then may live; so is every id where tokens of another issuer are accepted,
 * which names its own as it likes.
 * @throws AuthError TOKEN_UNKNOWN, STORE_UNAVAILABLE.
 */
export const requireKnownTokenId = async (deps: TokenIdDeps, jti: TokenId): Promise<void> => {
  const {
    context: { store, storeClock },
    policy,
  } = deps
  if (hasTokenIdChecksum(jti) || (policy.foreignLifetimeMs ?? null) !== null) return
  const now = storeClock.now()
  const since = Number(await store.agree(agreedName, String(now)))
  if (since > 0 && now <= since + policy.sessionMaxLifetimeMs + rolloutMs) return
  throw new AuthError('TOKEN_UNKNOWN', `There is no token of the id ${jti}.`)
}
