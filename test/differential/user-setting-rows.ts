import { changePassword } from '../support/worlds/delivered-changes.ts'
import { disabled, held } from './held.ts'
import {
  afterPassword,
  claimed,
  claimNames,
  type Group,
  good,
  me,
  named,
  refresh,
  slide,
  stateless,
  verify,
  view,
} from './setting-group.ts'
import { password, type Stage } from './stage.ts'

const lastLogins = async (stage: Stage): Promise<string[]> => {
  const { directory } = stage.world.state
  const alice = { username: 'alice', password }
  const read = async () => (await directory.byName('alice'))?.lastLoginAt ?? null
  const steps: string[] = []
  let before = await read()
  const step = async (name: string, doing: Promise<unknown>): Promise<void> => {
    await doing
    const after = await read()
    const change = before === after ? 'unchanged' : before === null ? 'set' : 'changed'
    steps.push(`after ${name} ${change}`)
    before = after
  }
  const obtained = stage.raw({ path: '/api/token/', json: alice })
  await step('obtain', obtained)
  await step('refresh', refresh(stage, String((await obtained).body['refresh'])))
  await step('a failed login', view(stage, '', { ...alice, password: 'wrong' }))
  await step('sliding obtain', view(stage, 'sliding/', alice))
  return steps
}

export const userSettings: readonly Group[] = [
  {
    env: { CURFEW_UPDATE_LAST_LOGIN: 'true' },
    rows: named('UPDATE_LAST_LOGIN on', {
      'auth_user.last_login': async (stage) => ({ said: (await lastLogins(stage)).join('; ') }),
    }),
  },
  {
    env: { CURFEW_CHECK_REVOKE_TOKEN: 'true' },
    rows: named('CHECK_REVOKE_TOKEN on', {
      'claims of the access token': claimNames,
      '/me before the password change': good,
      '/me with a token that lacks the claim': claimed(({ hash_password: _, ...rest }) => rest),
      '/me after the password change': afterPassword((stage, { access }) => me(stage, access)),
      '/me/stateless after the password change': afterPassword((stage, { access }) =>
        stateless(stage, access),
      ),
      '/api/token/refresh/ after the password change': afterPassword((stage, session) =>
        refresh(stage, session.refresh),
      ),
      // No refresh gives one, so the token of before stands for it.
      '/me with the access token that this refresh gave': afterPassword((stage, { access }) =>
        me(stage, access),
      ),
      '/api/token/verify/ with the old access token': afterPassword((stage, { access }) =>
        verify(stage, access),
      ),
      '/api/token/sliding/refresh/ after the password change': held(async (stage, { user }) => {
        const token = await stage.slidingOf(user)
        await changePassword(stage.world.quickRooms, user.sub, 'another password')
        return slide(stage, token)
      }),
    }),
  },
  {
    env: {},
    rows: named('CHECK_REVOKE_TOKEN off (default)', {
      '/me after a password change': afterPassword((stage, { access }) => me(stage, access)),
      '/api/token/refresh/ after a password change': afterPassword((stage, session) =>
        refresh(stage, session.refresh),
      ),
    }),
  },
  {
    env: { CURFEW_CHECK_USER_IS_ACTIVE: 'false' },
    rows: named('CHECK_USER_IS_ACTIVE off', {
      '/api/token/ for an inactive user': (stage) =>
        view(stage, '', { username: 'ivan', password }),
      '/me of a user made inactive': held(async (stage, session) => {
        await disabled(stage, session)
        return me(stage, session.access)
      }),
      '/api/token/refresh/ of a user made inactive': held(async (stage, session) => {
        await disabled(stage, session)
        return refresh(stage, session.refresh)
      }),
    }),
  },
]
