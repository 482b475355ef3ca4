import { z } from 'zod'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import { readBySchema } from '../../../shared/kernel/schema-fault.ts'
import { isPlainObject } from '../../../shared/kernel/strict-json.ts'
import { checkEmail, emailKey, isKnownHash, noPassword } from '../../gateway/accounts/index.ts'
import { DjangoGroups, type GroupRules } from './django-groups.ts'

const pk = z.union([z.int(), z.string().min(1).max(64)], {
  error: 'must be a whole number, or text of 1 to 64 characters',
})
const group = z.union([pk, z.tuple([z.string()])], {
  error: 'must be the key of a group, or a list with its name',
})

/** One row of `manage.py dumpdata` of a user model; other fields are passed over. */
const userRow = z.object({
  model: z.string(),
  pk,
  fields: z.looseObject({
    password: z.string(),
    is_active: z.boolean().default(true),
    is_staff: z.boolean().default(false),
    is_superuser: z.boolean().default(false),
    groups: z.array(group).default([]),
  }),
})
const groupRow = z.object({
  model: z.literal('auth.group'),
  pk,
  fields: z.object({ name: z.string() }),
})

export type DjangoUser = Readonly<{
  id: string
  username: string
  /** Opens the account as the name does; `null` for none. */
  email: string | null
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
  | Readonly<{ kind: 'user'; user: DjangoUser }>
  | Readonly<{ kind: 'refused'; refused: RefusedRow }>
  /** A group, or what a dump of the whole app `auth` brings along. */
  | Readonly<{ kind: 'passed' }>

export type DjangoOptions = GroupRules &
  Readonly<{
    /** AUTH_USER_MODEL; `null`: the first model that looks like one. */
    model: string | null
    /** USERNAME_FIELD; `null`: `username`, or `email` where there is none. */
    usernameField: string | null
    takesEmails: boolean
    takesGroups: boolean
  }>

const shownMax = 254
/** What a dump of `auth` holds beside users and groups. */
const passed = new Set(['auth.permission', 'contenttypes.contenttype'])

type Given = Readonly<{ model: unknown; fields: Readonly<Record<string, unknown>> | undefined }>
type Parsed = z.output<typeof userRow>

/** Whatever JSON stands there: what is no object has no members. */
const membersOf = (given: unknown): Given => {
  const { model, fields } = isPlainObject(given) ? given : {}
  return { model, fields: isPlainObject(fields) ? fields : undefined }
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isEmail = (text: string): boolean => {
  try {
    checkEmail(text)
    return true
  } catch (error) {
    if (isAuthError(error, 'INPUT_INVALID')) return false
    throw error
  }
}

/**
 * Reads the rows of one file, in order: which model is the user's, and what groups are called, is
 * said by earlier ones. Says what is wrong, and no hash.
 */
export class DjangoDumpReader {
  readonly #options: DjangoOptions
  readonly #groups: DjangoGroups
  #model: string | null

  constructor(options: DjangoOptions) {
    this.#options = options
    this.#groups = new DjangoGroups(options)
    this.#model = options.model
  }

  /** What becomes of one row; never throws. */
  read(given: unknown, row: number): DjangoRow {
    const { model, fields } = membersOf(given)
    const username = fields?.[this.#nameIn(fields)]
    const shown = isText(username) ? username.slice(0, shownMax) : null
    const refuse = (field: string | null, reason: string): DjangoRow => ({
      kind: 'refused',
      refused: { row, field, username: shown, reason },
    })
    if (isText(model) && passed.has(model)) return { kind: 'passed' }
    const aGroup = groupRow.safeParse(given)
    if (aGroup.success) {
      this.#groups.note(aGroup.data.pk, aGroup.data.fields.name)
      return { kind: 'passed' }
    }
    const wrong = isText(model) ? this.#wrongModel(model, fields) : null
    if (wrong !== null) return refuse('model', wrong)
    const reading = readBySchema(userRow, given)
    if (reading.ok) return this.#user(reading.value, refuse)
    const { path, problem } = reading.fault
    return refuse(path.join('.') || null, problem)
  }

  #nameIn(fields: Given['fields']): string {
    const { usernameField } = this.#options
    return (
      usernameField ??
      (fields && !('username' in fields) && 'email' in fields ? 'email' : 'username')
    )
  }

  /** `null` for a user; the first one tells what the users of this file are. */
  #wrongModel(model: string, fields: Given['fields']): string | null {
    const shown = model.slice(0, 100)
    const known = this.#model
    if (known !== null) {
      const same = model.toLowerCase() === known.toLowerCase()
      return same ? null : `is ${shown}, and the users are ${known.slice(0, 100)} (--model)`
    }
    const looksSo = isText(fields?.['password']) && isText(fields[this.#nameIn(fields)])
    const isUser = model.endsWith('.user') || (!model.startsWith('auth.') && looksSo)
    if (!isUser) return `is ${shown}, not a user (--model names the model of users)`
    this.#model = model
    return null
  }

  #user(
    { pk: id, fields }: Parsed,
    refuse: (field: string, reason: string) => DjangoRow,
  ): DjangoRow {
    const { password, is_active: active } = fields
    const nameField = this.#nameIn(fields)
    const username = fields[nameField]
    if (!isText(username)) return refuse(`fields.${nameField}`, 'must be text')
    // Django writes `!` and random text for an account that cannot log in with a password.
    const isUnusable = password.startsWith('!')
    if (!isUnusable && !isKnownHash(password)) {
      return refuse('fields.password', 'is a hash of an unknown kind')
    }
    const roles = this.#roles(fields)
    if ('problem' in roles) return refuse('fields.groups', roles.problem)
    const passwordHash = isUnusable ? noPassword : password
    const email = this.#email(fields)
    return {
      kind: 'user',
      user: { id: String(id), username, email, passwordHash, roles: roles.all, active },
    }
  }

  #roles(
    fields: Parsed['fields'],
  ): Readonly<{ all: readonly string[] }> | Readonly<{ problem: string }> {
    const { is_superuser: isSuperuser, is_staff: isStaff, groups } = fields
    const { adminRole, takesGroups } = this.#options
    const all = new Set([...(isSuperuser ? [adminRole] : []), ...(isStaff ? ['staff'] : [])])
    for (const named of takesGroups ? groups : []) {
      const found = this.#groups.roleOf(named, isSuperuser)
      if ('problem' in found) return found
      all.add(found.role)
    }
    return { all: [...all] }
  }

  /** Also where it is the name: the name counts in its own case, the address in any. */
  #email(fields: Parsed['fields']): string | null {
    const email = fields['email']
    return this.#options.takesEmails && isText(email) && isEmail(email) ? emailKey(email) : null
  }
}
