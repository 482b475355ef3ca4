import type { NewCommit } from '../../../shared/events/commit.ts'
import { newTokenId } from '../../../shared/kernel/entropy.ts'
import { type Opening, openSession } from '../../../shared/session/open-session.ts'
import { openSliding } from '../../../shared/session/sliding-session.ts'
import {
  withAccessStatusIndex,
  withSlidingStatusIndex,
} from '../../../shared/session/status-list-index.ts'
import type { LoginClaims, SignedToken, TokenPair } from '../tokens/index.ts'
import type { SessionDeps } from './open-sessions.ts'

/**
 * How a login opens a session of one kind: its first commit, and the tokens for the client. The
 * tokens are signed before the append, so a login whose claims make a token too large appends
 * nothing.
 */
export type SessionOpener<Tokens> = Readonly<{
  kind: 'pair' | 'sliding'
  open: (
    deps: SessionDeps,
    opening: Opening,
    loginClaims: LoginClaims,
  ) => Readonly<{ commit: NewCommit; tokens: Tokens }>
}>

export const openPair: SessionOpener<TokenPair> = {
  kind: 'pair',
  open: (
    { context: { entropy }, policy, tokens: { issuer, statusListIndex } },
    opening,
    loginClaims,
  ) => {
    const ids = { access: newTokenId(entropy), refresh: newTokenId(entropy) }
    const commit = withAccessStatusIndex(openSession({ ...opening, ids }, policy), statusListIndex)
    return { commit, tokens: issuer.pair(commit.session, loginClaims) }
  },
}

export const openSlidingToken: SessionOpener<SignedToken> = {
  kind: 'sliding',
  open: (
    { context: { entropy }, policy, tokens: { issuer, statusListIndex } },
    opening,
    loginClaims,
  ) => {
    const opened = openSliding({ ...opening, jti: newTokenId(entropy) }, policy)
    const commit = withSlidingStatusIndex(opened, statusListIndex)
    return { commit, tokens: issuer.sliding(commit.session, loginClaims) }
  },
}
