import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { type Html, html } from '../../../shared/pages/index.ts'
import type { AccountEvent } from './account-events.ts'
import type { AccountPageData, History, SessionBody } from './account-page-data.ts'
import { deviceName } from './device-name.ts'
import { noticeHtml } from './notice.ts'
import type { Notice } from './notice-kinds.ts'
import { type Sheet, widePage } from './page.ts'
import { type PasswordProblem, passwordSection } from './password-section.ts'
import type { Words } from './texts/index.ts'

export type AccountView = AccountPageData &
  Readonly<{
    now: EpochMs
    notice: Notice | null
    problem: PasswordProblem | null
    /** Whether passwords are kept here, and not in a directory of the team’s own. */
    hasPassword: boolean
    /** Whether they may open the console. */
    mayLookIn: boolean
  }>

const instantOf = (time: string): EpochMs => Date.parse(time) as EpochMs

const exactTime = ({ instant }: Words, time: string): Html =>
  html`<time datetime="${time}">${instant(instantOf(time))}</time>`

const relativeTime = ({ ago, instant }: Words, time: string, now: EpochMs): Html => {
  const at = instantOf(time)
  return html`<time datetime="${time}" title="${instant(at)}">${ago(at, now)}</time>`
}

/** A text with HTML in its braces, such as a time. */
const sayWith = ({ say }: Words, name: 'session_since' | 'session_used', when: Html): Html => {
  const [before = '', after = ''] = say(name).split('{when}')
  return html`${before}${when}${after}`
}

const sessionRow = ({ pages, words }: Sheet, session: SessionBody, now: EpochMs): Html => {
  const { say } = words
  const { sid, current, started, last_used: used } = session
  const seen = used ?? started
  const device = deviceName(words, seen?.agent ?? null)
  const since = started && words.instant(instantOf(started.at))
  const place = seen?.address ?? null
  return html`<li><div><strong>${device}</strong>
${current && html` <span class="tag">${say('this_session')}</span>`}
<div class="muted small">${started && sayWith(words, 'session_since', exactTime(words, started.at))}
</div><div class="muted small">
${used && sayWith(words, 'session_used', relativeTime(words, used.at, now))}
${place !== null && html` · ${say('session_place', { place })}`}</div></div>
<form method="post" action="${pages.base}/account/sessions/end">
<input type="hidden" name="sid" value="${sid}">
<button class="danger" type="submit" aria-label="${say('end_session_of', {
    device,
    when: since ?? '?',
  })}">${say('end_session')}</button></form></li>`
}

const sessionsSection = (sheet: Sheet, { sessions, next, now }: AccountView): Html => {
  const { pages, words } = sheet
  const { say } = words
  const hasOthers = next !== null || sessions.some(({ current }) => !current)
  const more = next && `${pages.base}/account?after=${encodeURIComponent(next)}`
  const others = html`<form method="post" action="${pages.base}/account/sessions/end-others">
<button class="danger" type="submit">${say('end_others')}</button></form>`
  return html`<section class="card stack" aria-labelledby="sessions">
<div><h2 id="sessions">${say('sessions')}</h2>
<p class="muted small">${say('sessions_hint')}</p></div>
<ul class="rows">${sessions.map((session) => sessionRow(sheet, session, now))}</ul>
${more && html`<p><a href="${more}">${say('more_sessions')}</a></p>`}
${hasOthers ? others : html`<p class="muted small">${say('no_others')}</p>`}</section>`
}

const eventRow = (words: Words, event: AccountEvent, now: EpochMs): Html => {
  const { time, text, isAlarming, address, agent } = event
  const from = [agent === null ? null : deviceName(words, agent), address]
  const origin = from.filter((part) => part !== null).join(' · ')
  return html`<li${isAlarming && html` class="alert"`}><div><strong>${words.say(text)}</strong>
<div class="muted small">${origin}</div></div>
<div class="muted small">${time && relativeTime(words, time, now)}</div></li>`
}

const historyText = { none: 'history_away', away: 'error_away' } as const

const historySection = (words: Words, history: History, now: EpochMs): Html => {
  const { say } = words
  const empty = typeof history === 'string' ? historyText[history] : 'history_empty'
  const isEmpty = typeof history === 'string' || history.length === 0
  return html`<section class="card stack" aria-labelledby="history">
<h2 id="history">${say('history')}</h2>
${
  isEmpty
    ? html`<p class="muted">${say(empty)}</p>`
    : html`<ul class="rows">${history.map((event) => eventRow(words, event, now))}</ul>`
}</section>`
}

const dataSection = ({ pages, words: { say } }: Sheet): Html =>
  html`<section class="card stack" aria-labelledby="data"><h2 id="data">${say('data')}</h2>
<p class="muted small">${say('data_hint')}</p>
<p><a class="button quiet" href="${pages.base}/account/data"
download>${say('download_data')}</a></p>
</section>`

/** `/account`: where one is signed in, what happened, the password, and all of it as a file. */
export const accountPage = (sheet: Sheet, view: AccountView): Html => {
  const { pages, words } = sheet
  const { say } = words
  const { me, now, history, notice, problem, hasPassword, mayLookIn } = view
  const name = me.username ?? String(me.user_id)
  const toConsole = mayLookIn && html`<a href="${pages.base}/console">${say('console')}</a>`
  const top = html`<form method="get" action="${pages.base}/sign-out">
<span class="muted small">${say('signed_in_as', { name })}</span>${toConsole}
<button class="quiet" type="submit">${say('sign_out')}</button></form>`
  const password = hasPassword && passwordSection(sheet, name, problem)
  const content = html`<header><h1>${say('show_account')}</h1></header>
${noticeHtml(words, notice)}
<div class="column">${sessionsSection(sheet, view)}${historySection(words, history, now)}</div>
<div class="column">${password}${dataSection(sheet)}</div>`
  return widePage(sheet, { title: say('show_account'), top, content })
}
