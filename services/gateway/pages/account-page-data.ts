import type { Context } from 'koa'
import type { z } from 'zod'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import { callerSchema, meRoute } from '../accounts/routes/index.ts'
import { eventPageSchema, ownEventsRoute } from '../audit/routes/index.ts'
import {
  ownSessionsRoute,
  type SessionPageBody,
  sessionPageSchema,
} from '../sessions/routes/index.ts'
import { type AccountEvent, accountEvents } from './account-events.ts'
import { readRoute } from './call-route.ts'
import type { PageDeps } from './page-deps.ts'
import { statusOf } from './problem-texts.ts'

/** `none`: this fleet keeps no index of events; `away`: it does not answer. */
export type History = readonly AccountEvent[] | 'none' | 'away'

export type SessionBody = SessionPageBody['sessions'][number]

export type AccountPageData = Readonly<{
  me: z.output<typeof callerSchema>
  sessions: readonly SessionBody[]
  /** Cursor of more sessions. */
  next: string | null
  history: History
}>

const sessionsMax = '100'
const eventsMax = '100'
const toldMax = 20
/**
 * At most so many pages of events are read. Most events of somebody whose sessions refresh all day
 * are rotations, which the page does not show; it costs them no more than anybody else.
 */
const pagesMax = 2

const historyOf = async (deps: PageDeps, ctx: Context): Promise<History> => {
  const told: AccountEvent[] = []
  let after: string | null = null
  try {
    for (let page = 0; page < pagesMax && told.length < toldMax; page += 1) {
      const query: Record<string, string> = { limit: eventsMax, ...(after && { after }) }
      const read = await readRoute(ownEventsRoute, eventPageSchema, deps, ctx, { query })
      told.push(...accountEvents(read.events))
      after = read.next
      if (after === null) break
    }
  } catch (error) {
    if (isAuthError(error, 'AUDIT_UNFILLED')) return 'none'
    if (statusOf(error) === 503) return 'away'
    throw error
  }
  return told.slice(0, toldMax)
}

/** What `GET /me`, `GET /sessions` and `GET /me/events` say of whoever is signed in. */
export const accountPageData = async (
  deps: PageDeps,
  ctx: Context,
  after: string | null = null,
): Promise<AccountPageData> => {
  const me = await readRoute(meRoute, callerSchema, deps, ctx)
  const query: Record<string, string> = { limit: sessionsMax, ...(after && { after }) }
  const [page, history] = await Promise.all([
    readRoute(ownSessionsRoute, sessionPageSchema, deps, ctx, { query }),
    historyOf(deps, ctx),
  ])
  const sessions = page.sessions.filter(({ status }) => status === 'alive')
  return { me, sessions, next: page.next, history }
}
