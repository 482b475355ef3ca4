import { at, type Difference } from './difference.ts'

const obtain = ['POST /login', 'POST /api/token/', 'POST /api/token/sliding/'] as const
const noCredentials = { detail: 'No active account found with the given credentials' }
const field = (label: string): object => ({
  type: 'string',
  required: true,
  read_only: false,
  label,
})
/** Masked as all answers are. */
export const whoAmI = {
  user_id: '<string>',
  username: '<username>',
  roles: ['user'],
  sid: '<sid>',
  auth_time: '<auth_time>',
}

/** What views take and show. */
export const viewDifferences: readonly Difference[] = [
  {
    what: 'A write that a page of another site caused',
    there: 'done',
    here: '403',
    why: 'Cookies are sent by the browser, whoever asked for it (CSRF).',
    cases: [
      {
        rows: [
          'POST /refresh | Origin and Referer of another site (there is no CSRF or origin check)',
        ],
        answer: {
          status: 403,
          body: {
            detail:
              'This request came from a page of https://evil.example. ' +
              'CURFEW_TRUSTED_ORIGINS names the pages that may.',
            code: 'origin_refused',
          },
          cookies: 'none',
        },
      },
    ],
  },
  {
    what: 'Spaces around a password',
    there: 'taken off',
    here: 'part of it',
    why: 'What was typed is what is hashed. Around a name they are taken off here too.',
    cases: [
      {
        rows: at('spaces around password', ...obtain),
        answer: { status: 401, body: noCredentials, cookies: 'none' },
      },
    ],
  },
  {
    what: 'A body of more than 16 KiB',
    there: 'read',
    here: '413',
    why: 'No login is that large, and whoever sends one has not been authenticated.',
    cases: [
      {
        rows: at('username of 100,000 characters', ...obtain),
        answer: {
          status: 413,
          body: { detail: 'The body is larger than 16384 bytes.', code: 'body_too_large' },
        },
      },
    ],
  },
  {
    what: 'HTML for browsers',
    there: 'form pages for `Accept: text/html`, and a `csrftoken` cookie',
    here: 'JSON',
    why: 'An API without pages has no scripts to inject into.',
    cases: [
      {
        rows: at('Accept: text/html, success', 'POST /login'),
        answer: { body: { detail: 'login success' } },
      },
      {
        rows: ['POST /login | OPTIONS'],
        answer: {
          body: {
            name: 'Login',
            description: '',
            renders: ['application/json'],
            parses: [
              'application/json',
              'application/x-www-form-urlencoded',
              'multipart/form-data',
            ],
            actions: { POST: { username: '<username>', password: field('Password') } },
          },
        },
      },
    ],
  },
  {
    what: '`GET /me`',
    there: '`user_id`, a number',
    here: '`user_id` as the token has it, a string; and `username`, `roles`, `sid`, `auth_time`',
    why: 'One type, in the token and outside; ids of users need not be numbers.',
    cases: [
      {
        rows: [
          'GET /me | success, cookie',
          'GET /me | success, Authorization',
          'CHECK_REVOKE_TOKEN on | /me before the password change',
          'AUDIENCE ["a", "b"], ISSUER "peer" | /me, aud b, iss peer',
          'AUDIENCE ["a", "b"], ISSUER "peer" | /me, aud [b, z], iss peer',
          'LEEWAY 60 | /me, expired 30 s ago',
          'LEEWAY 60 | /me, iat 30 s ahead',
          'AUTH_TOKEN_CLASSES access and sliding | /me with a sliding token',
          'AUTH_HEADER_TYPES ["JWT", "Bearer"] | /me, JWT <good>',
          'AUTH_HEADER_TYPES ["JWT", "Bearer"] | /me, Bearer <good>',
          'USER_ID_FIELD "username", USER_ID_CLAIM "sub" | /me',
          'ALGORITHM "HS512" | /me',
        ],
        answer: { body: whoAmI },
      },
      {
        rows: ['GET /me | token: user_id is a number'],
        answer: { body: { ...whoAmI, user_id: '<number>' } },
      },
    ],
  },
  {
    what: '`GET /me/stateless`, of views of one’s own',
    there: 'a view that asks no database',
    here: '404: there is no such route',
    why: 'A guard in a service does that, and knows revocations too.',
    cases: [
      {
        rows: [
          'GET /me/stateless | *',
          'CHECK_REVOKE_TOKEN on | /me/stateless after the password change',
          'USER_ID_FIELD "username", USER_ID_CLAIM "sub" | /me/stateless',
        ],
        answer: { status: 404, body: { detail: 'Not found.', code: 'not_found' } },
      },
    ],
  },
]
