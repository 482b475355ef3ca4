import { under } from './bodies.ts'
import { bearer, type Cookies, deleted, disabled, held, logout, pair } from './held.ts'
import type { Observed } from './observed.ts'
import type { Scenario } from './rows.ts'
import type { Session, Stage } from './stage.ts'

const meCases = (path: string): Readonly<Record<string, Scenario>> => {
  const me = (stage: Stage, cookies: Cookies, more: object = {}): Promise<Observed> =>
    stage.send({ method: 'GET', path, cookies, ...more })
  const withHeader = (header: (session: Session) => string): Scenario =>
    held((stage, session) => me(stage, {}, bearer(header(session))))
  return {
    'success, cookie': held((stage, { access }) => me(stage, { access })),
    'success, Authorization': withHeader(({ access }) => `Bearer ${access}`),
    'no token': (stage) => me(stage, {}),
    'refresh cookie only': held((stage, session) => me(stage, { refresh: session.refresh })),
    'refresh token as access': held((stage, session) => me(stage, { access: session.refresh })),
    'good cookie, bad Authorization (the header wins)': held((stage, { access }) =>
      me(stage, { access }, bearer('Bearer abc')),
    ),
    'Authorization: Bearer (nothing after)': withHeader(() => 'Bearer'),
    'Authorization: empty': withHeader(() => ''),
    'Authorization: Bearer a b': withHeader(() => 'Bearer a b'),
    'Authorization: bearer <good> (lower case)': withHeader(({ access }) => `bearer ${access}`),
    'Authorization: JWT <good>': withHeader(({ access }) => `JWT ${access}`),
    'Authorization: Basic …': withHeader(() => 'Basic YTpi'),
    'no token, Accept-Language: ko': (stage) =>
      me(stage, {}, { headers: { 'accept-language': 'ko' } }),
    'user made inactive after login': held(async (stage, session) => {
      await disabled(stage, session)
      return me(stage, { access: session.access })
    }),
    'POST (method not allowed), authenticated': held((stage, { access }) =>
      me(stage, { access }, { method: 'POST' }),
    ),
    'user deleted after login': held(async (stage, session) => {
      await deleted(stage, session)
      return me(stage, { access: session.access })
    }),
  }
}

const meAfterLogout: Scenario = held(async (stage, session) => {
  await logout(stage, pair(session))
  return stage.send({ method: 'GET', path: '/me', cookies: { access: session.access } })
})

export const meRows: Readonly<Record<string, Scenario>> = {
  ...under('GET /me', { ...meCases('/me'), 'old access token after logout': meAfterLogout }),
  ...under('GET /me/stateless', meCases('/me/stateless')),
}
