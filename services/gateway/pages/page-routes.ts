import { z } from 'zod'
import { type AnswerDoc, form, type RouteDoc } from '../../../shared/http/route-doc.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { meRoute } from '../accounts/routes/index.ts'
import { type GatewayRoute, get, type Handler, notFound, post } from '../http/index.ts'
import {
  accountRoute,
  endOneRoute,
  endOthersRoute,
  ownDataRoute,
  ownPasswordRoute,
} from './account-routes.ts'
import { callRoute } from './call-route.ts'
import { keepLastCookies, whenSignedIn } from './cookie-renewal.ts'
import type { PageDeps } from './page-deps.ts'
import { goTo } from './redirects.ts'
import { signInFormRoute, signInRoute } from './sign-in-routes.ts'
import { signOutFormRoute, signOutRoute } from './sign-out-routes.ts'

/** `GET /`: leads a browser to its account, or to the sign-in; there is nothing for the rest. */
export const homeRoute: Handler<PageDeps> = (deps) => async (ctx) => {
  ctx.vary('Accept')
  if (ctx.accepts('json', 'html') !== 'html') throw new AuthError('NOT_FOUND', 'Not found.')
  const { base } = deps.pages
  const isSignedIn = await whenSignedIn(deps, ctx, async () => {
    await callRoute(meRoute, deps, ctx)
    return true
  })
  keepLastCookies(ctx)
  goTo(ctx, isSignedIn ? `${base}/account` : `${base}/sign-in`)
}

const page = (description: string): AnswerDoc => ({
  description,
  content: { type: 'text/html', schema: z.string() },
})
const leads = (description: string): AnswerDoc => ({
  description,
  headers: { Location: 'Where the browser goes on.' },
})
const failing = { 409: page('Another tab renewed the session.'), 503: page('Try again.') }
const refusing = {
  ...failing,
  400: page('What is wrong, in words; the form again.'),
  403: page('A page of another origin made a browser send this.'),
  413: page('The body is larger than 16 KiB.'),
  415: page('The body is no form.'),
  429: page('Too many attempts, and how long to wait.'),
}
const tag = 'Pages'
const everybody = { tag, security: [], ignoresQuery: true } as const
const signedIn = {
  tag,
  security: [['accessCookie'], ['refreshCookie']],
  ignoresQuery: true,
} as const
const returnTo = z.string().max(2_048).optional()
const returning: RouteDoc['parameters'] = [
  {
    in: 'query',
    name: 'return_to',
    description:
      'Where to go on: a path of the gateway’s origin, or an address of CURFEW_RETURN_ORIGINS. ' +
      'Anything else is left out.',
    schema: z.string(),
  },
]
const toForm = leads('Nobody is signed in: to `/sign-in`, and from there back.')
const credentials = z.object({
  username: z.string(),
  password: z.string(),
  remember: z.literal('true').optional(),
  return_to: returnTo,
  /** A random id that the page put in the form; the same form sent twice opens one session. */
  once: z.string().optional(),
})

/** Pages for people. Each does what a route of the API does, by asking that route. */
export const pageRoutes: readonly GatewayRoute<PageDeps>[] = [
  get('/', homeRoute, {
    ...everybody,
    summary: 'Leads a browser to its account, or to the sign-in',
    answers: { ...failing, 303: leads('`Accept` prefers HTML.'), 404: notFound },
  }),
  get('/sign-in', signInFormRoute, {
    ...everybody,
    summary: 'The form that signs in; who is signed in goes on at once',
    parameters: returning,
    answers: { ...failing, 200: page('The form.'), 303: leads('Somebody is signed in.') },
  }),
  post('/sign-in', signInRoute, {
    ...everybody,
    summary: 'Signs in, as `POST /login` does',
    body: [form(credentials)],
    answers: {
      ...refusing,
      200: page('Leads on to `return_to`.'),
      303: leads('To the account or the console.'),
      401: page('The name or the password is wrong; the form again.'),
    },
  }),
  get('/sign-out', signOutFormRoute, {
    ...everybody,
    summary: 'Asks whether to sign out',
    parameters: returning,
    answers: { ...failing, 200: page('The question.'), 303: leads('Nobody is signed in.') },
  }),
  post('/sign-out', signOutRoute, {
    ...everybody,
    summary: 'Signs out, as `POST /logout` does',
    body: [form(z.object({ return_to: returnTo }))],
    answers: {
      ...refusing,
      200: page('Leads on to `return_to`.'),
      303: leads('To the sign-in, or to another page of Curfew.'),
    },
  }),
  get('/account', accountRoute, {
    ...signedIn,
    summary: 'One’s own sessions, history and password',
    parameters: [
      {
        in: 'query',
        name: 'after',
        description: 'The cursor of more sessions, from the page before.',
        schema: z.string(),
      },
    ],
    answers: { ...refusing, 200: page('The account.'), 303: toForm },
  }),
  post('/account/sessions/end', endOneRoute, {
    ...signedIn,
    summary: 'Ends one own session, as `DELETE /sessions/{sid}` does',
    body: [form(z.object({ sid: z.string() }))],
    answers: { ...refusing, 303: leads('Back to the account.') },
  }),
  post('/account/sessions/end-others', endOthersRoute, {
    ...signedIn,
    summary: 'Ends all other own sessions, as `POST /revocations` does',
    answers: { ...refusing, 303: leads('Back to the account.') },
  }),
  post('/account/password', ownPasswordRoute, {
    ...signedIn,
    summary: 'Changes one’s own password, as `POST /password` does',
    body: [form(z.object({ current_password: z.string(), new_password: z.string() }))],
    answers: { ...refusing, 303: leads('Back to the account.') },
  }),
  get('/account/data', ownDataRoute, {
    ...signedIn,
    summary: 'Everything about one’s own account, as a file',
    answers: {
      ...refusing,
      200: {
        description: 'What `GET /me`, `GET /sessions` and `GET /me/events` say.',
        content: { type: 'application/json', schema: z.looseObject({}) },
      },
      303: toForm,
    },
  }),
]
