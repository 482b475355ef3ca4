import type { Context } from 'koa'
import type { NewCommit } from '../../../../shared/events/commit.ts'
import { bodyThen, readJsonObject, textFields } from '../../http/body.ts'
import { fieldProblem } from '../../http/field-problem.ts'
import { optionalFlag, refuseOthers } from '../../http/input-fields.ts'
import { requestOrigin } from '../../http/request-origin.ts'
import { cameInHeader } from '../../http/token-in-request.ts'
import { deliver } from '../../revocations/delivery.ts'
import type { RouteParts } from '../../route-parts.ts'
import { throttled } from '../../sessions/from-request.ts'
import { keepCaller } from '../../sessions/kept-device.ts'
import { setDelivery } from '../../sessions/routes/logout.ts'
import { requireOwnUsers, requirePerson } from '../authority.ts'
import { changeOwnPassword, type OwnPassword } from '../own-password.ts'

/**
 * `POST /password` `{current_password, new_password, keep_this_device?}`: ends every session of the
 * caller. With `keep_this_device` the answer opens a new one in the caller's mode: cookies for who
 * came by cookie, tokens in the body for who came by header.
 */
export const passwordRoute =
  (parts: RouteParts) =>
  async (ctx: Context): Promise<void> => {
    requireOwnUsers(parts)
    const arrival = parts.storeClock.now()
    const judge = () => requirePerson(parts, ctx, arrival)
    const [person, body] = await bodyThen(readJsonObject(ctx), judge)
    refuseOthers(body, ['current_password', 'new_password', 'keep_this_device'])
    const given = textFields(body, 'current_password', 'new_password')
    const keeps = optionalFlag(body, 'keep_this_device') ?? false
    const origin = requestOrigin(ctx, parts.proxyHops)
    const { current_password: current, new_password: next } = given
    const cut = () => changed(parts, { person: person.user, current, next, origin })
    const kept = keeps
      ? await keepCaller(parts, ctx, person, { arrival, cut })
      : { ended: await cut(), tokens: {} }
    if (!keeps && !cameInHeader(parts, ctx)) parts.cookies.clear(ctx)
    setDelivery(ctx, await deliver(parts, kept.ended))
    ctx.body = { detail: 'password changed', ...kept.tokens }
  }

const changed = async (parts: RouteParts, request: OwnPassword): Promise<NewCommit> => {
  const result = await changeOwnPassword(parts, request)
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
