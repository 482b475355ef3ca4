import { useState } from 'preact/hooks'
import type { AnswerRows, ToldSessionBody } from '../../../gateway/answers.ts'
import { hrefOf, hrefWith, query } from '../model/address.ts'
import { download } from '../model/download.ts'
import { agentName, counted } from '../model/format.ts'
import { type Mark, marksOf } from '../model/life.ts'
import { mayAct } from '../model/may-act.ts'
import { learnNames } from '../model/names.ts'
import { pngOf } from '../model/png-of.ts'
import { useAsked } from '../model/use-asked.ts'
import { EventRow } from '../parts/event-row.tsx'
import { Id } from '../parts/id.tsx'
import { Card, Page } from '../parts/page.tsx'
import { Refusals } from '../parts/refusals.tsx'
import { Empty, Loaded } from '../parts/states.tsx'
import { groundOf, pictureOf, Timeline } from '../parts/timeline.tsx'
import { Tokens } from '../parts/tokens.tsx'
import { When } from '../parts/when.tsx'

type Session = ToldSessionBody['session']
type TokenPage = Readonly<{ rows: readonly AnswerRows['tokens'][] }>

const State = ({ session }: Readonly<{ session: Session }>) => {
  const { status, ended, expires_at: expires } = session
  if (status === 'alive') {
    return (
      <span class="state good">
        alive, expires <When at={expires} />
      </span>
    )
  }
  if (status === 'expired') {
    return (
      <span class="quiet">
        expired <When at={expires} />
      </span>
    )
  }
  return (
    <span class="state warn">
      ended <When at={ended?.at ?? null} />
      {ended?.reason && `, ${ended.reason.replaceAll('_', ' ')}`}
    </span>
  )
}

const Facts = ({ session }: Readonly<{ session: Session }>) => {
  const { user, client_id: client, started, last_used_at: used } = session
  const facts = [
    ['User', <Id key="user" kind="user" id={user} />],
    ['State', <State key="state" session={session} />],
    ['Client', <Id key="client" kind="client" id={client} />],
    ['Began', <When key="began" at={started.at} />],
    ['Last used', <When key="used" at={used} />],
    ['Address', <Id key="address" kind="address" id={started.address} />],
    [
      'Browser',
      <span key="agent" title={started.agent ?? ''}>
        {started.agent === null ? '–' : agentName(started.agent)}
      </span>,
    ],
  ] as const
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

type Told = Readonly<{ id: string; told: ToldSessionBody; tokens: TokenPage['rows'] }>

const picture = (): SVGSVGElement | null => document.querySelector('.timeline svg')

const Export = ({ id, told, tokens }: Told) => {
  const [isUndrawn, setUndrawn] = useState(false)
  const saveSvg = (): void => {
    const svg = picture()
    if (svg) download(`session-${id}.svg`, 'image/svg+xml', pictureOf(svg))
  }
  const savePng = async (): Promise<void> => {
    const svg = picture()
    if (!svg) return
    const { width, height } = svg.viewBox.baseVal
    const drawn = await pngOf({ svg: pictureOf(svg), ground: groundOf(svg), width, height })
    setUndrawn(drawn === null)
    if (drawn) download(`session-${id}.png`, 'image/png', drawn)
  }
  const saveJson = (): void => {
    const text = JSON.stringify({ ...told, tokens }, null, 2)
    download(`session-${id}.json`, 'application/json', text)
  }
  const kinds = { PNG: savePng, SVG: saveSvg, JSON: saveJson }
  return (
    <>
      {isUndrawn && <p role="alert">This browser could not draw the PNG. Take the SVG.</p>}
      {Object.entries(kinds).map(([kind, save]) => (
        <button key={kind} type="button" title={`Save as ${kind}`} onClick={() => void save()}>
          {kind}
        </button>
      ))}
    </>
  )
}

/** What ended it may be a cutoff, of which no event of the session itself tells. */
const wholeLife = ({ session, life }: ToldSessionBody): readonly Mark[] => {
  const marks = marksOf(life?.events ?? [])
  const { ended } = session
  if (ended === null || ended.at === null || marks.some(({ kind }) => kind === 'end')) return marks
  const at = Date.parse(ended.at)
  const title = `Ended: ${(ended.reason ?? 'unknown').replaceAll('_', ' ')}`
  const end: Mark = { at, kind: 'end', count: 1, until: at, title }
  return [...marks, end].sort((a, b) => a.at - b.at)
}

const Life = ({ id, told, tokens }: Told) => {
  const marks = wholeLife(told)
  const events = told.life?.events ?? []
  const open = query.value['open']
  return (
    <>
      <Timeline marks={marks} label={`The session’s life, ${counted(marks.length, 'step')}`} />
      {told.session.ended && <Refusals guards={told.life?.refusals ?? []} />}
      <Card title="Tokens">
        <Tokens rows={tokens} />
      </Card>
      <Card
        title="Events"
        note={<a href={hrefOf('/events', { session: id })}>All of its events</a>}
      >
        <ol class="events">
          {events.map((event) => (
            <EventRow key={event.id} event={event} isOpen={open === event.id} />
          ))}
        </ol>
      </Card>
    </>
  )
}

const everyMs = 5_000

/** One session, from its login to its end. */
export const SessionPage = ({ id }: Readonly<{ id: string }>) => {
  const asked = useAsked<ToldSessionBody>(`/sessions/${encodeURIComponent(id)}`, {
    query: { limit: '1000' },
    everyMs,
  })
  const answer = useAsked<TokenPage>('/audit/questions/tokens', {
    query: { session: id, limit: '1000' },
    everyMs,
  })
  const told = asked.body
  const tokens = answer.body?.rows ?? []
  const session = told?.session
  if (session?.username) learnNames([{ sub: session.user, username: session.username }])
  return (
    <Page
      title="Session"
      lead={<Id kind="session" id={id} isWhole />}
      actions={
        told && (
          <>
            <Export id={id} told={told} tokens={tokens} />
            {mayAct && told.session.status === 'alive' && (
              <a class="button danger" href={hrefWith({ end: `session:${id}` })}>
                End it
              </a>
            )}
          </>
        )
      }
    >
      <Loaded asked={asked} rows={6}>
        {(found) => (
          <>
            <Facts session={found.session} />
            {found.life === null ? (
              <Empty command="curfew auditor">Nobody fills the index of events.</Empty>
            ) : (
              <Life id={id} told={found} tokens={tokens} />
            )}
          </>
        )}
      </Loaded>
    </Page>
  )
}
