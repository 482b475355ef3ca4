import { randomBytes } from 'node:crypto'
import { type EventData, event, type Origin } from '../../../shared/events/event.ts'
import type { EpochMs, SubjectId } from '../../../shared/kernel/ids.ts'
import type { Admitted, Limited } from '../accounts/login-limits.ts'
import { peopleOf, type Visits } from '../accounts/user-lookup.ts'
import type { GatewayParts } from '../parts.ts'
import { untilSettled } from '../publication/retry-on-conflict.ts'
import { tellAside } from '../publication/standalone-event.ts'
import { readCutoffs } from '../revocations/read-standing.ts'
import type { Presented } from './end-replaced-sessions.ts'
import { claimsOfLogin, openFor } from './open-session.ts'
import type { SessionOpener } from './session-openers.ts'

export type Login = Readonly<{
  username: string
  password: string
  origin: Origin
  /** Taken before any read, so that what is signed never outlives a cutoff's record. */
  arrival: EpochMs
  /** Whether the session's cookies go with the browser. */
  untilClosed?: boolean
  /** What the browser held: these sessions end with the login. */
  presented?: Presented
}>
export type LoginResult<Tokens> =
  | Readonly<{ outcome: 'opened'; tokens: Tokens; sub: SubjectId }>
  | Readonly<{ outcome: 'refused' }>
  | (Limited & Readonly<{ outcome: 'limited'; sub: SubjectId | null }>)

// An unknown name reads as many streams as a known one: nothing to time.
const nobody = randomBytes(16).toString('hex') as SubjectId

/**
 * The cutoffs are read **first**, then the user, then the password is verified: whatever happens in
 * between can only make a session that is born dead (decision 0073: a login verifies, then reads
 * the cutoffs).
 */
export const login = <Tokens>(
  parts: GatewayParts,
  request: Login,
  opener: SessionOpener<Tokens>,
): Promise<LoginResult<Tokens>> =>
  untilSettled(
    () => tryLogin(parts, request, opener),
    'the user changed under every try of a login',
  )

const tryLogin = async <Tokens>(
  parts: GatewayParts,
  request: Login,
  opener: SessionOpener<Tokens>,
): Promise<LoginResult<Tokens> | 'again'> => {
  const { username, origin } = request
  const { credentials, visits } = peopleOf(parts)
  const sub = await credentials.subjectOf(username)
  const knownAddresses = sub === null ? [] : await visits.addressesOf(sub)
  // As many points for a name that nobody has: neither the limits nor their time tell which.
  const owner = sub ?? `nobody:${parts.limits.accountId(username)}`
  const attempt = { username, owner, address: origin.address ?? 'unknown' }
  const admission = await parts.limits.admit(attempt, { knownAddresses })
  if (!admission.admitted) return { ...admission, outcome: 'limited', sub }
  try {
    return await admitted(parts, request, opener, { sub, admission })
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
  { sub, admission }: Readonly<{ sub: SubjectId | null; admission: Admitted }>,
): Promise<LoginResult<Tokens> | 'again'> => {
  const { store, client } = parts
  const { username, password, origin, arrival, untilClosed = false, presented } = request
  const { credentials, visits } = peopleOf(parts)
  const epoch = await readCutoffs(store, { sub: sub ?? nobody, client })
  const verified = await credentials.verify({ sub, username, password, origin })
  if (verified.outcome === 'changed') {
    await admission.refund()
    return 'again'
  }
  if (verified.outcome === 'refused') {
    await tellFailure(parts, request, sub, verified.why)
    return { outcome: 'refused' }
  }
  const { person } = verified
  const who = { user: person, client }
  const custom = await claimsOfLogin(parts, who, opener)
  const opening = {
    ...who,
    epoch,
    origin,
    arrival,
    custom,
    untilClosed,
    ...(presented && { presented }),
  }
  const tokens = await openFor(parts, opening, opener)
  // The session stands, and who is told that the login failed would leave it behind.
  await admission.refund().catch((error: Error) => {
    parts.logger.warn({ error, sub: person.sub }, 'an attempt was not given back')
  })
  await remember(parts, visits, person.sub, admission.addressId)
  return { outcome: 'opened', tokens, sub: person.sub }
}

const tellFailure = (
  parts: GatewayParts,
  { username, origin }: Login,
  sub: SubjectId | null,
  reason: EventData<'LoginFailed'>['reason'],
): Promise<void> => {
  const account = parts.limits.accountId(username)
  return tellAside(parts, event('LoginFailed', { reason, sub, account, ...origin }))
}

const remember = async (
  { storeClock, logger }: GatewayParts,
  visits: Visits,
  sub: SubjectId,
  addressId: string,
): Promise<void> => {
  // A comfort, not a promise: the login stands whether it is remembered or not.
  await visits.remember(sub, { addressId, at: storeClock.now() }).catch((error: Error) => {
    logger.warn({ error, sub }, 'a login was not remembered')
  })
}
