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

/** RFC 8935, 2.4: one of a few words; what is longer or odd is not shown. */
const errOf = (err: string): string => (/^[A-Za-z_]{1,40}$/.test(err) ? err : 'no err')

/** `POST /ssf/poll/:stream` (RFC 8936). */
export const pollRoute = forReceivers(async (call) => {
  const { ctx, polls } = call
  const gone = new AbortController()
  // Before the first wait, after which the close may have been told already.
  onResponseOver(ctx.res, () => gone.abort())
  const id = streamIn(ctx)
  const wanted = readAs(pollFields, await readJsonObject(ctx))
  await ownStream(call, id)
  ctx.body = await polls.poll(
    id,
    {
      max: Math.min(wanted.maxEvents ?? setsMax, setsMax),
      atOnce: wanted.returnImmediately ?? false,
      acked: wanted.ack ?? [],
      refused: new Map(
        Object.entries(wanted.setErrs ?? {}).map(([jti, { err }]) => [jti, errOf(err)]),
      ),
    },
    gone.signal,
  )
})
