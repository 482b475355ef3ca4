import { isAuthError } from '../../shared/kernel/errors.ts'
import { importUser } from '../gateway/accounts.ts'
import { noPassword } from '../gateway/password-hash.ts'
import { storedName, userNamed } from '../gateway/user-names.ts'
import type { AccountDesk } from './account-desk.ts'
import { type DjangoRow, type DjangoUser, type RefusedRow, readDjangoRow } from './django-users.ts'
import { BrokenFile, jsonRows, type RowText } from './json-rows.ts'

export type ImportReport = {
  rows: number
  imported: number
  /** Of those imported: accounts that no password opens, as Django had them. */
  withoutPassword: number
  /** There already under the same name and id, and left as they are. */
  skipped: number
  refused: RefusedRow[]
  /** Why the file was not read to its end; rows before it were. */
  broken: string | null
}

/** Durable writes of one round share their flush; more at once would only wait longer. */
const atOnce = 32

type Outcome = 'imported' | 'skipped' | RefusedRow

/** Names and ids of the rows so far: two users of one id would be one person to services. */
class Seen {
  readonly #rows = new Map<string, number>()

  /** The row that had it first, or `null`. */
  note(kind: 'name' | 'id', value: string, row: number): number | null {
    const key = `${kind}:${value}`
    const first = this.#rows.get(key)
    if (first !== undefined) return first
    this.#rows.set(key, row)
    return null
  }
}

const parsed = ({ row, text }: RowText, adminRole: string): DjangoRow => {
  const refuse = (reason: string): DjangoRow => ({
    ok: false,
    refused: { row, field: null, username: null, reason },
  })
  if (text === null) return refuse('is larger than 64 KiB')
  try {
    return readDjangoRow(JSON.parse(text), row, adminRole)
  } catch {
    return refuse('is no JSON')
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

const importOne = async (desk: AccountDesk, user: DjangoUser, row: number): Promise<Outcome> => {
  const { id, username } = user
  const refuse = (field: string, reason: string): RefusedRow => ({ row, field, username, reason })
  const judged = (there: Readonly<{ id: string }>): Outcome =>
    there.id === id
      ? 'skipped'
      : refuse('fields.username', `is another user’s, whose id is ${JSON.stringify(there.id)}`)
  const there = await userNamed(desk.directory, username)
  if (there) return judged(there)
  try {
    await importUser(desk, user)
    return 'imported'
  } catch (error) {
    if (isAuthError(error, 'INPUT_INVALID')) {
      return refuse(`fields.${error.field ?? 'username'}`, error.message)
    }
    const raced = isAuthError(error, 'USER_EXISTS') && (await userNamed(desk.directory, username))
    if (raced) return judged(raced)
    throw error
  }
}

const note = (report: ImportReport, user: DjangoUser | null, outcome: Outcome): void => {
  report.rows += 1
  if (typeof outcome === 'object') report.refused.push(outcome)
  else report[outcome] += 1
  if (outcome === 'imported' && user?.passwordHash === noPassword) report.withoutPassword += 1
}

/**
 * Imports the users of a stream of JSON, some rows at a time, however many there are. May be run
 * again: who is there already is skipped. `onRows` hears of every round.
 * @throws AuthError STORE_UNAVAILABLE and the like; what was imported before stays.
 */
export const importUsers = async (
  desk: AccountDesk,
  chunks: AsyncIterable<Uint8Array>,
  onRows: (report: ImportReport) => void,
): Promise<ImportReport> => {
  const report: ImportReport = {
    rows: 0,
    imported: 0,
    withoutPassword: 0,
    skipped: 0,
    refused: [],
    broken: null,
  }
  const seen = new Seen()
  let round: RowText[] = []
  const finish = async (): Promise<void> => {
    const outcomes = await Promise.all(
      round.map(async (text): Promise<[DjangoUser | null, Outcome]> => {
        const read = parsed(text, desk.adminRole)
        if (!read.ok) return [null, read.refused]
        const { user } = read
        const duplicate = duplicateOf(user, text.row, seen)
        return [user, duplicate ?? (await importOne(desk, user, text.row))]
      }),
    )
    for (const [user, outcome] of outcomes) note(report, user, outcome)
    round = []
    onRows(report)
  }
  try {
    for await (const row of jsonRows(chunks)) {
      round.push(row)
      if (round.length === atOnce) await finish()
    }
  } catch (error) {
    if (!(error instanceof BrokenFile)) throw error
    report.broken = error.message
  }
  if (round.length > 0) await finish()
  return report
}
