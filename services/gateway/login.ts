import { randomBytes } from 'node:crypto'
import type { Epoch } from '../../shared/events/commit.ts'
import { type EventData, event, type Origin } from '../../shared/events/event.ts'
import { newClaim, newSessionId } from '../../shared/kernel/entropy.ts'
import type { EpochMs, SubjectId } from '../../shared/kernel/ids.ts'
import type { User } from '../../shared/ports/user-directory.ts'

import type { Opening } from '../../shared/session/open-session.ts'

import { contend } from './append.ts'
import { carrying, hookRequest } from './claims-hook.ts'
import { readCutoffs } from './cutoffs.ts'
import { type Admitted, knownAddressesMax } from './login-limits.ts'
import type { GatewayParts } from './parts.ts'
import { isCurrentHash } from './password-hash.ts'

import type { SessionOpener } from './session-openers.ts'

import { settleDue } from './settle-due.ts'
import { tellAside } from './tell-aside.ts'

export type Login = Readonly<{
  username: string
  password: string
  origin: Origin
  /** Taken before any read, so that what is signed never outlives a cutoff's record. */
  arrival: EpochMs
}>
export type LoginResult<Tokens> =
  | Readonly<{ outcome: 'opened'; tokens: Tokens }>
  | Readonly<{ outcome: 'refused' }>
  | Readonly<{ outcome: 'limited'; retryAfterMs: number }>

// An unknown name reads as many streams as a known one: nothing to time.
const nobody = randomBytes(16).toString('hex') as SubjectId

/**
 * The cutoffs are read **first**, then the user, then the password is verified: whatever happens in
 * between can only make a session that is born dead (H1, model switch `verify-then-read`).
 */
export const login = async <Tokens>(
  parts: GatewayParts,
  request: Login,
  opener: SessionOpener<Tokens>,
): Promise<LoginResult<Tokens>> => {
  const { directory, limits } = parts
  const { username, origin } = request
  const named = await directory.byName(username)
  const admission = await limits.admit({ username, address: origin.address ?? 'unknown' }, named)
  if (!admission.admitted) return { outcome: 'limited', retryAfterMs: admission.retryAfterMs }
  try {
    return await admitted(parts, request, opener, { named, admission })
  } catch (error) {
    // Not the user's failure: a flood must not lock out who has the right password.
    await admission.refund().catch(() => {})
    throw error
  }
}

const admitted = async <Tokens>(
  parts: GatewayParts,
  request: Login,
  opener: SessionOpener<Tokens>,
  { named, admission }: Readonly<{ named: User | null; admission: Admitted }>,
): Promise<LoginResult<Tokens>> => {
  const { store, directory, passwords, client } = parts
  const { password } = request
  const epoch = await readCutoffs(store, { sub: named?.sub ?? nobody, client })
  const user = await directory.bySub(named?.sub ?? nobody)
  if (user?.due) {
    await settleDue(parts, user)
    await admission.refund()
    return login(parts, request, opener)
  }
  const matches = await passwords.verify(user?.passwordHash ?? null, password)
  if (!user || !matches || !user.active) {
    await tellFailure(parts, request, user, matches)
    return { outcome: 'refused' }
  }
  const opening = openingOf(parts, request, user, epoch)
  const custom = await parts.hook.claims(
    hookRequest(user, { client, on: 'login', kind: opener.kind, previous: null }),
  )
  const told = { userId: user[parts.userIdField], roles: user.roles, custom }
  const { commit, tokens } = carrying(custom, () => opener.open(parts, opening, told))
  await contend(parts, async () => ({ insert: commit, won: () => undefined }))
  parts.publisher.hand(commit)
  await admission.refund()
  await rememberAddress(parts, user, admission.addressId)
  await upgradeHash(parts, user, password)
  return { outcome: 'opened', tokens }
}

const openingOf = (
  { entropy, client, storeClock }: GatewayParts,
  { origin, arrival }: Login,
  { sub }: User,
  epoch: Epoch,
): Opening => ({
  sid: newSessionId(entropy),
  sub,
  client,
  epoch,
  arrival,
  now: storeClock.now(),
  claim: newClaim(entropy),
  origin,
})

const failureOf = (user: User | null, matches: boolean): EventData<'LoginFailed'>['reason'] =>
  !user ? 'unknown_user' : matches ? 'inactive' : 'wrong_password'

const tellFailure = (
  parts: GatewayParts,
  { username, origin }: Login,
  user: User | null,
  matches: boolean,
): Promise<void> => {
  const reason = failureOf(user, matches)
  const account = parts.limits.hashed(`account:${username}`)
  return tellAside(
    parts,
    event('LoginFailed', { reason, sub: user?.sub ?? null, account, ...origin }),
  )
}

const rememberAddress = async (
  { directory, logger }: GatewayParts,
  user: User,
  addressId: string,
): Promise<void> => {
  if (user.knownAddresses.includes(addressId)) return
  const knownAddresses = [...user.knownAddresses, addressId].slice(-knownAddressesMax)
  // A comfort, not a promise: the login stands whether it is remembered or not.
  await directory.change(user.sub, { knownAddresses }).catch((error: Error) => {
    logger.warn({ error, sub: user.sub }, 'an address was not remembered')
  })
}

/** An imported or outdated hash gives way to today's, unless the password changed meanwhile. */
const upgradeHash = async (
  { directory, passwords, logger }: GatewayParts,
  { sub, passwordHash: old }: User,
  password: string,
): Promise<void> => {
  if (isCurrentHash(old)) return
  try {
    const passwordHash = await passwords.hash(password)
    await directory.change(sub, { passwordHash }, { unlessDue: true, ifPasswordHash: old })
  } catch (error) {
    // The login stands; the next one tries again.
    logger.warn({ error: error as Error, sub }, 'a password hash was not upgraded')
  }
}
