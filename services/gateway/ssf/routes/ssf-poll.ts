import type { RouterContext } from '@koa/router'
import type { Context } from 'koa'
import { onResponseOver } from '../../../../shared/kernel/http/response-end.ts'
import { readJsonObject } from '../../http/index.ts'
import { setsMax } from '../index.ts'
import { namedStream, pollFields, readAs } from './ssf-input.ts'
import { forReceivers, ownStream } from './ssf-streams.ts'

/** @throws Refusal 400 */
const streamIn = (ctx: Context): string => {
  const { stream } = (ctx as RouterContext).params
  return readAs(namedStream, new Map([['stream_id', stream]])).stream_id
}

/** The member `err` (RFC 8935, 2.4), one of a few words; anything longer or odd is not logged. */
const errOf = (err: string): string => (/^[A-Za-z_]{1,40}$/.test(err) ? err : 'no err')

/** `POST /ssf/poll/:stream` (RFC 8936). */
export const pollRoute = forReceivers(async (call) => {
  const { ctx, polls } = call
  const requestOver = new AbortController()
  // Before the first `await`: the response may be closed during it, and then says so no more.
  onResponseOver(ctx.res, () => requestOver.abort())
  const id = streamIn(ctx)
  const fields = readAs(pollFields, await readJsonObject(ctx))
  await ownStream(call, id)
  ctx.body = await polls.poll(
    id,
    {
      max: Math.min(fields.maxEvents ?? setsMax, setsMax),
      returnImmediately: fields.returnImmediately ?? false,
      acked: fields.ack ?? [],
      refused: new Map(
        Object.entries(fields.setErrs ?? {}).map(([jti, { err }]) => [jti, errOf(err)]),
      ),
    },
    requestOver.signal,
  )
})
