import { z } from 'zod'
import {
  duration,
  durationTakes,
  field,
  flag,
  flagTakes,
  whole,
} from '../../../shared/kernel/config.ts'
import { clientId } from '../../../shared/kernel/ids.ts'

const second = 1_000
const checkedBy = <T>(parse: (text: string) => T): z.ZodType<T, string> =>
  z.string().transform((given, context) => {
    try {
      return parse(given)
    } catch (error) {
      context.issues.push({ code: 'custom', input: given, message: (error as Error).message })
      return z.NEVER
    }
  })

/** How long tokens and sessions live, and what rotation does. Named after Simple-JWT's settings. */
export const sessionFields = {
  accessLifetimeMs: field({
    env: 'CURFEW_ACCESS_TOKEN_LIFETIME',
    simpleJwt: 'ACCESS_TOKEN_LIFETIME',
    schema: duration(second),
    otherwise: '15m',
    takes: durationTakes,
    doc: 'Life of an access token.',
  }),
  refreshLifetimeMs: field({
    env: 'CURFEW_REFRESH_TOKEN_LIFETIME',
    simpleJwt: 'REFRESH_TOKEN_LIFETIME',
    schema: duration(second),
    otherwise: '3d',
    takes: durationTakes,
    doc: 'Life of a refresh token.',
  }),
  slidingLifetimeMs: field({
    env: 'CURFEW_SLIDING_TOKEN_LIFETIME',
    simpleJwt: 'SLIDING_TOKEN_LIFETIME',
    schema: duration(second),
    otherwise: '5m',
    takes: durationTakes,
    doc: 'Life of a sliding token, from each renewal anew.',
  }),
  slidingRefreshLifetimeMs: field({
    env: 'CURFEW_SLIDING_TOKEN_REFRESH_LIFETIME',
    simpleJwt: 'SLIDING_TOKEN_REFRESH_LIFETIME',
    schema: duration(second),
    otherwise: '1d',
    takes: durationTakes,
    doc: 'How long after its login a sliding token may be renewed.',
  }),
  sessionMaxLifetimeMs: field({
    env: 'CURFEW_SESSION_MAX_LIFETIME',
    schema: duration(second),
    otherwise: '30d',
    takes: durationTakes,
    doc: 'No token of a session outlives its login by more than this.',
  }),
  rotate: field({
    env: 'CURFEW_ROTATE_REFRESH_TOKENS',
    simpleJwt: 'ROTATE_REFRESH_TOKENS',
    schema: flag,
    otherwise: 'true',
    takes: flagTakes,
    doc: 'A refresh answers a new refresh token too.',
  }),
  blacklistAfterRotation: field({
    env: 'CURFEW_BLACKLIST_AFTER_ROTATION',
    simpleJwt: 'BLACKLIST_AFTER_ROTATION',
    schema: flag,
    otherwise: 'true',
    takes: flagTakes,
    doc:
      'A rotated refresh token ends. When false, reuse is not detected: predecessors stay good ' +
      'until they expire.',
  }),
  graceMs: field({
    env: 'CURFEW_REFRESH_GRACE_PERIOD',
    schema: duration(),
    otherwise: '10s',
    takes: durationTakes,
    doc: 'How long a rotated refresh token still gets the same successor; 0 is strict.',
  }),
  maxSessions: field({
    env: 'CURFEW_MAX_SESSIONS',
    schema: whole(0, 100),
    otherwise: '0',
    takes: 'a number up to 100; 0 for any number',
    doc:
      'How many sessions a user may have. A login beyond it ends the oldest, with the reason ' +
      '`session_limit`.',
  }),
  clearSiteData: field({
    env: 'CURFEW_CLEAR_SITE_DATA',
    schema: flag,
    otherwise: 'false',
    takes: flagTakes,
    doc:
      'A logout answers `Clear-Site-Data: "cache", "storage"`: the browser forgets what pages of ' +
      'the whole origin cached and stored.',
  }),
  client: field({
    env: 'CURFEW_CLIENT_ID',
    schema: checkedBy(clientId),
    otherwise: 'curfew',
    takes: 'up to 64 of A-Z a-z 0-9 . _ -',
    doc: 'The `client_id` of sessions opened by `POST /login`.',
  }),
} as const
