import { z } from 'zod'
import type { HoldScope } from '../../../../shared/fleet/holds/index.ts'
import { clientId, type EpochMs, sessionId } from '../../../../shared/kernel/ids.ts'
import { isoInstant, isoInstantExample } from '../../../../shared/kernel/iso-instant.ts'
import { fieldProblem } from '../../http/index.ts'

const name = z.string().min(1).max(508)
const instant = z
  .string()
  .refine((text) => isoInstant(text) !== null, { error: `Must be ${isoInstantExample}` })

export const holdFields = z.strictObject({
  /** Why, for whoever asks later. */
  reason: z.string().trim().min(1).max(256),
  /** Whom it is about, by id or name. */
  user: name.optional(),
  session: name.optional(),
  client: name.optional(),
  /** Of events from this instant on, and before that one. */
  since: instant.optional(),
  until: instant.optional(),
  /** In place of all of these. */
  everything: z.literal(true).optional(),
})

export const releaseFields = holdFields.pick({ reason: true })

/** @throws Refusal 400 that names the member */
export const parsedFields = <Fields>(
  schema: z.ZodType<Fields>,
  body: ReadonlyMap<string, unknown>,
): Fields => {
  const parsed = schema.safeParse(Object.fromEntries(body))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  if (unknown !== undefined) throw fieldProblem(unknown, 'Unknown field.')
  const field = String(issue?.path[0] ?? 'reason')
  throw fieldProblem(field, body.has(field) ? `${issue?.message}.` : 'This field is required.')
}

const inField = <Value>(field: string, read: () => Value): Value => {
  try {
    return read()
  } catch (error) {
    throw fieldProblem(field, (error as Error).message)
  }
}

/** `user` is as it was given. @throws Refusal 400 that names the member */
export const scopeOf = (
  fields: z.output<typeof holdFields>,
): Omit<HoldScope, 'user'> & Readonly<{ user: string | null }> => {
  const { user = null, session, client, since, until, everything } = fields
  const at = (text: string | undefined): EpochMs | null =>
    text === undefined ? null : isoInstant(text)
  const scope = {
    user,
    session: session === undefined ? null : inField('session', () => sessionId(session)),
    client: client === undefined ? null : inField('client', () => clientId(client)),
    ...{ since: at(since), until: at(until) },
  }
  const isGiven = Object.values(scope).some((one) => one !== null)
  if (isGiven && everything) throw fieldProblem('everything', 'Goes with nothing else.')
  if (!isGiven && !everything) {
    throw fieldProblem('everything', 'Must be true where nothing else says what is held.')
  }
  if (scope.since !== null && scope.until !== null && scope.since >= scope.until) {
    throw fieldProblem('until', 'Must be after since.')
  }
  return scope
}
