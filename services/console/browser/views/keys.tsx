import type { AuditPageBody } from '../../../gateway/answers.ts'
import { hrefOf, query } from '../model/address.ts'
import { showsUtc } from '../model/clock.ts'
import { useAsked } from '../model/use-asked.ts'
import { eventRow } from '../parts/event-row.tsx'
import { Card, Page } from '../parts/page.tsx'
import { Command, Empty, Loaded } from '../parts/states.tsx'

type KindProps = Readonly<{ kind: string; title: string }>

const Kind = ({ kind, title }: KindProps) => {
  const asked = useAsked<AuditPageBody>('/audit/events', { query: { kind, limit: '20' } })
  const open = query.value['open']
  return (
    <Card title={title} note={<a href={hrefOf('/events', { kind })}>All of them</a>}>
      <Loaded asked={asked}>
        {({ events }) =>
          events.length === 0 ? (
            <Empty>None yet.</Empty>
          ) : (
            <ol class="events">
              {events.map((event) => eventRow(event, open === event.id, showsUtc.value))}
            </ol>
          )
        }
      </Loaded>
    </Card>
  )
}

/** What happened to the keys; they are listed and rotated by commands. */
export const Keys = () => (
  <Page title="Keys" lead="What happened to the rings. They are listed and rotated by commands.">
    <div class="commands">
      <Command text="curfew keys list" />
      <Command text="curfew keys rotate" />
    </div>
    <Kind kind="KeyRotated" title="Rotated" />
    <Kind kind="KeyRemoved" title="Removed" />
  </Page>
)
