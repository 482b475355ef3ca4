import type { Context } from 'koa'
import { z } from 'zod'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import type { SubjectId } from '../../../../shared/kernel/ids.ts'
import { readBySchema } from '../../../../shared/kernel/schema-fault.ts'
import { knownSubject, usersOf } from '../../accounts/index.ts'
import { factsOf, readJsonObject, withOAuthErrors } from '../../http/index.ts'
import { appendRevocation, deliver, setDeliveryHeaders } from '../index.ts'
import type { RevocationRouteDeps } from './revocation-target.ts'

const emailError = { error: 'must be an address such as alice@example.com' }
const name = z.string().min(1).max(2_048)
/** RFC 9493, 3.2. Unknown members are refused: ignored, they could name somebody else. */
const subjectIdentifier = z.discriminatedUnion('format', [
  z.strictObject({ format: z.literal('opaque'), id: name }),
  z.strictObject({ format: z.literal('iss_sub'), iss: name, sub: name }),
  z.strictObject({ format: z.literal('email'), email: name.regex(/^[^@]+@[^@]+$/, emailError) }),
])
const subjectIdentifiers = z.array(subjectIdentifier).min(1).max(16)
const aliases = z.strictObject({ format: z.literal('aliases'), identifiers: subjectIdentifiers })

export const globalRevocationFields = z.object({
  sub_id: z.discriminatedUnion('format', [...subjectIdentifier.options, aliases]),
})

type Identifier = z.output<typeof subjectIdentifier>

/** @throws AuthError INPUT_INVALID that names the wrong member. */
const readIdentifiers = (body: ReadonlyMap<string, unknown>): readonly Identifier[] => {
  const reading = readBySchema(globalRevocationFields, Object.fromEntries(body))
  if (!reading.ok) {
    const { path, problem } = reading.fault
    const field = path.join('.') || 'sub_id'
    throw new AuthError('INPUT_INVALID', `${field} ${problem}`, { field })
  }
  const { sub_id } = reading.value
  return sub_id.format === 'aliases' ? sub_id.identifiers : [sub_id]
}

const subjectOf = async (
  deps: RevocationRouteDeps,
  given: Identifier,
): Promise<SubjectId | null> => {
  if (given.format === 'email') return usersOf(deps).credentials.subjectOf(given.email)
  if (given.format === 'iss_sub' && !deps.tokens.issuer.isOwn(given)) return null
  return knownSubject(deps, given.format === 'opaque' ? given.id : given.sub)
}

/** @throws AuthError USER_UNKNOWN; INPUT_INVALID when the aliases name several users. */
const subjectOfAll = async (
  deps: RevocationRouteDeps,
  given: readonly Identifier[],
): Promise<SubjectId> => {
  const found = await Promise.all(given.map((identifier) => subjectOf(deps, identifier)))
  const [sub, ...others] = new Set(found.filter((subject) => subject !== null))
  if (others.length > 0) {
    const field = 'sub_id.identifiers'
    throw new AuthError('INPUT_INVALID', `${field} name more than one user`, { field })
  }
  if (sub === undefined) throw new AuthError('USER_UNKNOWN', 'sub_id names no user of this issuer')
  return sub
}

/**
 * `POST /global-token-revocation` (draft-parecki-oauth-global-token-revocation): an identity
 * provider's universal logout. It ends every session of a user in one commit, as `POST
 * /revocations` with the scope `subject` does, and answers 204 once the commit is in the store.
 */
export const globalRevocationRoute = (deps: RevocationRouteDeps) =>
  withOAuthErrors(async (ctx: Context): Promise<void> => {
    deps.http.clients.authenticate(ctx, 'revoke')
    const sub = await subjectOfAll(deps, readIdentifiers(await readJsonObject(ctx)))
    const origin = factsOf(ctx).origin
    const ended = await appendRevocation(deps, { scope: 'subject', sub }, origin)
    ctx.status = 204
    if (ended) setDeliveryHeaders(ctx, await deliver(deps, ended))
  })
