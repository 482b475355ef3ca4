import { at, type Difference, invalid, refusedHeader } from './difference.ts'
import { whoAmI } from './view-differences.ts'

const refreshes = ['POST /refresh', 'POST /api/token/refresh/'] as const
const blacklist = 'POST /api/token/blacklist/'
const sliding = 'POST /api/token/sliding/refresh/'
const verify = 'POST /api/token/verify/'
const posts = [...refreshes, blacklist, sliding, verify] as const
const invalidHeader = refusedHeader('Token is invalid')
const past = 'Expires=Thu, 01 Jan 1970 00:00:00 GMT'
const thumb = '<thumbprint>'
const common = ['auth_time', 'client_id', 'epoch', 'exp', 'iat', 'iss', 'jti'] as const
const rest = ['roles', 'sid', 'sst', 'sub', 'token_type', 'user_id'] as const

/** Tokens that only the holder of a signing key could make, and what good ones hold. */
export const tokenDifferences: readonly Difference[] = [
  {
    what: 'A well signed token that lacks `exp`, `jti`, `token_type` or `refresh_exp`',
    there: '401 with a message for each, or a 500 (`jti`); verify takes one without `token_type`',
    here: '401 `Token is invalid`',
    why: 'Curfew signs no such token: it was made with a stolen key. One answer for all of them.',
    cases: [
      {
        rows: [
          ...at('token: no exp', ...posts),
          ...at('token: no token_type', ...refreshes, blacklist, sliding),
          ...at('token: no jti', verify),
          ...at('no refresh_exp', sliding),
        ],
        answer: { body: invalid },
      },
      {
        rows: [
          ...at('token: no jti', ...refreshes, blacklist, sliding),
          ...at('token: no token_type', verify),
        ],
        answer: { status: 401, body: invalid },
      },
      {
        rows: [
          'GET /me | token: no exp',
          'GET /me | token: no token_type',
          'GET /me | token: no jti',
        ],
        answer: { body: invalidHeader },
      },
    ],
  },
  {
    what: 'A well signed token with `exp` as text, no `iat`, a foreign `aud`, or a made-up kind',
    there: 'a 500, or accepted',
    here: '401 `Token is invalid`; `aud` says nothing in a refresh token, which only Curfew reads',
    why: 'Claims are checked for their form; access and sliding tokens always name their audience.',
    cases: [
      {
        rows: [
          ...at('token: exp is a string of digits', ...posts),
          ...at('token: no iat', refreshes[1], blacklist, sliding, verify),
          ...at('token: aud claim present, none configured', sliding, verify),
          'POST /api/token/verify/ | token: wrong type',
        ],
        answer: { status: 401, body: invalid },
      },
      {
        rows: ['POST /refresh | token: no iat'],
        answer: { status: 401, body: invalid, cookies: 'none' },
      },
      {
        rows: [
          ...at('token: exp is a string of digits', 'GET /me'),
          ...at('token: no iat', 'GET /me'),
          ...at('token: aud claim present, none configured', 'GET /me'),
        ],
        answer: { status: 401, body: invalidHeader },
      },
    ],
  },
  {
    what: 'A well signed token whose `user_id` is missing, of nobody, or a word',
    there: 'a 500, a 401 or accepted, by route',
    here: 'accepted: `sub` says whose token it is',
    why: '`user_id` is what services know a user by; it decides nothing here.',
    cases: [
      {
        rows: [
          ...at('token: user_id of nobody', 'POST /refresh'),
          ...at('token: user_id is a word', 'POST /refresh'),
        ],
        answer: { status: 200, body: { detail: 'refresh success' }, cookies: 'set' },
      },
      {
        rows: [
          ...at('token: user_id of nobody', 'POST /api/token/refresh/'),
          ...at('token: user_id is a word', 'POST /api/token/refresh/'),
        ],
        answer: { status: 200, body: { access: '<jwt>', refresh: '<jwt>' } },
      },
      {
        rows: at('token: user_id is a word', blacklist),
        answer: { status: 200, body: {} },
      },
      {
        rows: [
          'GET /me | token: no user_id',
          'GET /me | token: user_id of nobody',
          'GET /me | token: user_id is a word',
        ],
        answer: { status: 200, body: whoAmI },
      },
    ],
  },
  {
    what: 'What a token holds',
    there: '`token_type`, `exp`, `iat`, `jti`, `user_id`; HS256 without a key id',
    here:
      'these and `iss`, `sub`, `aud`, `sid`, `client_id`, `auth_time`, `epoch`, `sst`, `roles`; ' +
      'ES256, `typ` and `kid`',
    why:
      'Services verify without a secret (RFC 9068), and a revocation finds every token of a ' +
      'session.',
    cases: [
      {
        rows: ['claims | header of the access token'],
        answer: { said: { alg: 'ES256', typ: 'at+jwt', kid: thumb } },
      },
      {
        rows: ['claims | header of the refresh token'],
        answer: { said: { alg: 'HS256', typ: 'rt+jwt', kid: thumb } },
      },
      {
        rows: ['claims | claims of the access token'],
        answer: { said: ['aud', ...common, ...rest] },
      },
      {
        rows: ['claims | claims of the refresh token'],
        answer: { said: [...common, ...rest, 'ver'] },
      },
      {
        rows: ['claims | claims of the sliding token'],
        answer: { said: ['aud', ...common, 'refresh_exp', ...rest] },
      },
      {
        rows: ['claims | iss, aud, sub, nbf, kid in the access token'],
        answer: { said: ['iss', 'aud', 'sub', 'kid'] },
      },
    ],
  },
  {
    what: 'Attributes of the cookies, `Cache-Control`',
    there: '`HttpOnly; Path=/` alone; nothing',
    here: '`SameSite`, `Max-Age`, behind https `Secure` and prefixed names; `no-store`',
    why: 'A token cookie travels nowhere else and ends with its token; no cache keeps an answer.',
    cases: [
      {
        rows: ['claims | cookies of a login'],
        answer: {
          said: [
            'access=<jwt>; HttpOnly; Max-Age=<seconds>; Path=/; SameSite=Lax',
            'refresh=<jwt>; HttpOnly; Max-Age=<seconds>; Path=/; SameSite=Strict',
          ],
        },
      },
      {
        rows: ['claims | cookies of a logout'],
        answer: {
          said: [
            `access=; ${past}; HttpOnly; Max-Age=0; Path=/; SameSite=Lax`,
            `refresh=; ${past}; HttpOnly; Max-Age=0; Path=/; SameSite=Strict`,
          ],
        },
      },
      { rows: ['claims | Cache-Control of a login'], answer: { said: 'no-store' } },
    ],
  },
]
