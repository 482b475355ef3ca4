import { Readable } from 'node:stream'
import type { Context } from 'koa'
import { onResponseOver } from '../../../shared/kernel/http/response-end.ts'
import { meRoute, passwordRoute } from '../accounts/routes/index.ts'
import { factsOf, type Handler, readForm } from '../http/index.ts'
import { endSessionRoute, revocationsRoute } from '../revocations/routes/index.ts'
import { accountPage } from './account-page.ts'
import { type AccountPageData, accountPageData } from './account-page-data.ts'
import { callRoute } from './call-route.ts'
import { keepLastCookies, leaveCookies, setCookies, whenSignedIn } from './cookie-renewal.ts'
import { dataDownload } from './data-download.ts'
import { type AnsweredChange, formId } from './idempotent-forms.ts'
import { leaveNotice, takeNotice } from './notice.ts'
import type { Notice } from './notice-kinds.ts'
import { answerPage, sheetFor } from './page.ts'
import type { PageDeps } from './page-deps.ts'
import { type PasswordProblem, passwordProblem } from './password-section.ts'
import { showInPage } from './problem-page.ts'
import { problemInWords, statusOf } from './problem-texts.ts'
import { accountPath, goTo, leadsOnward, withReturn } from './redirects.ts'

/**
 * Does something for whoever is signed in, leaves a notice, and goes back to the page; also where
 * nobody is, since the page looks at the cookies that the browser has then. The same form twice is
 * done once.
 */
export const changeFromForm = async (
  deps: PageDeps,
  ctx: Context,
  form: ReadonlyMap<string, string>,
  change: () => Promise<Notice>,
): Promise<void> => {
  const { pages, context } = deps
  const act = async (): Promise<AnsweredChange | null> => {
    const notice = await whenSignedIn(deps, ctx, change)
    if (notice === null) return null
    keepLastCookies(ctx)
    return { notice, cookies: setCookies(ctx) }
  }
  const done = await pages.changes.once(formId(deps.http, ctx, form), context.clock, act)
  leaveCookies(ctx)
  if (done === null) {
    goTo(ctx, accountPath(deps))
    return
  }
  const { notice, cookies } = done
  if (cookies.length > 0) ctx.set('Set-Cookie', [...cookies])
  leaveNotice(ctx, pages, notice)
  goTo(ctx, notice === 'signed_out' ? `${pages.base}/sign-in` : accountPath(deps))
}

/** Nobody is signed in: to the form, and from there back. */
const askToSignIn = (deps: PageDeps, ctx: Context): void => {
  const account = accountPath(deps)
  keepLastCookies(ctx)
  goTo(ctx, withReturn(`${deps.pages.base}/sign-in`, account))
}

type Shown = Readonly<{ notice?: Notice | null; problem?: PasswordProblem | null; status?: number }>

const showAccount = (
  deps: PageDeps,
  ctx: Context,
  own: AccountPageData,
  { notice = null, problem = null, status = 200 }: Shown,
): void => {
  const sheet = sheetFor(deps.pages, ctx)
  const hasPassword = deps.accounts.ownUsers === null
  const mayLookIn = [deps.accounts.adminRole, deps.audit.role].some((role) =>
    own.me.roles.includes(role),
  )
  const now = deps.context.storeClock.now()
  const about = { now, notice, problem, hasPassword, mayLookIn }
  keepLastCookies(ctx)
  answerPage(ctx, sheet, accountPage(sheet, { ...own, ...about }), status)
}

/** `GET /account`; `?after=` shows older sessions. */
export const accountRoute: Handler<PageDeps> = (deps) => async (ctx) => {
  const { after } = ctx.query
  const cursor = typeof after === 'string' ? after : null
  const own = await whenSignedIn(deps, ctx, () => accountPageData(deps, ctx, cursor))
  if (own === null) {
    if (!leadsOnward(deps, ctx, accountPath(deps))) askToSignIn(deps, ctx)
    return
  }
  showAccount(deps, ctx, own, { notice: takeNotice(ctx, deps.pages) })
}

/** Whether the answer takes the access cookie out: the session that ended was this one. */
const endedItself = ({ http }: PageDeps, ctx: Context): boolean => {
  return setCookies(ctx).some((line) => line.startsWith(`${http.cookies.accessName}=;`))
}

/** `POST /account/sessions/end` `sid`: what `DELETE /sessions/{sid}` does. */
export const endOneRoute: Handler<PageDeps> = (deps) => async (ctx) => {
  const form = await readForm(ctx)
  const sid = form.get('sid') ?? ''
  await changeFromForm(deps, ctx, form, async () => {
    try {
      await callRoute(endSessionRoute, deps, ctx, { params: { sid } })
    } catch (error) {
      if (statusOf(error) === 404) return 'session_gone'
      throw error
    }
    return endedItself(deps, ctx) ? 'signed_out' : 'session_ended'
  })
}

/** `POST /account/sessions/end-others`: what `POST /revocations` with the scope `others` does. */
export const endOthersRoute: Handler<PageDeps> = (deps) => async (ctx) => {
  await changeFromForm(deps, ctx, new Map(), async () => {
    await callRoute(revocationsRoute, deps, ctx, { fields: new Map([['scope', 'others']]) })
    return 'others_ended'
  })
}

/** `POST /account/password`: what `POST /password` with `keep_this_device` does. */
export const ownPasswordRoute: Handler<PageDeps> = (deps) => async (ctx) => {
  const form = await readForm(ctx)
  const fields = new Map<string, unknown>([
    ...[...form].filter(([name]) => ['current_password', 'new_password'].includes(name)),
    ['keep_this_device', true],
  ])
  showInPage(ctx, async ({ thrown, status }) => {
    const { words } = sheetFor(deps.pages, ctx)
    const text = problemInWords(words, thrown, factsOf(ctx).id)
    const problem = passwordProblem(words, thrown) ?? { field: null, text }
    const own = await accountPageData(deps, ctx)
    showAccount(deps, ctx, own, { problem, status })
  })
  await changeFromForm(deps, ctx, form, async () => {
    await callRoute(passwordRoute, deps, ctx, { fields })
    return 'password_changed'
  })
}

/** A reader who does not read keeps the place for so long, and not until they leave. */
const fileMaxMs = 60_000

const leaveInTime = ({ context: { clock }, pages }: PageDeps, ctx: Context): void => {
  const { caller } = factsOf(ctx)
  const leave = pages.files.enter(caller?.by === 'person' ? caller.sub : '')
  const over = new AbortController()
  onResponseOver(ctx.res, () => {
    over.abort()
    leave()
  })
  void clock.sleep(fileMaxMs, over.signal).then(() => {
    if (!over.signal.aborted) ctx.req.socket.destroy()
  })
}

/** `GET /account/data`: what `GET /me`, `GET /sessions` and `GET /me/events` say, as a file. */
export const ownDataRoute: Handler<PageDeps> = (deps) => async (ctx) => {
  const account = await whenSignedIn(deps, ctx, () => callRoute(meRoute, deps, ctx))
  if (account === null) {
    askToSignIn(deps, ctx)
    return
  }
  keepLastCookies(ctx)
  leaveInTime(deps, ctx)
  const file = await dataDownload(deps, ctx, account)
  ctx.set('Content-Disposition', 'attachment; filename="account.json"')
  ctx.type = 'application/json'
  ctx.status = 200
  ctx.body = Readable.from(file, { highWaterMark: 1 })
}
