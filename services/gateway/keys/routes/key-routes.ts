import { z } from 'zod'
import { component, json, refusalSchema } from '../../../../shared/http/route-doc.ts'
import { AuthError, isAuthError } from '../../../../shared/kernel/errors.ts'
import { requireSteppedUpPerson } from '../../accounts/index.ts'
import { type AuditorDeps, requireAuditor } from '../../audit/index.ts'
import {
  answering,
  badParameters,
  byAnybody,
  byPerson,
  changing,
  forAuditors,
  type GatewayRoute,
  get,
  type Handler,
  post,
  Refusal,
  toAdministrators,
} from '../../http/index.ts'
import {
  isRingName,
  type KeyFolderContext,
  listKeys,
  madeRings,
  type RingName,
  rings,
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
const keysRoute: Handler<KeyRouteDeps> = (deps) => async (ctx) => {
  await requireAuditor(deps, ctx)
  const names = await madeRings(deps.keyFolder)
  ctx.body = { rings: await Promise.all(names.map((name) => ringBody(deps, name))) }
}

const readOnly = (): Refusal =>
  new Refusal(501, {
    detail:
      'The key folder is read-only here, and nothing was changed: rotate where the files are ' +
      'made, by curfew keys rotate.',
    code: 'keys_read_only',
  })

/** `POST /keys/{ring}/rotate`: as `curfew keys rotate`, never at once. */
const rotateRoute: Handler<KeyRouteDeps> = (deps) => async (ctx) => {
  await requireSteppedUpPerson(deps, ctx)
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

const tag = 'Operators'
const ring = z.object({
  ring: z.enum(Object.keys(rings) as RingName[]),
  keys: z.array(
    z.object({
      kid: z.string(),
      alg: z.string(),
      status: z.enum(['next', 'active', 'retired']),
      until: z.iso
        .datetime()
        .nullable()
        .meta({ description: 'Until when a retired key is accepted; null: it does not end.' }),
    }),
  ),
})
const shown = component('KeyRing', ring)
const listed = z.object({ rings: z.array(shown) })
export type KeysBody = z.infer<typeof listed>
const rotated = ring.extend({ detail: z.string() })
export type RotatedBody = z.infer<typeof rotated>

/** The rings of the key folder. */
export const keyRoutes: readonly GatewayRoute<KeyRouteDeps>[] = [
  get('/keys', keysRoute, {
    summary: 'Rings of keys, and what each key does; never a secret',
    description: `${forAuditors} Of the key folder of the gateway that answers.`,
    tag,
    security: byAnybody,
    answers: answering(
      toAdministrators({
        200: { description: 'All of them.', content: json(listed) },
      }),
    ),
  }),
  post('/keys/:ring/rotate', rotateRoute, {
    summary: 'Let the next key of a ring sign; the old one stays as long as it is needed',
    description:
      'For administrators who gave their password at most five minutes ago (`POST /step-up`). A ' +
      'next key must have been shown for five minutes; until then it is a 400, ' +
      '`key_not_shown_yet`, which says how long. All gateways that share the folder ' +
      'take it within seconds.',
    tag,
    security: byPerson,
    parameters: [{ in: 'path', name: 'ring', description: 'Which one.', schema: z.string() }],
    answers: changing(
      toAdministrators({
        200: {
          description: 'What was done.',
          content: json(rotated),
        },
        400: badParameters,
        501: {
          description: '`keys_read_only`: this gateway cannot write the files; nothing changed.',
          content: json(refusalSchema),
        },
      }),
    ),
  }),
]
