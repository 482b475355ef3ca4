import { under } from './bodies.ts'
import { bearer, deleted, disabled, held, logout, pair } from './held.ts'
import type { Scenario } from './rows.ts'
import { claimsOf, expired, hmac, partOf } from './stage.ts'

const cases: Readonly<Record<string, Scenario>> = {
  success: held((stage, session) => logout(stage, pair(session))),
  'the same cookies again': held(async (stage, session) => {
    await logout(stage, pair(session))
    return logout(stage, pair(session))
  }),
  'no cookies': (stage) => logout(stage, {}),
  'access cookie only': held((stage, { access }) => logout(stage, { access })),
  'refresh cookie only': held((stage, session) => logout(stage, { refresh: session.refresh })),
  'expired access, good refresh': held((stage, session) =>
    logout(stage, { ...pair(session), access: expired(stage, session.access) }),
  ),
  'malformed access, good refresh': held((stage, session) =>
    logout(stage, { ...pair(session), access: 'abc' }),
  ),
  'access in Authorization, refresh in the cookie': held((stage, session) =>
    logout(stage, { refresh: session.refresh }, bearer(`Bearer ${session.access}`)),
  ),
  'good access, malformed refresh': held((stage, session) =>
    logout(stage, { ...pair(session), refresh: 'abc' }),
  ),
  'good access, access token as refresh': held((stage, { access }) =>
    logout(stage, { access, refresh: access }),
  ),
  'good access, expired refresh': held((stage, session) =>
    logout(stage, { ...pair(session), refresh: expired(stage, session.refresh) }),
  ),
  'good access, alg none refresh': held((stage, session) => {
    const header = { ...partOf(session.refresh, 0), alg: 'none' }
    const token = hmac(stage, header, claimsOf(session.refresh)).replace(/[^.]*$/, '')
    return logout(stage, { ...pair(session), refresh: token })
  }),
  "alice's access, bob's refresh": held(async (stage, alice) => {
    const bob = await stage.session()
    return logout(stage, { access: alice.access, refresh: bob.refresh })
  }),
  'refresh cookie as access': held((stage, session) =>
    logout(stage, { access: session.refresh, refresh: session.refresh }),
  ),
  'GET without cookies': (stage) => logout(stage, {}, { method: 'GET' }),
  'GET with cookies': held((stage, session) => logout(stage, pair(session), { method: 'GET' })),
  'user made inactive after login': held(async (stage, session) => {
    await disabled(stage, session)
    return logout(stage, pair(session))
  }),
  'user deleted after login': held(async (stage, session) => {
    await deleted(stage, session)
    return logout(stage, pair(session))
  }),
}

export const logoutRows = under('POST /logout', cases)
