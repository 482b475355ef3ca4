import type { NewCommit } from '../../../shared/events/commit.ts'
import { newTokenId } from '../../../shared/kernel/entropy.ts'
import { withListedAccess, withListedSliding } from '../../../shared/session/listing.ts'
import { type Opening, openSession } from '../../../shared/session/open-session.ts'
import { openSliding } from '../../../shared/session/sliding.ts'
import type { GatewayParts } from '../parts.ts'
import type { SignedToken, TokenPair, Told } from '../tokens/token-issuer.ts'

/**
 * How a password opens a session of one kind: its first commit, and the tokens for the client.
 * They are signed before the append, so that claims which make a token too large open nothing.
 */
export type SessionOpener<Tokens> = Readonly<{
  kind: 'pair' | 'sliding'
  open: (
    parts: GatewayParts,
    opening: Opening,
    told: Told,
  ) => Readonly<{ commit: NewCommit; tokens: Tokens }>
}>

export const openPair: SessionOpener<TokenPair> = {
  kind: 'pair',
  open: ({ entropy, policy, tokens, lister }, opening, told) => {
    const ids = { access: newTokenId(entropy), refresh: newTokenId(entropy) }
    const commit = withListedAccess(openSession({ ...opening, ids }, policy), lister)
    return { commit, tokens: tokens.pair(commit.session, told) }
  },
}

export const openSlidingToken: SessionOpener<SignedToken> = {
  kind: 'sliding',
  open: ({ entropy, policy, tokens, lister }, opening, told) => {
    const opened = openSliding({ ...opening, jti: newTokenId(entropy) }, policy)
    const commit = withListedSliding(opened, lister)
    return { commit, tokens: tokens.sliding(commit.session, told) }
  },
}
