import { AuthError } from '../../../../shared/kernel/errors.ts'
import type { TrailHeads } from '../../../../shared/ports/trail-heads.ts'
import { parseHeadQuery } from '../../../../shared/trail-heads/head-query.ts'
import { fieldProblem, type Handler, type HttpDeps } from '../../http/index.ts'

export type HeadRouteDeps = Readonly<{
  http: Pick<HttpDeps, 'clients'>
  /** `null` where this gateway knows of no trail. */
  trailHeads: TrailHeads | null
}>

/**
 * `GET /audit/head`: the newest signed head of the trail, and that it goes on from the one that is
 * asked about; for every service client.
 */
export const headRoute: Handler<HeadRouteDeps> = (deps) => async (ctx) => {
  deps.http.clients.authenticate(ctx, null)
  const asked = parseHeadQuery(ctx.query)
  if (!asked.ok) throw fieldProblem(asked.field, asked.problem)
  const answer = await deps.trailHeads?.newest(asked.known)
  if (!answer) throw new AuthError('NOT_FOUND', 'There is no signed head (yet).')
  ctx.type = 'application/json'
  ctx.body = answer
}
