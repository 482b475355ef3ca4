import { z } from 'zod'
import { isKnownHash, noPassword } from '../gateway/password-hash.ts'

/** One row of `manage.py dumpdata auth.user`; other fields are passed over. */
const row = z.object({
  model: z.string(),
  pk: z.union([z.int(), z.string().min(1).max(64)]),
  fields: z.object({
    username: z.string(),
    password: z.string(),
    is_active: z.boolean().default(true),
    is_staff: z.boolean().default(false),
    is_superuser: z.boolean().default(false),
  }),
})

export type DjangoUser = Readonly<{
  id: string
  username: string
  passwordHash: string
  roles: readonly string[]
  active: boolean
}>
export type RefusedRow = Readonly<{
  row: number
  /** The member at fault, as a path; `null` for the row as a whole. */
  field: string | null
  username: string | null
  reason: string
}>
export type DjangoRow =
  | Readonly<{ ok: true; user: DjangoUser }>
  | Readonly<{ ok: false; refused: RefusedRow }>

const usernameIn = (given: unknown): string | null => {
  const { fields } = (given ?? {}) as { fields?: { username?: unknown } }
  return typeof fields?.username === 'string' ? fields.username.slice(0, 200) : null
}

/**
 * What becomes of one row, `adminRole` for a superuser and `staff` for staff. Pure; never throws.
 * Says what is wrong, and no hash.
 */
export const readDjangoRow = (given: unknown, number: number, adminRole: string): DjangoRow => {
  const refuse = (field: string | null, reason: string): DjangoRow => ({
    ok: false,
    refused: { row: number, field, username: usernameIn(given), reason },
  })
  const parsed = row.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return refuse(issue?.path.join('.') || null, issue?.message ?? 'has the wrong form')
  }
  const { model, pk, fields } = parsed.data
  const { username, password, is_active: active, is_staff, is_superuser } = fields
  if (!model.endsWith('.user')) return refuse('model', `is ${model.slice(0, 100)}, not a user`)
  // Django writes `!` and random text for an account that cannot log in with a password.
  const isUnusable = password.startsWith('!')
  if (!isUnusable && !isKnownHash(password)) {
    return refuse('fields.password', 'is a hash of an unknown kind')
  }
  const roles = [...(is_superuser ? [adminRole] : []), ...(is_staff ? ['staff'] : [])]
  const passwordHash = isUnusable ? noPassword : password
  return { ok: true, user: { id: String(pk), username, passwordHash, roles, active } }
}
