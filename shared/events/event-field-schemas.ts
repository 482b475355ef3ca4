import { z } from 'zod'
import type {
  ClientId,
  EpochMs,
  EpochSeconds,
  RevocationKey,
  SessionId,
  SubjectId,
  TokenId,
} from '../kernel/ids.ts'

/**
 * A schema whose values have a name in the types alone. A `transform` would say the same, and cost
 * more than the checks do: most of what decoding an event took.
 */
const named = <Name>(schema: z.ZodType<Name extends string ? string : number>): z.ZodType<Name> =>
  schema as unknown as z.ZodType<Name>

const hex32 = z.string().regex(/^[0-9a-f]{32}$/)
export const jti = named<TokenId>(hex32)
export const sid = named<SessionId>(hex32)
export const sub = named<SubjectId>(z.string().regex(/^[\x21-\x7e]{1,255}$/))
export const client = named<ClientId>(z.string().regex(/^[A-Za-z0-9._-]{1,64}$/))
export const ms = named<EpochMs>(z.int())
export const seconds = named<EpochSeconds>(z.int())
export const key = named<RevocationKey>(
  z.string().regex(/^(all|(jti|sid|sub|client):[\x21-\x7e]{1,255})$/),
)
export const count = z.int().min(0)
/** Where a request came from; both may be absent (the command line, a service). */
export const origin = {
  address: z.string().max(64).nullable(),
  agent: z.string().max(256).nullable(),
}

/**
 * On whose word something happened. `user`: whom it is about. `system`: a gateway's own rules, or
 * the command line (`cli:<account of the machine>`).
 */
export const actor = z.object({
  by: z.enum(['user', 'administrator', 'service', 'system']),
  id: z.string().regex(/^[\x21-\x7e]{1,255}$/),
})
/** `null` where an older version wrote it, which did not say. */
export const act = { actor: actor.nullable(), ...origin }
export const text = z.string().max(256)
/** What somebody asked for events by; `null` for what they did not. */
export const asking = z.string().max(508).nullable()
/** What a request that was refused asked for. */
export const asked = { method: z.string().max(16), path: text }
