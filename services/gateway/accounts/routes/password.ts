import type { Context } from 'koa'
import type { NewCommit } from '../../../../shared/events/commit.ts'
import {
  bodyThen,
  cameInHeader,
  fieldProblem,
  optionalFlag,
  readJsonObject,
  refuseOthers,
  requestOrigin,
  textFields,
} from '../../http/index.ts'
import { deliver, setDelivery } from '../../revocations/index.ts'
import { keepThisDevice, type SessionRouteDeps } from '../../sessions/index.ts'
import {
  changeOwnPassword,
  type OwnPassword,
  requireOwnUsers,
  requirePerson,
  throttled,
} from '../index.ts'

/**
 * `POST /password` `{current_password, new_password, keep_this_device?}`: ends every session of the
 * caller. With `keep_this_device` the answer opens a new one in the caller's mode: cookies for who
 * came by cookie, tokens in the body for who came by header.
 */
export const passwordRoute =
  (deps: SessionRouteDeps) =>
  async (ctx: Context): Promise<void> => {
    requireOwnUsers(deps)
    const arrival = deps.context.storeClock.now()
    const judge = () => requirePerson(deps, ctx, arrival)
    const [person, body] = await bodyThen(readJsonObject(ctx), judge)
    refuseOthers(body, ['current_password', 'new_password', 'keep_this_device'])
    const given = textFields(body, 'current_password', 'new_password')
    const keeps = optionalFlag(body, 'keep_this_device') ?? false
    const origin = requestOrigin(ctx, deps.http.proxyHops)
    const { current_password: current, new_password: next } = given
    const endSessions = () => changed(deps, { person: person.user, current, next, origin })
    const kept = keeps
      ? await keepThisDevice(deps, ctx, person, { arrival, endSessions })
      : { ended: await endSessions(), tokens: {} }
    if (!keeps && !cameInHeader(deps.http, ctx)) deps.http.cookies.clear(ctx)
    setDelivery(ctx, await deliver(deps, kept.ended))
    ctx.body = { detail: 'password changed', ...kept.tokens }
  }

const changed = async (deps: SessionRouteDeps, request: OwnPassword): Promise<NewCommit> => {
  const result = await changeOwnPassword(deps, request)
  switch (result.outcome) {
    case 'changed':
      return result.commit
    // A 401 would make clients refresh or log out: the session is good, the field is not.
    case 'refused':
      throw fieldProblem('current_password', 'Invalid password.')
    case 'limited':
      throw throttled(result)
  }
}
