import { held } from './held.ts'
import {
  afterBlacklist,
  type Group,
  named,
  refresh,
  refreshed,
  twice,
  verify,
} from './setting-group.ts'

export const rotationSettings: readonly Group[] = [
  {
    env: { CURFEW_ROTATE_REFRESH_TOKENS: 'false', CURFEW_BLACKLIST_AFTER_ROTATION: 'false' },
    rows: named(
      "ROTATE_REFRESH_TOKENS off, BLACKLIST_AFTER_ROTATION off (the package's defaults)",
      {
        '/api/token/refresh/': refreshed,
        '/api/token/refresh/ with the same token again': twice,
        "the blog's /refresh (it expects a new refresh token)": held((stage, session) =>
          stage.send({ path: '/refresh', cookies: { refresh: session.refresh } }),
        ),
        '/api/token/refresh/ with a blacklisted token': afterBlacklist((stage, session) =>
          refresh(stage, session.refresh),
        ),
        '/api/token/verify/ with a blacklisted token': afterBlacklist((stage, session) =>
          verify(stage, session.refresh),
        ),
      },
    ),
  },
  {
    env: { CURFEW_BLACKLIST_AFTER_ROTATION: 'false' },
    rows: named('ROTATE_REFRESH_TOKENS on, BLACKLIST_AFTER_ROTATION off', {
      '/api/token/refresh/': refreshed,
      '/api/token/refresh/ with the same token again': twice,
      '/api/token/verify/ with a blacklisted token': afterBlacklist((stage, session) =>
        verify(stage, session.refresh),
      ),
    }),
  },
]
