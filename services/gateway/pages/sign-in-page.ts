import { type Html, html } from '../../../shared/pages/index.ts'
import { errorHtml, noticeHtml } from './notice.ts'
import type { Notice } from './notice-kinds.ts'
import { alonePage, type Sheet } from './page.ts'

export type SignInForm = Readonly<{
  username: string
  remember: boolean
  /** Where the sign-in leads, checked; `null` for the account. */
  returnTo: string | null
  /** What was wrong with the last try, in words. */
  error: string | null
  notice: Notice | null
  /** By which the same form, sent twice, is known. */
  once: string
}>

const errorId = 'problem'

/** The form of `/sign-in`. A manager of passwords fills it in, and a screen reader can read it. */
export const signInPage = (sheet: Sheet, form: SignInForm): Html => {
  const { pages, words } = sheet
  const { say } = words
  const { username, remember, returnTo, error, notice, once } = form
  const told = error === null ? null : html` aria-invalid="true" aria-describedby="${errorId}"`
  // After a wrong password the name most often was right.
  const [nameFocus, passwordFocus] =
    username === '' ? [html` autofocus`, null] : [null, html` autofocus`]
  return alonePage(
    sheet,
    say('sign_in'),
    html`${error !== null && errorHtml(error, errorId)}${noticeHtml(words, notice)}
<form class="stack" method="post" action="${pages.base}/sign-in">
<input type="hidden" name="once" value="${once}">
${returnTo !== null && html`<input type="hidden" name="return_to" value="${returnTo}">`}
<div class="field"><label for="username">${say('username')}</label>
<input type="text" id="username" name="username" value="${username}" autocomplete="username"
autocapitalize="none" spellcheck="false" required${nameFocus}${told}></div>
<div class="field"><label for="password">${say('password')}</label>
<input type="password" id="password" name="password" autocomplete="current-password"
required${passwordFocus}${told}></div>
<div class="choice"><input type="checkbox" id="remember" name="remember" value="true"
aria-describedby="remember-hint"${remember && html` checked`}>
<label for="remember">${say('remember')}</label>
<p class="muted small" id="remember-hint">${say('remember_hint')}</p></div>
<button class="wide" type="submit">${say('sign_in')}</button></form>`,
  )
}
