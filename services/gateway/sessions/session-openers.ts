import type { NewCommit } from '../../../shared/events/commit.ts'
import { newTokenId } from '../../../shared/kernel/entropy.ts'
import { withListedAccess, withListedSliding } from '../../../shared/session/listing.ts'
import { type Opening, openSession } from '../../../shared/session/open-session.ts'
import { openSliding } from '../../../shared/session/sliding.ts'
import type { LoginClaims, SignedToken, TokenPair } from '../tokens/index.ts'
import type { SessionDeps } from './session-deps.ts'

/**
 * How a password opens a session of one kind: its first commit, and the tokens for the client.
 * They are signed before the append, so that claims which make a token too large open nothing.
 */
export type SessionOpener<Tokens> = Readonly<{
  kind: 'pair' | 'sliding'
  open: (
    deps: SessionDeps,
    opening: Opening,
    told: LoginClaims,
  ) => Readonly<{ commit: NewCommit; tokens: Tokens }>
}>

export const openPair: SessionOpener<TokenPair> = {
  kind: 'pair',
  open: ({ context: { entropy }, policy, tokens: { issuer, statusListIndex } }, opening, told) => {
    const ids = { access: newTokenId(entropy), refresh: newTokenId(entropy) }
    const commit = withListedAccess(openSession({ ...opening, ids }, policy), statusListIndex)
    return { commit, tokens: issuer.pair(commit.session, told) }
  },
}

export const openSlidingToken: SessionOpener<SignedToken> = {
  kind: 'sliding',
  open: ({ context: { entropy }, policy, tokens: { issuer, statusListIndex } }, opening, told) => {
    const opened = openSliding({ ...opening, jti: newTokenId(entropy) }, policy)
    const commit = withListedSliding(opened, statusListIndex)
    return { commit, tokens: issuer.sliding(commit.session, told) }
  },
}
