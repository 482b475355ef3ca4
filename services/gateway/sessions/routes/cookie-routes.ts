import { z } from 'zod'
import { fields, json } from '../../../../shared/http/route-doc.ts'
import {
  changing,
  detail,
  type GatewayRoute,
  post,
  revoking,
  superseded,
  takingFields,
  throttled,
  unauthenticated,
} from '../../http/index.ts'
import type { SessionRouteDeps } from '../index.ts'
import { loginRoute } from './login.ts'
import { logoutRoute } from './logout.ts'
import { refreshRoute } from './refresh.ts'
import { slidingLoginRoute, slidingRefreshRoute } from './sliding.ts'
import { verifyRoute } from './verify.ts'

const tag = 'Cookies'
const credentials = z.object({
  username: z.string(),
  password: z.string(),
  /** True by default; false sets cookies that last until the browser closes. */
  remember: z.boolean().optional(),
})
const description =
  'Ends every session whose cookies the browser presented. `remember: false` sets cookies that ' +
  'go with the browser.'
const setsCookies = { 'Set-Cookie': 'The token cookies.' }
const everybody: readonly [] = []

/** Tokens come and go in HttpOnly cookies; no body ever holds one. */
export const cookieRoutes: readonly GatewayRoute<SessionRouteDeps>[] = [
  post('/login', loginRoute, {
    summary: 'Log in; sets the access and the refresh cookie',
    description,
    tag,
    security: everybody,
    body: fields(credentials),
    answers: takingFields({
      200: { ...detail('login success'), headers: setsCookies },
      401: unauthenticated,
      429: throttled,
    }),
  }),
  post('/refresh', refreshRoute, {
    summary: 'Refresh; sets both cookies, or only the access cookie where rotation is off',
    tag,
    security: [['refreshCookie']],
    answers: changing({
      200: { ...detail('refresh success'), headers: setsCookies },
      400: unauthenticated,
      401: unauthenticated,
      409: superseded,
    }),
  }),
  post('/logout', logoutRoute, {
    summary: 'Log out: ends every session whose token is presented, everywhere',
    description:
      'A refresh cookie that may still rotate is proof enough for its own session, and so is a ' +
      'living access token. With nothing valid: 401, and the cookies are cleared when their ' +
      'session is known to be dead.',
    tag,
    security: [['refreshCookie'], ['accessCookie'], ['bearer']],
    answers: changing({
      200: revoking({ ...detail('token blacklisted'), headers: setsCookies }),
      400: unauthenticated,
      401: unauthenticated,
    }),
  }),
  post('/verify', verifyRoute, {
    summary: 'Whether the access cookie holds a good token',
    tag,
    security: [['accessCookie']],
    answers: changing({
      200: { description: 'It does.', content: json(z.object({})) },
      400: { description: 'It ended.', content: unauthenticated.content ?? json(z.object({})) },
      401: unauthenticated,
    }),
  }),
  post('/sliding/login', slidingLoginRoute, {
    summary: 'Log in with a sliding token, in the access cookie',
    description,
    tag,
    security: everybody,
    body: fields(credentials),
    answers: takingFields({
      200: { ...detail('login success'), headers: setsCookies },
      401: unauthenticated,
      429: throttled,
    }),
  }),
  post('/sliding/refresh', slidingRefreshRoute, {
    summary: 'Renew the sliding token in the access cookie',
    tag,
    security: [['accessCookie']],
    answers: changing({
      200: { ...detail('refresh success'), headers: setsCookies },
      400: unauthenticated,
      401: unauthenticated,
    }),
  }),
]
