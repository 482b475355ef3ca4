import { type Html, html } from '../../../shared/pages/index.ts'
import { errorHtml } from './notice.ts'
import type { Sheet } from './page.ts'
import { fieldAtFault } from './problem-texts.ts'
import type { TextName, Words } from './texts/index.ts'

type PasswordField = 'current_password' | 'new_password'
/** What was wrong with a change; `field` is `null` where no field is at fault. */
export type PasswordProblem = Readonly<{ field: PasswordField | null; text: string }>

/** The words for what `checkPassword` says; it says more than these, and never less. */
const newPasswordTexts: readonly (readonly [RegExp, TextName])[] = [
  [/shorter/, 'error_password_short'],
  [/longer/, 'error_password_long'],
  [/most used|repeated/, 'error_password_common'],
  [/name/, 'error_password_named'],
]

/** The problem of a field in words; `null` if no field is at fault. */
export const passwordProblem = ({ say }: Words, thrown: unknown): PasswordProblem | null => {
  const [field, message] = fieldAtFault(thrown) ?? []
  if (field === 'current_password') return { field, text: say('error_current_password') }
  if (field !== 'new_password' || message === undefined) return null
  const [, text] = newPasswordTexts.find(([pattern]) => pattern.test(message)) ?? []
  return { field, text: say(text ?? 'error_password') }
}

const passwordField = (
  { words: { say } }: Sheet,
  field: PasswordField,
  problem: PasswordProblem | null,
): Html => {
  const isNew = field === 'new_password'
  const error = problem?.field === field ? problem.text : null
  const described = [isNew && `${field}-hint`, error !== null && `${field}-problem`]
  const by = described.filter((id) => id !== false).join(' ')
  return html`<div class="field"><label for="${field}">${say(field)}</label>
<input type="password" id="${field}" name="${field}"
autocomplete="${isNew ? 'new-password' : 'current-password'}" required
${by !== '' && html` aria-describedby="${by}"`}
${isNew && html` minlength="8" maxlength="1024"`}
${error !== null && html` aria-invalid="true" autofocus`}>
${isNew && html`<p class="muted small" id="${field}-hint">${say('new_password_hint')}</p>`}
${error !== null && html`<p class="problem" role="alert" id="${field}-problem">${error}</p>`}</div>`
}

/** The form that changes the password; this device stays signed in. */
export const passwordSection = (
  sheet: Sheet,
  username: string,
  problem: PasswordProblem | null,
): Html => {
  const { pages, words } = sheet
  const { say } = words
  return html`<section class="card stack" aria-labelledby="change-password">
<div><h2 id="change-password">${say('change_password')}</h2>
<p class="muted small">${say('change_password_hint')}</p></div>
${problem?.field === null && errorHtml(problem.text, 'password-problem')}
<form class="stack" method="post" action="${pages.base}/account/password">
<input type="text" name="username" value="${username}" autocomplete="username" hidden readonly>
${passwordField(sheet, 'current_password', problem)}${passwordField(sheet, 'new_password', problem)}
<button type="submit">${say('save_password')}</button></form></section>`
}
