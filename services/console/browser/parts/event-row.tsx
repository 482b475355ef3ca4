import type { AuditEventBody } from '../../../gateway/answers.ts'
import { hrefWith } from '../model/address.ts'
import { exactly, timeWithMs } from '../model/clock.ts'
import { instantOf, restOf, textIn, titleOf, toneOf } from '../model/event-words.ts'
import { agentName } from '../model/format.ts'
import { EventDetail } from './event-detail.tsx'
import { Id } from './id.tsx'

type Props = Readonly<{ event: AuditEventBody; isOpen: boolean }>

const From = ({ event }: Readonly<{ event: AuditEventBody }>) => {
  const [address, agent] = [textIn(event, 'address'), textIn(event, 'agent')]
  if (address === null && agent === null) return null
  return (
    <>
      {address !== null && <Id kind="address" id={address} />}
      {agent !== null && (
        <span class="quiet agent" title={agent}>
          {agentName(agent)}
        </span>
      )}
    </>
  )
}

/**
 * One event of a list: a line that opens. It reads signals, so it is drawn anew only when one of
 * them or what it is given changes. No row is kept beside its list: a kept one leads to the list
 * that it was first in, with all rows of then, and so to every row that there ever was.
 */
export const EventRow = ({ event, isOpen }: Props) => {
  const at = instantOf(event)
  const sub = textIn(event, 'sub')
  const { actor } = event
  return (
    <li class={`event ${toneOf(event)}`} data-row={event.id} data-id={event.id}>
      <div class="line">
        <a
          class="open"
          data-open
          href={hrefWith({ open: isOpen ? '' : event.id })}
          aria-expanded={isOpen}
        >
          <time class="mono" {...(at !== null && { title: exactly(at) })}>
            {at === null ? '–' : timeWithMs(at)}
          </time>
          <span class="what">{titleOf(event)}</span>
        </a>
        <span class="who">
          {sub !== null && <Id kind="user" id={sub} />}
          {actor !== null && actor.id !== sub && (
            <span class="by">
              by <Id kind="actor" id={actor.id} />
            </span>
          )}
        </span>
        <span class="from">
          <From event={event} />
        </span>
        <span class="rest">{restOf(event)}</span>
      </div>
      {isOpen && <EventDetail event={event} />}
    </li>
  )
}
