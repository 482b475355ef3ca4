import { isAuthError } from '../../../shared/kernel/errors.ts'
import { importUser, noPassword, storedName, userNamed } from '../../gateway/accounts/index.ts'
import type { AccountContext } from '../store/open-store.ts'
import { decodeUtf8 } from './decode-utf8.ts'
import {
  DjangoDumpReader,
  type DjangoOptions,
  type DjangoRow,
  type DjangoUser,
  type RefusedRow,
} from './django-users.ts'
import { BrokenFile, jsonRows, type RowText } from './json-rows.ts'

export type ImportReport = {
  rows: number
  imported: number
  /** How many of the imported accounts no password opens, as it was in Django. */
  withoutPassword: number
  /** There already under the same name and id, and left as they are. */
  skipped: number
  refused: RefusedRow[]
  /**
   * The imported users who cannot log in by e-mail address, because another account has that
   * address.
   */
  withoutEmail: RefusedRow[]
  /** Why the file was not read to its end; rows before it were. */
  broken: string | null
}

/** Durable writes of one round share their flush; more at once would only wait longer. */
const returnImmediately = 32

type Outcome = 'imported' | 'skipped' | RefusedRow
type Done = Readonly<{ user: DjangoUser; outcome: Outcome; withoutEmail: RefusedRow | null }>

export type ImportOptions = Omit<DjangoOptions, 'adminRole'>
/** What a default project of Django needs. */
export const importDefaults: ImportOptions = {
  model: null,
  usernameField: null,
  takesEmails: true,
  takesGroups: true,
  groupRoles: new Map(),
}

/** Names, addresses and ids so far: two users of one id would be one person to services. */
class Seen {
  readonly #rows = new Map<string, number>()

  /** The row that had it first, or `null`. */
  note(kind: 'name' | 'email' | 'id', value: string, row: number): number | null {
    const key = `${kind}:${value}`
    const first = this.#rows.get(key)
    if (first !== undefined) return first
    this.#rows.set(key, row)
    return null
  }
}

const parsed = ({ row, text, problem }: RowText, reader: DjangoDumpReader): DjangoRow => {
  const refuse = (reason: string): DjangoRow => ({
    kind: 'refused',
    refused: { row, field: null, username: null, reason },
  })
  if (text === null) return refuse(problem)
  try {
    return reader.read(JSON.parse(text), row)
  } catch (error) {
    if (error instanceof SyntaxError) return refuse('is no JSON')
    throw error
  }
}

const duplicateOf = ({ id, username }: DjangoUser, row: number, seen: Seen): RefusedRow | null => {
  const refuse = (field: string, first: number): RefusedRow => {
    return { row, field, username, reason: `is that of row ${first} too` }
  }
  const sameName = seen.note('name', storedName(username), row)
  if (sameName !== null) return refuse('fields.username', sameName)
  const sameId = seen.note('id', id, row)
  return sameId === null ? null : refuse('pk', sameId)
}

const importOne = async (
  context: AccountContext,
  user: DjangoUser,
  row: number,
): Promise<Outcome> => {
  const { id, username } = user
  const refuse = (field: string, reason: string): RefusedRow => ({ row, field, username, reason })
  const judged = (there: Readonly<{ id: string }>): Outcome =>
    there.id === id
      ? 'skipped'
      : refuse('fields.username', `is another user’s, whose id is ${JSON.stringify(there.id)}`)
  const there = await userNamed(context.accounts.directory, username)
  if (there) return judged(there)
  const { email, ...account } = user
  try {
    await importUser(context, { ...account, ...(email === null ? {} : { email }) })
    return 'imported'
  } catch (error) {
    if (isAuthError(error, 'INPUT_INVALID')) {
      return refuse(`fields.${error.field ?? 'username'}`, error.message)
    }
    if (!isAuthError(error, 'USER_EXISTS')) throw error
    const raced = await userNamed(context.accounts.directory, username)
    return raced ? judged(raced) : refuse('fields.username', 'is another user’s e-mail address')
  }
}

/** Which account has the address already, as a reason; `null` if it is free, or this user's own. */
const whyNoEmail = async (
  context: AccountContext,
  { id, username, email }: DjangoUser,
  row: number,
  seen: Seen,
): Promise<string | null> => {
  if (email === null) return null
  const first = seen.note('email', email, row)
  if (first !== null) return `is that of row ${first} too`
  const other =
    (await context.accounts.directory.byEmail(email)) ??
    (await userNamed(context.accounts.directory, email))
  if (!other || (other.id === id && other.username === username)) return null
  return 'is another user’s name or address'
}

const importRow = async (
  context: AccountContext,
  user: DjangoUser,
  row: number,
  seen: Seen,
): Promise<Done> => {
  const duplicate = duplicateOf(user, row, seen)
  if (duplicate) return { user, outcome: duplicate, withoutEmail: null }
  const reason = await whyNoEmail(context, user, row, seen)
  const email = reason === null ? user.email : null
  const outcome = await importOne(context, { ...user, email }, row)
  const { username } = user
  const isTold = reason !== null && outcome === 'imported'
  const withoutEmail = isTold ? { row, field: 'fields.email', username, reason } : null
  return { user, outcome, withoutEmail }
}

const note = (report: ImportReport, { user, outcome, withoutEmail }: Done): void => {
  if (typeof outcome === 'object') report.refused.push(outcome)
  else report[outcome] += 1
  if (withoutEmail) report.withoutEmail.push(withoutEmail)
  if (outcome === 'imported' && user.passwordHash === noPassword) report.withoutPassword += 1
}

/**
 * Imports the users of a stream of JSON, some rows at a time, however many there are. May be run
 * again: who is there already is skipped. `onRows` hears of every round.
 * @throws AuthError STORE_UNAVAILABLE and the like; what was imported before stays.
 */
export const importUsers = async (
  context: AccountContext,
  chunks: AsyncIterable<Uint8Array>,
  onRows: (report: ImportReport) => void,
  options: ImportOptions = importDefaults,
): Promise<ImportReport> => {
  const report: ImportReport = {
    rows: 0,
    imported: 0,
    withoutPassword: 0,
    skipped: 0,
    refused: [],
    withoutEmail: [],
    broken: null,
  }
  const seen = new Seen()
  const reader = new DjangoDumpReader({ ...options, adminRole: context.accounts.adminRole })
  let round: RowText[] = []
  const finish = async (): Promise<void> => {
    // One after another: a row may say what a later one means.
    const read = round.map((text) => ({ row: text.row, read: parsed(text, reader) }))
    const done = await Promise.all(
      read.map(async ({ row, read: one }): Promise<Done | RefusedRow | null> => {
        if (one.kind === 'passed') return null
        return one.kind === 'refused' ? one.refused : importRow(context, one.user, row, seen)
      }),
    )
    for (const one of done) {
      if (one === null) continue
      report.rows += 1
      if ('outcome' in one) note(report, one)
      else report.refused.push(one)
    }
    round = []
    onRows(report)
  }
  try {
    for await (const row of jsonRows(decodeUtf8(chunks))) {
      round.push(row)
      if (round.length === returnImmediately) await finish()
    }
  } catch (error) {
    if (!(error instanceof BrokenFile)) throw error
    report.broken = error.message
  }
  if (round.length > 0) await finish()
  return report
}
