import { under } from './bodies.ts'
import { deleted, disabled, held, logout, pair, refresh } from './held.ts'
import type { Scenario } from './rows.ts'
import { expired, type Session, type Stage } from './stage.ts'

/** The refresh token that a good refresh sets. */
const successor = async (stage: Stage, session: Session): Promise<string> => {
  const { setCookie } = await stage.raw({ path: '/refresh', cookies: pair(session) })
  const line = setCookie.find((one) => one.startsWith('refresh=')) ?? ''
  return line.slice('refresh='.length, line.indexOf(';'))
}

/** What `flushexpiredtokens` did happens by itself; this is as much of it as a test can ask for. */
const flush = async ({ world }: Stage): Promise<void> => {
  const now = world.rooms.context.storeClock.now()
  await world.state.store.prune(now, now, 1_000)
}

const byHand = '(expires_at moved back by hand, then flushed)'

const cases: Readonly<Record<string, Scenario>> = {
  success: held((stage, session) => refresh(stage, pair(session))),
  'the same refresh cookie again (blacklisted)': held(async (stage, session) => {
    await refresh(stage, pair(session))
    return refresh(stage, pair(session))
  }),
  'the successor, after that reuse (no family revocation)': held(async (stage, session) => {
    const next = await successor(stage, session)
    await refresh(stage, pair(session))
    return refresh(stage, { refresh: next })
  }),
  'refresh cookie alone, no access cookie': held((stage, { refresh: token }) =>
    refresh(stage, { refresh: token }),
  ),
  'with an expired access cookie besides': held((stage, session) =>
    refresh(stage, { ...pair(session), access: expired(stage, session.access) }),
  ),
  'no cookie': (stage) => refresh(stage, {}),
  'cookie empty': (stage) => refresh(stage, { refresh: '' }),
  'access token in the refresh cookie': held((stage, { access }) =>
    refresh(stage, { refresh: access }),
  ),
  'token in the JSON body instead of the cookie': held((stage, { refresh: token }) =>
    refresh(stage, {}, { json: { refresh: token } }),
  ),
  GET: (stage) => refresh(stage, {}, { method: 'GET' }),
  'Origin and Referer of another site (there is no CSRF or origin check)': held((stage, session) =>
    refresh(stage, pair(session), {
      headers: { origin: 'https://evil.example', referer: 'https://evil.example/' },
    }),
  ),
  "an earlier session's refresh, after a new login that sent its cookies": held(
    async (stage, session) => {
      await stage.session(session.user)
      return refresh(stage, pair(session))
    },
  ),
  'after logout': held(async (stage, session) => {
    await logout(stage, pair(session))
    return refresh(stage, pair(session))
  }),
  'the refresh token of that refused logout': held(async (stage, session) => {
    await logout(stage, { ...pair(session), access: expired(stage, session.access) })
    return refresh(stage, pair(session))
  }),
  "bob's refresh after alice logged it out": held(async (stage, alice) => {
    const bob = await stage.session()
    await logout(stage, { access: alice.access, refresh: bob.refresh })
    return refresh(stage, { refresh: bob.refresh })
  }),
  'another session of the same user after logout': held(async (stage, session) => {
    const other = await stage.session(session.user)
    await logout(stage, pair(session))
    return refresh(stage, pair(other))
  }),
  'user made inactive after login': held(async (stage, session) => {
    await disabled(stage, session)
    return refresh(stage, pair(session))
  }),
  [`a blacklisted, unexpired token whose rows are gone ${byHand}`]: held(async (stage, session) => {
    await logout(stage, pair(session))
    await flush(stage)
    return refresh(stage, pair(session))
  }),
  'user deleted after login': held(async (stage, session) => {
    await deleted(stage, session)
    return refresh(stage, pair(session))
  }),
}

export const refreshRows = under('POST /refresh', cases)
