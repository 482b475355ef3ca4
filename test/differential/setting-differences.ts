import { at, type Difference } from './difference.ts'

const neither = "ROTATE_REFRESH_TOKENS off, BLACKLIST_AFTER_ROTATION off (the package's defaults)"
const started = 'starts; obtain answers 200 {"refresh":"<jwt>","access":"<jwt>"}'
const checkOn = 'CHECK_REVOKE_TOKEN on'
const checkActive = 'CHECK_USER_IS_ACTIVE off'
const noName = (variable: string): string =>
  `does not start: ${variable}="null!": is no claim name. It takes a claim name.`

/** What settings change there and not here, or otherwise. */
export const settingDifferences: readonly Difference[] = [
  {
    what: 'Rotation off: a `/refresh` of one’s own',
    there: '500: it expects a new refresh token',
    here: '200 with a new access cookie',
    why: 'It is a setting, and it works.',
    cases: [
      {
        rows: at("the blog's /refresh (it expects a new refresh token)", neither),
        answer: { status: 200, body: { detail: 'refresh success' }, cookies: 'set' },
      },
    ],
  },
  {
    what: 'Verify, with `BLACKLIST_AFTER_ROTATION` off',
    there: 'says 200 of a blacklisted token',
    here: '400 `Token is blacklisted`, always',
    why: 'Whether a token is good does not depend on how another one was replaced.',
    cases: [
      {
        rows: at(
          '/api/token/verify/ with a blacklisted token',
          neither,
          'ROTATE_REFRESH_TOKENS on, BLACKLIST_AFTER_ROTATION off',
        ),
        answer: { status: 400, body: { non_field_errors: ['Token is blacklisted'] } },
      },
    ],
  },
  {
    what: '`CHECK_REVOKE_TOKEN`',
    there: 'an MD5 of the stored password hash in every token',
    here: 'a mark that is no hash, beside the claims that tokens have anyway',
    why: 'Nothing of a password travels. Sessions end at a change of password without it too.',
    cases: [
      {
        rows: at('claims of the access token', checkOn),
        answer: {
          said: [
            ...['aud', 'auth_time', 'client_id', 'epoch', 'exp', 'hash_password', 'iat', 'iss'],
            ...['jti', 'roles', 'sid', 'sst', 'sub', 'token_type', 'user_id'],
          ],
        },
      },
    ],
  },
  {
    what: '`CHECK_USER_IS_ACTIVE` off',
    there: 'an inactive user’s tokens go on working',
    here: '401: to disable a user ends all their sessions',
    why: 'Who shall keep their sessions is not disabled.',
    cases: [
      {
        rows: at('/me of a user made inactive', checkActive),
        answer: { status: 401, body: { detail: 'User is inactive', code: 'user_inactive' } },
      },
      {
        rows: at('/api/token/refresh/ of a user made inactive', checkActive),
        answer: { status: 401, body: { detail: 'No active account found for the given token.' } },
      },
    ],
  },
  {
    what: '`USER_ID_CLAIM` `sub` with a `USER_ID_FIELD` that can change',
    there: 'taken',
    here: 'refused at start; any other claim may hold the name',
    why: '`sub` never changes and is never given to somebody else.',
    cases: [
      {
        rows: ['USER_ID_FIELD "username", USER_ID_CLAIM "sub" | claims of the access token'],
        answer: {
          said: [
            ...['aud', 'auth_time', 'client_id', 'epoch', 'exp', 'iat', 'iss', 'jti', 'login'],
            ...['roles', 'sid', 'sst', 'sub', 'token_type'],
          ],
        },
      },
    ],
  },
  {
    what: '`JTI_CLAIM` or `TOKEN_TYPE_CLAIM` set to None',
    there: 'writes a claim named `null`; refreshes answer 500, refresh tokens authenticate',
    here: 'refused at start',
    why: 'Without these two claims no token can be revoked or told from another kind.',
    cases: [
      { rows: ['JTI_CLAIM null | *'], answer: { said: noName('CURFEW_JTI_CLAIM') } },
      { rows: ['TOKEN_TYPE_CLAIM null | *'], answer: { said: noName('CURFEW_TOKEN_TYPE_CLAIM') } },
    ],
  },
  {
    what: 'Mistakes in settings',
    there: 'show at the first login (a 500), or as a warning; RS256 needs another package',
    here: 'stop the start with a list of all of them; a variable that is unknown is warned of',
    why: 'A service that starts should work.',
    cases: [
      {
        rows: [
          'settings | {"ALGORITHM": "RS256"}',
          'settings | {"SECRET_KEY": "x"}',
          'settings | {"SIGNING_KEY": null}',
        ],
        answer: { said: started },
      },
      {
        rows: ['settings | {"ALGORITHM": "none"}'],
        answer: {
          said:
            'does not start: CURFEW_ALGORITHM="none": is no algorithm that Curfew signs with. It ' +
            'takes ES256, ES384, ES512, RS256, RS384, RS512, PS256, PS384, PS512, ' +
            'HS256, HS384, HS512.',
        },
      },
      {
        rows: ['settings | {"SIGNING_KEY": "short"}'],
        answer: {
          said: 'does not start: CURFEW_SIGNING_KEY is too short: HS256 takes 32 bytes or more',
        },
      },
    ],
  },
]
