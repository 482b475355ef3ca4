import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { Context } from 'koa'
import type { Clock } from '../../../../shared/kernel/clock.ts'
import { onResponseOver } from '../../../../shared/kernel/http/response-end.ts'
import type { Arrived } from '../../../../shared/ports/audit-index.ts'
import type { Caller } from '../../accounts/index.ts'
import { bodyOfThrown, fieldProblem, type Handler } from '../../http/index.ts'
import {
  arrivedOf,
  arrivedSoFar,
  findNamedLive,
  requireAuditor,
  tailMessages,
  unlessRetriable,
  type Wanted,
} from '../index.ts'
import type { EventRouteDeps } from './event-query.ts'
import { eventQuery } from './event-query.ts'

const lookEveryMs = 500
/** The reader gets this long to read the reason; what is not read by then is discarded. */
const partingMs = 1_000
/**
 * A reader that takes nothing for this long is closed, to make room for others, and may connect
 * again.
 */
const stalledMaxMs = 10_000

type WatchedReader = Readonly<{
  /** Throws once the reader may not read any more. */
  stillMayRead: () => Promise<void>
  response: Pick<ServerResponse, 'writableNeedDrain'>
  /** Ends the connection, and takes back what was not sent yet. */
  cut: () => void
  clock: Clock
  /** Aborts when the answer is over. */
  gone: AbortSignal
}>

/** Why a reader may not read any more; `null` while it may. */
type Refusal = () => unknown

/**
 * Watches a reader of a stream until the answer is over, also one that takes nothing: a stream asks
 * only when it is read, so without this a reader that stops reading kept its place and megabytes of
 * events after its session had ended.
 */
export const watchReader = ({
  stillMayRead,
  response,
  cut,
  clock,
  gone,
}: WatchedReader): Refusal => {
  let refusal: unknown = null
  const look = async (): Promise<void> => {
    let [stalledMs, refusedMs] = [0, 0]
    while (!gone.aborted) {
      await clock.sleep(lookEveryMs, gone)
      stalledMs = response.writableNeedDrain ? stalledMs + lookEveryMs : 0
      if (refusal !== null) refusedMs += lookEveryMs
      else refusal = await stillMayRead().then(() => null, asRefusal)
      const isOver = refusal !== null && (stalledMs > 0 || refusedMs >= partingMs)
      if (gone.aborted || isOver || stalledMs >= stalledMaxMs) break
    }
    if (!gone.aborted) cut()
  }
  void look()
  return () => refusal
}

const asRefusal = (error: unknown): unknown => {
  try {
    return unlessRetriable(error)
  } catch (refused) {
    return refused
  }
}

/** A browser that comes again sends the header; a page that opens it anew, the parameter. */
const afterOf = (ctx: Context): Arrived | null => {
  const inHeader = ctx.get('last-event-id')
  const text = inHeader === '' ? (ctx.query['after'] ?? '') : inHeader
  if (text === '') return null
  const after = typeof text === 'string' ? arrivedOf(text) : null
  if (after !== null) return after
  throw fieldProblem('after', 'This is no id of an event of this stream.')
}

/** The person or service whose tails are counted together. */
const nameOf = (reader: Caller): string =>
  reader.kind === 'user' ? `user:${reader.user.sub}` : `client:${reader.client.id}`

const wantedOf = async (deps: EventRouteDeps, ctx: Context): Promise<Wanted> => {
  const { order: _order, after: _after, limit: _limit, ...asked } = eventQuery(ctx, null)
  return { ...asked, ...(await findNamedLive(deps, deps.audit, asked)) }
}

/**
 * `GET /audit/tail`: the events of `GET /audit/events` as they come, as server-sent events, until
 * the reader leaves, the gateway stops, or the reader may not read any more.
 */
export const tailRoute: Handler<EventRouteDeps> = (deps) => async (ctx) => {
  const reader = await requireAuditor(deps, ctx)
  const { audit, context } = deps
  const after = afterOf(ctx)
  const wanted = await wantedOf(deps, ctx)
  // What nobody fills is told now, with a status.
  if (after === null) await arrivedSoFar(audit)
  const leave = audit.tails.enter(nameOf(reader))
  const gone = new AbortController()
  onResponseOver(ctx.res, () => {
    leave()
    gone.abort()
  })
  ctx.set({ 'Cache-Control': 'no-store, no-transform', 'X-Accel-Buffering': 'no' })
  ctx.status = 200
  ctx.type = 'text/event-stream'
  const { clock } = context
  const stillMayRead = async (): Promise<void> => void (await requireAuditor(deps, ctx))
  const refusal = watchReader({
    ...{ stillMayRead, clock, gone: gone.signal, response: ctx.res },
    cut: () => void ctx.req.socket.resetAndDestroy(),
  })
  const messages = tailMessages({
    ...{ asking: audit, wanted, after, clock, stillMayRead, refusal, bodyOf: bodyOfThrown },
    tell: (shown) => audit.readings.tell(deps, wanted, shown),
    stop: AbortSignal.any([gone.signal, audit.tails.stop]),
    inTurn: (look) => audit.tails.inTurn(clock, look),
  })
  // One message is kept for a reader, and no more: a slow one would else hold sixteen.
  ctx.body = Readable.from(messages, { highWaterMark: 1 })
}
