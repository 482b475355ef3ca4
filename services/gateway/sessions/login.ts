import { randomBytes } from 'node:crypto'
import { type EventData, event, type Origin } from '../../../shared/events/event.ts'
import type { EpochMs, SubjectId } from '../../../shared/kernel/ids.ts'
import { type Admitted, type Limited, type LoginHistory, usersOf } from '../accounts/index.ts'
import { appendStandaloneEvent, retryOnConflict } from '../publication/index.ts'
import { readCutoffs } from '../revocations/index.ts'
import type { BrowserTokens } from './end-replaced-sessions.ts'
import { claimsOfLogin, openSession } from './open-session.ts'
import type { SessionDeps } from './session-deps.ts'
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
  replaced?: BrowserTokens
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
  deps: SessionDeps,
  request: Login,
  opener: SessionOpener<Tokens>,
): Promise<LoginResult<Tokens>> =>
  retryOnConflict(
    () => tryLogin(deps, request, opener),
    'the user changed under every try of a login',
  )

const tryLogin = async <Tokens>(
  deps: SessionDeps,
  request: Login,
  opener: SessionOpener<Tokens>,
): Promise<LoginResult<Tokens> | 'again'> => {
  const { username, origin } = request
  const { credentials, loginHistory } = usersOf(deps)
  const sub = await credentials.subjectOf(username)
  const knownAddresses = sub === null ? [] : await loginHistory.addressesOf(sub)
  // As many points for a name that nobody has: neither the limits nor their time tell which.
  const owner = sub ?? `nobody:${deps.accounts.limits.accountId(username)}`
  const attempt = { username, owner, address: origin.address ?? 'unknown' }
  const admission = await deps.accounts.limits.admit(attempt, { knownAddresses })
  if (!admission.admitted) return { ...admission, outcome: 'limited', sub }
  try {
    return await admitted(deps, request, opener, { sub, admission })
  } catch (error) {
    // Not the user's failure: a flood must not lock out who has the right password.
    await admission.refund().catch(() => {})
    throw error
  }
}

const admitted = async <Tokens>(
  deps: SessionDeps,
  request: Login,
  opener: SessionOpener<Tokens>,
  { sub, admission }: Readonly<{ sub: SubjectId | null; admission: Admitted }>,
): Promise<LoginResult<Tokens> | 'again'> => {
  const {
    context: { store },
    sessions: { client },
  } = deps
  const { username, password, origin, arrival, untilClosed = false, replaced } = request
  const { credentials, loginHistory } = usersOf(deps)
  const epoch = await readCutoffs(store, { sub: sub ?? nobody, client })
  const verified = await credentials.verify({ sub, username, password, origin })
  if (verified.outcome === 'changed') {
    await admission.refund()
    return 'again'
  }
  if (verified.outcome === 'refused') {
    await tellFailure(deps, request, sub, verified.why)
    return { outcome: 'refused' }
  }
  const { person } = verified
  const who = { user: person, client }
  const custom = await claimsOfLogin(deps, who, opener)
  const opening = {
    ...who,
    epoch,
    origin,
    arrival,
    custom,
    untilClosed,
    ...(replaced && { replaced }),
  }
  const tokens = await openSession(deps, opening, opener)
  // The session stands, and who is told that the login failed would leave it behind.
  await admission.refund().catch((error: Error) => {
    deps.context.logger.warn({ error, sub: person.sub }, 'an attempt was not given back')
  })
  await remember(deps, loginHistory, person.sub, admission.addressId)
  return { outcome: 'opened', tokens, sub: person.sub }
}

const tellFailure = (
  deps: SessionDeps,
  { username, origin }: Login,
  sub: SubjectId | null,
  reason: EventData<'LoginFailed'>['reason'],
): Promise<void> => {
  const account = deps.accounts.limits.accountId(username)
  return appendStandaloneEvent(deps, event('LoginFailed', { reason, sub, account, ...origin }))
}

const remember = async (
  { context: { storeClock, logger } }: SessionDeps,
  visits: LoginHistory,
  sub: SubjectId,
  addressId: string,
): Promise<void> => {
  // A comfort, not a promise: the login stands whether it is remembered or not.
  await visits.remember(sub, { addressId, at: storeClock.now() }).catch((error: Error) => {
    logger.warn({ error, sub }, 'a login was not remembered')
  })
}
