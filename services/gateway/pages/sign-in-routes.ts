import type { Context } from 'koa'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import { meRoute } from '../accounts/routes/index.ts'
import { factsOf, type Handler, readForm, returnAddress } from '../http/index.ts'
import { loginRoute, slidingLoginRoute } from '../sessions/routes/index.ts'
import { callRoute } from './call-route.ts'
import {
  keepLastCookies,
  leaveCookies,
  setCookies,
  takeCookies,
  whenSignedIn,
} from './cookie-renewal.ts'
import { signInId } from './idempotent-forms.ts'
import { takeNotice } from './notice.ts'
import { answerPage, sheetFor } from './page.ts'
import type { PageDeps } from './page-deps.ts'
import { showInPage } from './problem-page.ts'
import { fieldAtFault, isUnauthenticated, problemInWords } from './problem-texts.ts'
import { accountPath, goTo, leadFromForm, leadsOnward, withReturn } from './redirects.ts'
import { type SignInForm, signInPage } from './sign-in-page.ts'

const emptyForm: Omit<SignInForm, 'returnTo' | 'once'> = {
  username: '',
  remember: false,
  error: null,
  notice: null,
}

const newOnce = ({ context }: PageDeps): string => context.entropy.bytes(16).toString('base64url')

/** `GET /sign-in?return_to=`: the form; who is signed in already goes on at once. */
export const signInFormRoute: Handler<PageDeps> = (deps) => async (ctx) => {
  const { pages } = deps
  const sheet = sheetFor(pages, ctx)
  const returnTo = returnAddress(ctx.query['return_to'], pages.returns)
  const isSignedIn = await whenSignedIn(deps, ctx, async () => {
    await callRoute(meRoute, deps, ctx)
    return true
  })
  if (isSignedIn) {
    goTo(ctx, returnTo ?? `${pages.base}/account`)
    return
  }
  if (leadsOnward(deps, ctx, withReturn(`${pages.base}/sign-in`, returnTo))) return
  const notice = takeNotice(ctx, pages)
  answerPage(ctx, sheet, signInPage(sheet, { ...emptyForm, returnTo, notice, once: newOnce(deps) }))
}

/** The fields of `POST /login`. Of a box that is not ticked a form says nothing. */
const loginFields = (form: ReadonlyMap<string, string>): ReadonlyMap<string, unknown> =>
  new Map<string, unknown>([
    ...[...form].filter(([name]) => name === 'username' || name === 'password'),
    ['remember', form.get('remember') === 'true'],
  ])

/** Opens a session; the cookies that the answer sets for it. */
const openSession = async (
  deps: PageDeps,
  ctx: Context,
  form: ReadonlyMap<string, string>,
): Promise<readonly string[]> => {
  const takesPairs = deps.tokens.issuer.accepted.includes('access')
  const route = takesPairs ? loginRoute : slidingLoginRoute
  await callRoute(route, deps, ctx, { fields: loginFields(form) })
  keepLastCookies(ctx)
  return setCookies(ctx)
}

/**
 * Opens one session for one form, however often it is sent: a second press on the button would
 * leave a session behind that no browser has. The second answer sets the cookies of the first, as
 * long as they are good.
 */
const openSessionOnce = async (
  deps: PageDeps,
  ctx: Context,
  form: ReadonlyMap<string, string>,
): Promise<void> => {
  const { pages, context } = deps
  const open = () => openSession(deps, ctx, form)
  const id = signInId(ctx, form)
  if (id === null) {
    await open()
    return
  }
  const cookies = (await pages.signIns.once(id, context.clock, open)) ?? []
  if (setCookies(ctx).length > 0) return
  const before = ctx.get('cookie')
  ctx.set('Set-Cookie', [...cookies])
  takeCookies(ctx)
  try {
    await callRoute(meRoute, deps, ctx)
  } catch (error) {
    if (!isUnauthenticated(error)) throw error
    ctx.req.headers.cookie = before
    leaveCookies(ctx)
    await open()
  }
}

/**
 * `POST /sign-in` `username`, `password`, `remember`, `return_to`: what `POST /login` does, with
 * its limits and events; then leads on. Where sliding tokens alone are taken, what
 * `POST /sliding/login` does. A failure shows the form again, with what was wrong.
 */
export const signInRoute: Handler<PageDeps> = (deps) => async (ctx) => {
  const { pages } = deps
  const form = await readForm(ctx)
  const returnTo = returnAddress(form.get('return_to'), pages.returns)
  showInPage(ctx, ({ thrown, status }) => {
    const sheet = sheetFor(pages, ctx)
    const { words } = sheet
    const isWrong = isAuthError(thrown, 'CREDENTIALS_INVALID')
    const error = isWrong
      ? words.say('error_credentials')
      : fieldAtFault(thrown) !== null
        ? words.say('error_blank')
        : problemInWords(words, thrown, factsOf(ctx).id)
    const username = form.get('username') ?? ''
    const remember = form.get('remember') === 'true'
    const again = { username, remember, returnTo, error, notice: null, once: newOnce(deps) }
    answerPage(ctx, sheet, signInPage(sheet, again), status)
  })
  await openSessionOnce(deps, ctx, form)
  leadFromForm(deps, ctx, returnTo ?? accountPath(deps))
}
