import { z } from 'zod'
import { isKnownHash } from '../gateway/password-hash.ts'

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
export type DjangoRow =
  | Readonly<{ ok: true; user: DjangoUser }>
  | Readonly<{ ok: false; name: string; why: string }>

const rolesOf = ({ is_staff, is_superuser }: z.infer<typeof row>['fields']): string[] => [
  ...(is_superuser ? ['admin'] : []),
  ...(is_staff ? ['staff'] : []),
]

/** What becomes of one row. Pure; never throws. Says what is wrong, and no hash. */
export const readDjangoRow = (given: unknown, index: number): DjangoRow => {
  const parsed = row.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const why = `row ${index + 1}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`
    return { ok: false, name: `row ${index + 1}`, why }
  }
  const { model, pk, fields } = parsed.data
  const { username: name, password } = fields
  if (!model.endsWith('.user')) return { ok: false, name, why: `is a ${model}, not a user` }
  // Django writes `!` and random text for an account that cannot log in with a password.
  if (password.startsWith('!')) return { ok: false, name, why: 'has no usable password' }
  if (!isKnownHash(password)) return { ok: false, name, why: 'has a hash of an unknown kind' }
  const user = { id: String(pk), username: name, passwordHash: password, roles: rolesOf(fields) }
  return { ok: true, user: { ...user, active: fields.is_active } }
}
