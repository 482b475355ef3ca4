import type { Context } from 'koa'
import { AuthError, isAuthError } from '../../../../shared/kernel/errors.ts'
import { forbidden, requireCaller, requireSteppedUp } from '../../accounts/index.ts'
import { type AuditorDeps, requireAuditor } from '../../audit/index.ts'
import { type Handler, Refusal } from '../../http/index.ts'
import {
  isRingName,
  type KeyFolderContext,
  listKeys,
  madeRings,
  type RingName,
  rotate,
} from '../index.ts'

export type KeyRouteDeps = AuditorDeps & Readonly<{ keyFolder: KeyFolderContext }>

const ringBody = async ({ keyFolder }: KeyRouteDeps, ring: RingName) => ({
  ring,
  keys: (await listKeys(keyFolder, ring)).map(({ kid, alg, status, notAfter }) => ({
    ...{ kid, alg, status },
    until: typeof notAfter === 'number' ? new Date(notAfter).toISOString() : null,
  })),
})

/** `GET /keys`: the rings of the key folder, without their secrets. */
export const keysRoute: Handler<KeyRouteDeps> = (deps) => async (ctx) => {
  await requireAuditor(deps, ctx)
  const names = await madeRings(deps.keyFolder)
  ctx.body = { rings: await Promise.all(names.map((name) => ringBody(deps, name))) }
}

/** A person, who is answerable, and whose password was given a moment ago. */
const requirePerson = async (deps: KeyRouteDeps, ctx: Context): Promise<void> => {
  const now = deps.context.storeClock.now()
  const caller = await requireCaller(deps, ctx, now, 'audit')
  if (caller.kind !== 'user' || !caller.isAdministrator) throw forbidden()
  requireSteppedUp(deps, ctx, caller, now)
}

const readOnly = (): Refusal =>
  new Refusal(501, {
    detail:
      'The key folder is read-only here, and nothing was changed: rotate where the files are ' +
      'made, by curfew keys rotate.',
    code: 'keys_read_only',
  })

/** `POST /keys/{ring}/rotate`: as `curfew keys rotate`, never at once. */
export const rotateRoute: Handler<KeyRouteDeps> = (deps) => async (ctx) => {
  await requirePerson(deps, ctx)
  const { ring } = ctx['params'] as { ring: string }
  const { keyFolder } = deps
  if (!isRingName(ring) || !(await madeRings(keyFolder)).includes(ring)) {
    throw new AuthError('NOT_FOUND', 'There is no such ring.')
  }
  const detail = await rotate(keyFolder, ring, false).catch((error: unknown) => {
    throw isAuthError(error, 'KEYS_READ_ONLY') ? readOnly() : error
  })
  deps.context.logger.warn({ ring }, 'a ring of keys was rotated over HTTP')
  ctx.body = { detail, ...(await ringBody(deps, ring)) }
}
