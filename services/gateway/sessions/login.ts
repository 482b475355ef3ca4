import { randomBytes } from 'node:crypto'
import { type EventData, event, type Origin } from '../../../shared/events/event.ts'
import type { EpochMs, SubjectId } from '../../../shared/kernel/ids.ts'
import { type Admitted, type Limited, type LoginHistory, usersOf } from '../accounts/index.ts'
import { appendStandaloneEvent, retryOnConflict } from '../publication/index.ts'
import { readCutoffs } from '../revocations/index.ts'
import type { BrowserTokens } from './end-replaced-sessions.ts'
import type { SessionDeps } from './open-sessions.ts'
import type { SessionOpener } from './session-openers.ts'
import { customClaimsForLogin, startSession } from './start-session.ts'

export type Login = Readonly<{
  username: string
  password: string
  origin: Origin
  /** Taken before any read, so that no token outlives the record of a cutoff. */
  arrival: EpochMs
  /** Whether the session's cookies last until the browser closes. */
  untilClosed?: boolean
  /** Tokens from the cookies of the request; the login ends their sessions. */
  replaced?: BrowserTokens
}>
export type LoginResult<Tokens> =
  | Readonly<{ outcome: 'opened'; tokens: Tokens; sub: SubjectId }>
  | Readonly<{ outcome: 'refused' }>
  | (Limited & Readonly<{ outcome: 'limited'; sub: SubjectId | null }>)

// A login with an unknown name reads as many streams as one with a known name, so that its time
// does not tell which names exist.
const absentSubject = randomBytes(16).toString('hex') as SubjectId

/**
 * Reads the cutoffs **first**, then reads the user and verifies the password, then appends the
 * session. If a cutoff is appended in between, the new session begins below it and is dead from the
 * start (decision 0073: a login verifies, then reads the cutoffs).
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
  // A name that nobody has takes as many points, so the limits do not tell which names exist.
  const owner = sub ?? `nobody:${deps.accounts.limits.accountId(username)}`
  const attempt = { username, owner, address: origin.address ?? 'unknown' }
  const admission = await deps.accounts.limits.admit(attempt, { knownAddresses })
  if (!admission.admitted) return { ...admission, outcome: 'limited', sub }
  try {
    return await verifyAndOpen(deps, request, opener, { sub, admission })
  } catch (error) {
    // The service failed, not the user: a flood must not use up the attempts of a user.
    await admission.refund().catch(() => {})
    throw error
  }
}

const verifyAndOpen = async <Tokens>(
  deps: SessionDeps,
  request: Login,
  opener: SessionOpener<Tokens>,
  { sub, admission }: Readonly<{ sub: SubjectId | null; admission: Admitted }>,
): Promise<LoginResult<Tokens> | 'again'> => {
  const { store } = deps.context
  const { client } = deps.sessions
  const { username, password, origin, arrival, untilClosed = false, replaced } = request
  const { credentials, loginHistory } = usersOf(deps)
  const epoch = await readCutoffs(store, { sub: sub ?? absentSubject, client })
  const verified = await credentials.verify({ sub, username, password, origin })
  if (verified.outcome === 'changed') {
    await admission.refund()
    return 'again'
  }
  if (verified.outcome === 'refused') {
    await appendLoginFailure(deps, request, sub, verified.why)
    return { outcome: 'refused' }
  }
  const { person } = verified
  const userAndClient = { user: person, client }
  const custom = await customClaimsForLogin(deps, userAndClient, opener)
  const opening = {
    ...userAndClient,
    epoch,
    origin,
    arrival,
    custom,
    untilClosed,
    ...(replaced && { replaced }),
  }
  const tokens = await startSession(deps, opening, opener)
  // The session is open: were this an error, the user would not get its tokens.
  const refunded = admission.refund().catch((error: Error) => {
    deps.context.logger.warn({ error, sub: person.sub }, 'an attempt was not given back')
  })
  // Together, since what is written at one moment shares a transaction.
  await Promise.all([refunded, recordLogin(deps, loginHistory, person.sub, admission.addressId)])
  return { outcome: 'opened', tokens, sub: person.sub }
}

const appendLoginFailure = (
  deps: SessionDeps,
  { username, origin }: Login,
  sub: SubjectId | null,
  reason: EventData<'LoginFailed'>['reason'],
): Promise<void> => {
  const account = deps.accounts.limits.accountId(username)
  return appendStandaloneEvent(deps, event('LoginFailed', { reason, sub, account, ...origin }))
}

const recordLogin = async (
  { context: { storeClock, logger } }: SessionDeps,
  loginHistory: LoginHistory,
  sub: SubjectId,
  addressId: string,
): Promise<void> => {
  // The history is a convenience: the login succeeds also where it cannot be written.
  await loginHistory.record(sub, { addressId, at: storeClock.now() }).catch((error: Error) => {
    logger.warn({ error, sub }, 'a login was not remembered')
  })
}
