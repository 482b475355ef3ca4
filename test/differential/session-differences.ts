import { at, blacklisted, type Difference, noAccount, refusedHeader } from './difference.ts'

const refusedAfterEnd = refusedHeader('Token is blacklisted')
const refreshView = 'POST /api/token/refresh/'
const checkOn = 'CHECK_REVOKE_TOKEN on'
const checkOff = 'CHECK_REVOKE_TOKEN off (default)'
const forgotten = { non_field_errors: ['Token is blacklisted'] }

/** What ends a session, and what it takes with it. */
export const sessionDifferences: readonly Difference[] = [
  {
    what: 'A refresh token is presented again after its rotation',
    there: '401; its successor goes on working',
    here: '401, and the session ends: the successor is refused too, cookies are cleared',
    why: 'One of the two who hold it is a thief, and nobody can tell which (RFC 9700, 4.14.2).',
    cases: [
      {
        rows: ['POST /refresh | the same refresh cookie again (blacklisted)'],
        answer: { cookies: 'deleted' },
      },
      {
        rows: ['POST /refresh | the successor, after that reuse (no family revocation)'],
        answer: { status: 401, body: blacklisted, cookies: 'deleted' },
      },
    ],
  },
  {
    what: 'An access token of a session that was logged out or ended otherwise',
    there: 'accepted until it expires, by `/me` and by verify',
    here: '401; 400 `Token is blacklisted` at verify',
    why: 'A logout is true everywhere. This is what Curfew is for.',
    cases: [
      {
        rows: ['GET /me | old access token after logout'],
        answer: { status: 401, body: refusedAfterEnd },
      },
      {
        rows: ['POST /api/token/verify/ | access token of a logged-out session'],
        answer: { status: 400, body: forgotten },
      },
    ],
  },
  {
    what: 'Cookies of a session that is dead, or of a user who is inactive or deleted',
    there: 'refused, and left in the browser',
    here: 'refused and cleared; a second logout names the access token, which is dead as well',
    why: 'A browser that keeps sending a dead pair never gets to its login page.',
    cases: [
      {
        rows: [
          ...at('user made inactive after login', 'POST /refresh', 'POST /logout'),
          'POST /refresh | after logout',
          'POST /refresh | token: user is inactive',
          'POST /logout | user deleted after login',
        ],
        answer: { cookies: 'deleted' },
      },
      {
        rows: ['POST /logout | the same cookies again'],
        answer: { body: refusedAfterEnd, cookies: 'deleted' },
      },
    ],
  },
  {
    what: 'Logout with one good token: without a living access token, or without a refresh token',
    there: '401, and the session goes on; both tokens have to be good',
    here: '200: the session of the good token ends, and the cookies are cleared',
    why: 'A tab that was idle for longer than an access token lives must be able to log out.',
    cases: [
      {
        rows: [
          ...['refresh cookie only', 'access cookie only', 'refresh cookie as access'],
          ...['expired access, good refresh', 'malformed access, good refresh'],
          ...['good access, malformed refresh', 'good access, access token as refresh'],
          ...['good access, expired refresh', 'good access, alg none refresh'],
        ].map((name) => `POST /logout | ${name}`),
        answer: { status: 200, body: { detail: 'token blacklisted' }, cookies: 'deleted' },
      },
      {
        rows: ['POST /refresh | the refresh token of that refused logout'],
        answer: { status: 401, body: blacklisted, cookies: 'deleted' },
      },
    ],
  },
  {
    what: 'Logout with one’s own access token and another user’s refresh token',
    there: '200: the other user is logged out',
    here: '401, and neither session is touched',
    why: 'Nobody ends the session of somebody else.',
    cases: [
      {
        rows: ["POST /logout | alice's access, bob's refresh"],
        answer: {
          status: 401,
          body: { detail: 'Token is invalid', code: 'token_not_valid' },
          cookies: 'none',
        },
      },
      {
        rows: ["POST /refresh | bob's refresh after alice logged it out"],
        answer: { status: 200, body: { detail: 'refresh success' }, cookies: 'set' },
      },
    ],
  },
  {
    what: 'A blacklisted token after the blacklist was flushed, or within the leeway after that',
    there: 'accepted again',
    here: '401',
    why: 'A revocation is remembered longer than any token that it could meet, by itself.',
    cases: [
      {
        rows: [
          'POST /refresh | a blacklisted, unexpired token whose rows are gone (expires_at moved ' +
            'back by hand, then flushed)',
        ],
        answer: { status: 401, body: blacklisted, cookies: 'deleted' },
      },
      {
        rows: [
          'LEEWAY 60 | the same token after flushexpiredtokens',
          "SLIDING_TOKEN_LIFETIME 4 s | the same after flushexpiredtokens, the first token's exp " +
            'being past',
        ],
        answer: { status: 401, body: blacklisted },
      },
    ],
  },
  {
    what: 'A token of a user who was disabled or deleted',
    there: 'renewed (sliding), blacklisted, verified; a deleted user’s refresh is a 500',
    here: '401 `No active account found for the given token.` where it would be renewed',
    why: 'To disable or delete a user ends all their sessions.',
    cases: [
      {
        rows: ['POST /refresh | user deleted after login'],
        answer: { status: 401, body: noAccount, cookies: 'deleted' },
      },
      {
        rows: [
          'POST /api/token/sliding/refresh/ | user made inactive after login',
          'POST /api/token/sliding/refresh/ | user deleted after login',
          'POST /api/token/sliding/refresh/ | token: user is inactive',
        ],
        answer: { status: 401, body: noAccount },
      },
      {
        rows: [
          'POST /api/token/blacklist/ | user deleted after login',
          'POST /api/token/blacklist/ | token: user is inactive',
        ],
        answer: { status: 401, body: blacklisted },
      },
      {
        rows: ['POST /api/token/verify/ | token: user is inactive'],
        answer: { status: 400, body: forgotten },
      },
    ],
  },
  {
    what: 'Tokens from before a change of password',
    there: 'go on working; with `CHECK_REVOKE_TOKEN` at `/me` alone they do not',
    here: 'refused everywhere, whatever the settings',
    why: 'A change of password ends all sessions of the user.',
    cases: [
      {
        rows: [`${checkOff} | /me after a password change`],
        answer: { status: 401, body: refusedAfterEnd },
      },
      {
        rows: [
          ...at('/api/token/refresh/ after the password change', checkOn),
          ...at('/api/token/refresh/ after a password change', checkOff),
          ...at('/api/token/sliding/refresh/ after the password change', checkOn),
        ],
        answer: { status: 401, body: blacklisted },
      },
      {
        rows: at('/api/token/verify/ with the old access token', checkOn),
        answer: { status: 400, body: forgotten },
      },
    ],
  },
  {
    what: 'A token that is well signed and was never issued',
    there: 'accepted: the outstanding list is a record',
    here: '401, and an alarm in the log for one that renews',
    why: 'A token without a session came from a stolen key or a restored store.',
    cases: [
      {
        rows: at('token: well signed, never issued', 'POST /refresh'),
        answer: { status: 401, body: blacklisted, cookies: 'none' },
      },
      {
        rows: at(
          'token: well signed, never issued',
          refreshView,
          'POST /api/token/blacklist/',
          'POST /api/token/sliding/refresh/',
        ),
        answer: { status: 401, body: blacklisted },
      },
      {
        rows: at('token: well signed, never issued', 'POST /api/token/verify/'),
        answer: { status: 400, body: forgotten },
      },
      {
        rows: at('token: well signed, never issued', 'GET /me'),
        answer: { status: 401, body: refusedAfterEnd },
      },
    ],
  },
]
