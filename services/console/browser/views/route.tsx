import { path } from '../model/address.ts'
import { Page } from '../parts/page.tsx'
import { Empty } from '../parts/states.tsx'
import { Audit } from './audit.tsx'
import { Clients } from './clients.tsx'
import { DeadLetter } from './dead-letter.tsx'
import { DeadLetters } from './dead-letters.tsx'
import { Events } from './events.tsx'
import { Guards } from './guards.tsx'
import { Keys } from './keys.tsx'
import { Overview } from './overview.tsx'
import { Receivers } from './receivers.tsx'
import { SessionPage } from './session.tsx'
import { Sessions } from './sessions.tsx'
import { Settings } from './settings.tsx'
import { User } from './user.tsx'
import { Users } from './users.tsx'

const pages: Readonly<Record<string, () => preact.JSX.Element>> = {
  '/': Overview,
  '/events': Events,
  '/sessions': Sessions,
  '/users': Users,
  '/guards': Guards,
  '/clients': Clients,
  '/receivers': Receivers,
  '/settings': Settings,
  '/keys': Keys,
  '/dead-letters': DeadLetters,
  '/audit': Audit,
}

const withId: readonly (readonly [RegExp, (props: { id: string }) => preact.JSX.Element])[] = [
  [/^\/sessions\/([^/]+)$/, SessionPage],
  [/^\/users\/([^/]+)$/, User],
  [/^\/dead-letters\/([^/]+)$/, DeadLetter],
]

/** An id as it was before it became a part of the path; `null` for what never was one. */
const idOf = (part: string): string | null => {
  try {
    return decodeURIComponent(part)
  } catch {
    return null
  }
}

/** The page that the address names. */
export const Route = () => {
  const Plain = pages[path.value]
  if (Plain) return <Plain />
  for (const [form, One] of withId) {
    const part = form.exec(path.value)?.[1]
    const id = part === undefined ? null : idOf(part)
    if (id !== null) return <One key={id} id={id} />
  }
  return (
    <Page title="Not found">
      <Empty command="curfew --help">There is no page at this address.</Empty>
    </Page>
  )
}
