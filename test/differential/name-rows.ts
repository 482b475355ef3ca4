import { generateKeyPairSync } from 'node:crypto'
import type { Env } from '../../shared/kernel/config.ts'
import { hs256 } from '../support/fakes/sample-tokens.ts'
import { held } from './held.ts'
import type { Scenario } from './rows.ts'
import {
  claimNames,
  type Group,
  good,
  me,
  named,
  refreshed,
  slide,
  stateless,
} from './setting-group.ts'
import { addLoginUsers, claimsOf, openStage, partOf, password } from './stage.ts'
import { endSliding } from './token-view-rows.ts'

const ended = held(async (stage, { user }) => {
  const { body } = await stage.raw({
    path: '/api/token/sliding/refresh/',
    json: { token: await stage.slidingOf(user) },
  })
  const token = String(body['token'])
  await endSliding(stage, token)
  return slide(stage, token)
})

const scheme = (name: string): Scenario =>
  held((stage, { access }) => me(stage, name === '' ? '' : access, name))

const namesAndHeaders: readonly Group[] = [
  {
    env: { CURFEW_SLIDING_TOKEN_LIFETIME: '4s' },
    rows: named('SLIDING_TOKEN_LIFETIME 4 s', {
      'the refreshed token, its jti blacklisted': ended,
      "the same after flushexpiredtokens, the first token's exp being past": ended,
    }),
  },
  {
    env: { CURFEW_AUTH_HEADER_TYPES: 'JWT,Bearer' },
    scheme: 'JWT',
    rows: named('AUTH_HEADER_TYPES ["JWT", "Bearer"]', {
      '/me, JWT <good>': scheme('JWT'),
      '/me, Bearer <good>': scheme('Bearer'),
      '/me, none': scheme(''),
    }),
  },
  {
    env: { CURFEW_USER_ID_FIELD: 'username', CURFEW_USER_ID_CLAIM: 'login' },
    rows: named('USER_ID_FIELD "username", USER_ID_CLAIM "sub"', {
      'claims of the access token': claimNames,
      '/me': good,
      '/me/stateless': held((stage, { access }) => stateless(stage, access)),
      '/api/token/refresh/': refreshed,
    }),
  },
]

/** Whether a gateway starts with these settings, and what its first login answers. */
const startWith =
  (env: Env): Scenario =>
  async () => {
    try {
      const stage = await openStage(env)
      await addLoginUsers(stage)
      const json = { username: 'alice', password }
      const answer = await stage.send({ path: '/api/token/', json })
      await stage.close()
      const { status, body } = answer as Readonly<{ status: number; body: unknown }>
      return { said: `starts; obtain answers ${status} ${JSON.stringify(body)}` }
    } catch (error) {
      const lines = (error as Error).message.split('\n')
      return { said: `does not start: ${lines.at(-1)?.trim()}` }
    }
  }

const pem = {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
} as const
const secret = 'a secret of the tests that is long enough for HS512, which takes 64 bytes'
const hs512: Group = {
  env: { CURFEW_ALGORITHM: 'HS512', CURFEW_SIGNING_KEY: secret },
  rows: named('ALGORITHM "HS512"', {
    '/me': good,
    '/me with an HS256 token': held((stage, { access }) =>
      me(stage, hs256({ ...partOf(access, 0), alg: 'HS256' }, claimsOf(access), secret)),
    ),
  }),
}

/** What Simple-JWT does with choices that Curfew does not have, or refuses at its start. */
const starts: Group = {
  env: {},
  rows: {
    'settings | {"ALGORITHM": "RS256"}': startWith({
      CURFEW_ALGORITHM: 'RS256',
      CURFEW_SIGNING_KEY: generateKeyPairSync('rsa', pem).privateKey,
    }),
    'settings | {"ALGORITHM": "none"}': startWith({ CURFEW_ALGORITHM: 'none' }),
    'settings | {"SECRET_KEY": "x"}': startWith({ CURFEW_SECRET_KEY: 'x' }),
    'settings | {"SIGNING_KEY": null}': startWith({ CURFEW_SIGNING_KEY: '' }),
    'settings | {"SIGNING_KEY": "short"}': startWith({
      CURFEW_ALGORITHM: 'HS256',
      CURFEW_SIGNING_KEY: 'short',
    }),
    'settings | {"NO_SUCH_SETTING": 1}': startWith({ CURFEW_NO_SUCH_SETTING: '1' }),
    ...named('JTI_CLAIM null', {
      'names of the claims of the access token': startWith({ CURFEW_JTI_CLAIM: 'null!' }),
      '/api/token/': startWith({ CURFEW_JTI_CLAIM: 'null!' }),
      '/me': startWith({ CURFEW_JTI_CLAIM: 'null!' }),
      '/api/token/refresh/': startWith({ CURFEW_JTI_CLAIM: 'null!' }),
    }),
    ...named('TOKEN_TYPE_CLAIM null', {
      'names of the claims of the access token': startWith({ CURFEW_TOKEN_TYPE_CLAIM: 'null!' }),
      '/api/token/': startWith({ CURFEW_TOKEN_TYPE_CLAIM: 'null!' }),
      '/me with a refresh token': startWith({ CURFEW_TOKEN_TYPE_CLAIM: 'null!' }),
    }),
  },
}
export const nameSettings: readonly Group[] = [...namesAndHeaders, hs512, starts]
