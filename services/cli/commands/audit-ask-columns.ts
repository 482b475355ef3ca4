import type { Question } from '../../gateway/questions/index.ts'
import type { UserNames } from '../store/user-names.ts'
import { filterText } from '../terminal/filter-text.ts'
import type { Column } from '../terminal/print-list.ts'

/** A row of an answer, as `--json` shows it. */
export type AnswerRow = Readonly<Record<string, unknown>>
type Member = Readonly<Record<string, unknown>>

const textAt = (row: AnswerRow, path: string): string | null => {
  const value = path
    .split('.')
    .reduce<unknown>((at, name) => (at as Member | null | undefined)?.[name], row)
  return value === null || value === undefined ? null : String(value)
}

/** Heading, member, and what is no plain member of the row. */
type Cell = readonly [heading: string, path: string, text?: (row: AnswerRow) => string | null]

const list = (value: unknown): readonly Member[] => (Array.isArray(value) ? value : [])

const tokens = ({ tokens: all }: AnswerRow): string =>
  list(all)
    .map(({ kind, jti, expires_at: until }) => `${kind} ${jti} until ${until}`)
    .join('; ')

const slowest = ({ slowest: one, guards }: AnswerRow): string => {
  const guard = one as Member | null
  if (guard === null) return 'not measured'
  const within = guard['max_ms'] === null ? 'longer than is counted' : `${guard['max_ms']} ms`
  return `${within}, ${guard['name']} (${guard['client']}), of ${guards}`
}

const stale = ({ stale: all }: AnswerRow): string =>
  list(all)
    .map(({ name, instance, from, to }) => `${name} ${instance} ${from} to ${to ?? 'now'}`)
    .join('; ')

/** What was ended; of a reading, what was asked for. */
const whatDone = (row: AnswerRow): string | null => {
  const given = filterText((row['data'] as Member)['filter'])
  return given === '' ? textAt(row, 'data.key') : given
}

const ended = ({ ended: end }: AnswerRow): string | null =>
  end === null ? null : `${(end as Member)['at']} ${(end as Member)['reason']}`

const cells: Readonly<Record<Question['ask'], readonly Cell[]>> = {
  held: [
    ['USER', 'user'],
    ['SESSION', 'session'],
    ['BEGAN', 'began'],
    ['FROM', 'address'],
    ['LAST USED', 'last_used'],
    ['TOKENS', 'tokens', tokens],
    ['CERTAIN', 'certain'],
  ],
  tokens: [
    ['ISSUED', 'issued_at'],
    ['KIND', 'kind'],
    ['TOKEN', 'jti'],
    ['BY', 'cause'],
    ['REPLACES', 'replaces'],
    ['EXPIRES', 'expires_at'],
    ['ENDED', 'ended', ended],
    ['FROM', 'address'],
  ],
  acts: [
    ['TIME', 'time'],
    ['EVENT', 'type'],
    ['USER', 'data.sub'],
    ['REASON', 'data.reason'],
    ['WHAT', 'data.key', whatDone],
    ['FROM', 'data.address'],
    ['ID', 'id'],
  ],
  refusals: [
    ['TIME', 'time'],
    ['REVOKED', 'key'],
    ['REASON', 'reason'],
    ['SLOWEST GUARD', 'slowest', slowest],
    ['STALE GUARDS', 'stale', stale],
    ['ID', 'revocation'],
  ],
  'used-after': [
    ['REVOKED', 'revoked_at'],
    ['WHAT', 'key'],
    ['USED', 'use.time'],
    ['BY', 'use.data.sub'],
    ['EVENT', 'use.type'],
    ['ID', 'use.id'],
  ],
  'new-addresses': [
    ['TIME', 'time'],
    ['USER', 'user'],
    ['FROM', 'address'],
    ['AGENT', 'agent'],
    ['FIRST LOGIN', 'first_login'],
    ['SESSION', 'session'],
  ],
}

const userPaths: ReadonlySet<string> = new Set(['user', 'data.sub', 'use.data.sub'])

/** The columns of an answer on a terminal, and whose names they show. */
export const columnsOf = (ask: Question['ask'], names: UserNames) => ({
  list: cells[ask].map(([heading, path, text]): Column<AnswerRow> => {
    const shown = (row: AnswerRow): string | null => {
      const value = text ? text(row) : textAt(row, path)
      return userPaths.has(path) ? names.shown(value) : value
    }
    return { heading, member: path, value: shown }
  }),
  users: (row: AnswerRow): readonly (string | null)[] =>
    cells[ask].flatMap(([, path]) => (userPaths.has(path) ? [textAt(row, path)] : [])),
})
