import type { AnswerRows } from '../../../gateway/answers.ts'
import { hrefOf } from '../model/address.ts'
import { titleOf } from '../model/event-words.ts'
import { count, duration } from '../model/format.ts'
import type { Ask } from '../model/questions.ts'
import type { Column } from './data-table.tsx'
import { Id } from './id.tsx'
import { When } from './when.tsx'

type Columns = { [Name in Ask]: readonly Column<AnswerRows[Name]>[] }

const words = (text: string): string => text.replaceAll('_', ' ')
const Key = ({ text }: Readonly<{ text: string }>) => <code>{text}</code>

/** How the rows of each question are shown. */
export const answerColumns: Columns = {
  held: [
    { heading: 'Session', cell: ({ session }) => <Id kind="session" id={session} /> },
    { heading: 'User', cell: ({ user }) => <Id kind="user" id={user} /> },
    { heading: 'Client', cell: ({ client }) => <Id kind="client" id={client} /> },
    { heading: 'Address', cell: ({ address }) => <Id kind="address" id={address} /> },
    { heading: 'Began', cell: ({ began }) => <When at={began} how="clock" /> },
    { heading: 'Last used', cell: ({ last_used: used }) => <When at={used} how="clock" /> },
    { heading: 'Tokens', isNumber: true, cell: ({ tokens }) => count(tokens.length) },
  ],
  tokens: [
    { heading: 'Token', cell: ({ jti }) => <Id kind="token" id={jti} /> },
    { heading: 'Kind', cell: ({ kind, cause }) => `${kind}, by ${cause}` },
    { heading: 'Issued', cell: ({ issued_at: at }) => <When at={at} how="clock" /> },
    { heading: 'Expires', cell: ({ expires_at: at }) => <When at={at} how="clock" /> },
    { heading: 'Ended', cell: ({ ended }) => <When at={ended?.at ?? null} how="clock" /> },
    { heading: 'Why', cell: ({ ended }) => (ended ? words(ended.reason) : '–') },
  ],
  acts: [
    { heading: 'Time', cell: ({ time }) => <When at={time} how="clock" /> },
    { heading: 'What', cell: (event) => titleOf(event) },
    { heading: 'Event', cell: ({ id }) => <Key text={id} /> },
  ],
  refusals: [
    { heading: 'Revoked', cell: ({ time }) => <When at={time} how="clock" /> },
    { heading: 'What', cell: ({ key }) => <Key text={key} /> },
    { heading: 'Why', cell: ({ reason }) => words(reason) },
    { heading: 'Guards', isNumber: true, cell: ({ guards }) => count(guards) },
    { heading: 'Slowest', cell: ({ slowest }) => slowest?.name ?? '–' },
    {
      heading: 'At most',
      isNumber: true,
      cell: ({ slowest }) => duration(slowest?.max_ms ?? null),
    },
    { heading: 'Stale', isNumber: true, cell: ({ stale }) => count(stale.length) },
  ],
  'used-after': [
    { heading: 'Revoked', cell: ({ revoked_at: at }) => <When at={at} how="clock" /> },
    { heading: 'What', cell: ({ key }) => <Key text={key} /> },
    { heading: 'Used', cell: ({ use }) => <When at={use.time} how="clock" /> },
    { heading: 'How', cell: ({ use }) => titleOf(use) },
  ],
  'new-addresses': [
    { heading: 'Time', cell: ({ time }) => <When at={time} how="clock" /> },
    { heading: 'User', cell: ({ user }) => <Id kind="user" id={user} /> },
    { heading: 'Address', cell: ({ address }) => <Id kind="address" id={address} /> },
    { heading: 'First login', cell: ({ first_login: isFirst }) => (isFirst ? 'yes' : 'no') },
    {
      heading: 'Session',
      cell: ({ session }) => (
        <a data-open href={hrefOf(`/sessions/${session}`)}>
          <code>{session.slice(0, 10)}…</code>
        </a>
      ),
    },
  ],
}
