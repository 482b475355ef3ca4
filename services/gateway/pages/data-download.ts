import { setImmediate } from 'node:timers/promises'
import type { Context } from 'koa'
import { type AuditPageBody, ownEventsRoute } from '../audit/routes/index.ts'
import type { Handler } from '../http/index.ts'
import { ownSessionsRoute, type SessionPageBody } from '../sessions/routes/index.ts'
import { callRoute } from './call-route.ts'
import type { PageDeps } from './page-deps.ts'

type Rows = Readonly<{ rows: readonly unknown[]; next: string | null }>
type Page = (after: string | null) => Promise<Rows>

const pageOf =
  <Body extends Readonly<{ next: string | null }>>(
    deps: PageDeps,
    ctx: Context,
    { route, rowsOf, limit }: Paged<Body>,
  ): Page =>
  async (after) => {
    const query: Record<string, string> = { limit, ...(after && { after }) }
    // No schema looks at it, as none looks at what the route answers.
    const body = (await callRoute(route, deps, ctx, { query })) as Body
    return { rows: rowsOf(body), next: body.next }
  }
type Paged<Body> = Readonly<{
  route: Handler<PageDeps>
  rowsOf: (body: Body) => readonly unknown[]
  limit: string
}>

const ownSessions: Paged<SessionPageBody> = {
  route: ownSessionsRoute,
  rowsOf: ({ sessions }) => sessions,
  limit: '100',
}
const ownEvents: Paged<AuditPageBody> = {
  route: ownEventsRoute,
  rowsOf: ({ events }) => events,
  limit: '200',
}
const sessionPagesMax = 20
const eventPagesMax = 100

/** The rows of all pages; returns whether these were all. Others get their turn between pages. */
const written = async function* (
  first: Rows,
  page: Page,
  pagesMax: number,
): AsyncGenerator<string, boolean> {
  let read = first
  let comma = ''
  for (let left = pagesMax - 1; ; left -= 1) {
    if (read.rows.length > 0) {
      yield comma + read.rows.map((row) => JSON.stringify(row)).join(',')
      comma = ','
    }
    if (read.next === null || left === 0) return read.next === null
    await setImmediate()
    read = await page(read.next)
  }
}

const fileOf = async function* (
  account: unknown,
  [sessions, firstSessions]: readonly [Page, Rows],
  [events, firstEvents]: readonly [Page, Rows],
): AsyncGenerator<string> {
  yield `{"account":${JSON.stringify(account)},"sessions":[`
  const allSessions = yield* written(firstSessions, sessions, sessionPagesMax)
  yield '],"events":['
  const allEvents = yield* written(firstEvents, events, eventPagesMax)
  yield `],"complete":${allSessions && allEvents}}\n`
}

/**
 * All of it, for a file, page by page. `complete` is false where there is more than a file takes.
 * What cannot be read is known before the first byte; later it breaks the file off.
 */
export const dataDownload = async (
  deps: PageDeps,
  ctx: Context,
  account: unknown,
): Promise<AsyncGenerator<string>> => {
  const sessions = pageOf(deps, ctx, ownSessions)
  const events = pageOf(deps, ctx, ownEvents)
  const [firstSessions, firstEvents] = [await sessions(null), await events(null)]
  return fileOf(account, [sessions, firstSessions], [events, firstEvents])
}
