import { held } from './held.ts'
import type { Scenario } from './rows.ts'
import {
  afterBlacklist,
  claimed,
  type Group,
  me,
  named,
  nowOf,
  refresh,
  refreshed,
  slide,
} from './setting-group.ts'
import { claimsOf, expired, resigned } from './stage.ts'
import { endSliding } from './token-view-rows.ts'

const audience = (aud: unknown): Scenario => claimed((claims) => ({ ...claims, aud }))
export const verificationSettings: readonly Group[] = [
  {
    env: { CURFEW_AUDIENCE: 'a,b', CURFEW_ISSUER: 'peer' },
    rows: named('AUDIENCE ["a", "b"], ISSUER "peer"', {
      'claims of the access token': held(async (_, { access }) => {
        const { aud, iss } = claimsOf(access)
        return { said: { aud, iss } }
      }),
      '/me, aud b, iss peer': audience('b'),
      '/me, aud [b, z], iss peer': audience(['b', 'z']),
      '/me, aud z': audience('z'),
      '/me, no aud': claimed(({ aud: _, ...claims }) => claims),
      '/me, wrong iss': claimed((claims) => ({ ...claims, iss: 'other' })),
      '/me, no iss': claimed(({ iss: _, ...claims }) => claims),
      '/api/token/refresh/': refreshed,
    }),
  },
  {
    env: { CURFEW_LEEWAY: '60s' },
    rows: named('LEEWAY 60', {
      '/me, expired 30 s ago': held((stage, { access }) => me(stage, expired(stage, access, 30))),
      '/me, expired 90 s ago': held((stage, { access }) => me(stage, expired(stage, access, 90))),
      '/me, iat 30 s ahead': held((stage, { access }) => {
        const iat = nowOf(stage) + 30
        return me(
          stage,
          resigned(stage, access, (claims) => ({ ...claims, iat })),
        )
      }),
      'refresh token, expired 5 s ago, blacklisted': afterBlacklist((stage, session) =>
        refresh(stage, expired(stage, session.refresh, 5)),
      ),
      'the same token after flushexpiredtokens': afterBlacklist(async (stage, session) => {
        const now = stage.world.rooms.context.storeClock.now()
        await stage.world.state.store.prune(now, now, 1_000)
        return refresh(stage, expired(stage, session.refresh, 5))
      }),
      'sliding refresh, refresh_exp 30 s ago': held(async (stage, { user }) => {
        const end = nowOf(stage) - 30
        const token = await stage.slidingOf(user)
        return slide(
          stage,
          resigned(stage, token, (claims) => ({ ...claims, refresh_exp: end })),
        )
      }),
    }),
  },
  {
    env: { CURFEW_AUTH_TOKEN_CLASSES: 'access,sliding' },
    rows: named('AUTH_TOKEN_CLASSES access and sliding', {
      '/me with a sliding token': held(async (stage, { user }) =>
        me(stage, await stage.slidingOf(user)),
      ),
      '/me with a refresh token': held((stage, session) => me(stage, session.refresh)),
      '/me with an expired token': held((stage, { access }) => me(stage, expired(stage, access))),
      '/me with a blacklisted sliding token': held(async (stage, { user }) => {
        const token = await stage.slidingOf(user)
        await endSliding(stage, token)
        return me(stage, token)
      }),
    }),
  },
]
