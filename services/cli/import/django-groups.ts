/** How Django's groups become roles. */
export type GroupRules = Readonly<{
  /** A superuser alone becomes it, unless a group is told to. */
  adminRole: string
  /** Roles that were told for groups, by their names. */
  groupRoles: ReadonlyMap<string, string>
}>

export type GroupRole = Readonly<{ role: string }> | Readonly<{ problem: string }>

const rolePattern = /^[A-Za-z0-9._:-]{1,64}$/
const quoted = (name: string): string => JSON.stringify(name.slice(0, 150))

/**
 * The groups of a file. Rows of users name them by the primary key, whose row came before (Django
 * writes it before), or by the name (`--natural-foreign`).
 */
export class DjangoGroups {
  readonly #rules: GroupRules
  readonly #names = new Map<string, string>()
  /** Which group has a role that nobody was told: two must not become one. */
  readonly #groupOf = new Map<string, string>()

  constructor(rules: GroupRules) {
    this.#rules = rules
  }

  note(pk: number | string, name: string): void {
    this.#names.set(String(pk), name)
  }

  roleOf(named: number | string | readonly [string], isSuperuser: boolean): GroupRole {
    const name = Array.isArray(named) ? String(named[0]) : this.#names.get(String(named))
    if (name === undefined) {
      return { problem: `names group ${named}, whose row did not come before: dump auth.group too` }
    }
    const { groupRoles, adminRole } = this.#rules
    const told = groupRoles.get(name)
    if (told !== undefined) return { role: told }
    const role = name.trim().replace(/\s+/gu, '-')
    const fix = `give it one: --group-role ${JSON.stringify(`${name.slice(0, 150)}=role`)}`
    if (!rolePattern.test(role)) return { problem: `${quoted(name)} cannot be a role; ${fix}` }
    const other = this.#groupOf.get(role) ?? name
    if (other !== name) {
      return { problem: `${quoted(name)} would be the role of ${quoted(other)}; ${fix}` }
    }
    if (role === adminRole && !isSuperuser) {
      return { problem: `${quoted(name)} would make an administrator; ${fix}` }
    }
    this.#groupOf.set(role, name)
    return { role }
  }
}
