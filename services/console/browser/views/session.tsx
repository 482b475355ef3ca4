import type { AnswerRows, AuditEventBody, AuditPageBody } from '../../../gateway/answers.ts'
import { hrefOf, hrefWith, query } from '../model/address.ts'
import { now, showsUtc } from '../model/clock.ts'
import { download } from '../model/download.ts'
import { textIn } from '../model/event-words.ts'
import { agentName, counted } from '../model/format.ts'
import { type Mark, marksOf } from '../model/life.ts'
import { mayAct } from '../model/may-act.ts'
import { useAsked } from '../model/use-asked.ts'
import { eventRow } from '../parts/event-row.tsx'
import { Id } from '../parts/id.tsx'
import { Card, Page } from '../parts/page.tsx'
import { Refusals } from '../parts/refusals.tsx'
import { Empty, Loaded } from '../parts/states.tsx'
import { pictureOf, Timeline } from '../parts/timeline.tsx'
import { Tokens } from '../parts/tokens.tsx'
import { When } from '../parts/when.tsx'

type Token = AnswerRows['tokens']
type TokenPage = Readonly<{ rows: readonly Token[] }>

const Facts = ({
  events,
  tokens,
}: Readonly<{ events: readonly AuditEventBody[]; tokens: readonly Token[] }>) => {
  const first = events.find(({ type }) => type === 'TokenIssued')
  const agent = first && textIn(first, 'agent')
  const ended = tokens.find(
    ({ kind, ended: end }) => kind !== 'access' && end && end.reason !== 'rotated',
  )?.ended
  const isAlive = !ended && tokens.some(({ expires_at: at }) => Date.parse(at) > now.peek())
  return (
    <dl class="facts">
      <div>
        <dt>User</dt>
        <dd>
          <Id kind="user" id={first ? textIn(first, 'sub') : null} />
        </dd>
      </div>
      <div>
        <dt>Client</dt>
        <dd>
          <Id kind="client" id={first ? textIn(first, 'client') : null} />
        </dd>
      </div>
      <div>
        <dt>Began</dt>
        <dd>
          <When at={first?.time ?? null} />
        </dd>
      </div>
      <div>
        <dt>From</dt>
        <dd>
          <Id kind="address" id={first ? textIn(first, 'address') : null} />{' '}
          {agent && <span title={agent}>{agentName(agent)}</span>}
        </dd>
      </div>
      <div>
        <dt>State</dt>
        <dd>
          {ended ? (
            <span class="state warn">
              ended <When at={ended.at} />, {ended.reason.replaceAll('_', ' ')}
            </span>
          ) : (
            <span class={`state ${isAlive ? 'good' : 'quiet'}`}>
              {isAlive ? 'alive' : 'expired'}
            </span>
          )}
        </dd>
      </div>
    </dl>
  )
}

type Exported = Readonly<{
  id: string
  events: readonly AuditEventBody[]
  tokens: readonly Token[]
}>

const Export = ({ id, events, tokens }: Exported) => {
  const savePicture = (): void => {
    const svg = document.querySelector<SVGSVGElement>('.timeline svg')
    if (svg) download(`session-${id}.svg`, 'image/svg+xml', pictureOf(svg))
  }
  const saveJson = (): void =>
    download(
      `session-${id}.json`,
      'application/json',
      JSON.stringify({ session: id, events, tokens }, null, 2),
    )
  return (
    <>
      <button type="button" onClick={savePicture}>
        Picture
      </button>
      <button type="button" onClick={saveJson}>
        JSON
      </button>
    </>
  )
}

/** What ended it may be a cutoff, of which no event of the session itself tells. */
const withCutoff = (marks: readonly Mark[], tokens: readonly Token[]): readonly Mark[] => {
  if (marks.some(({ kind }) => kind === 'end')) return marks
  const end = tokens.find(({ ended }) => ended && ended.reason !== 'rotated')?.ended
  if (!end) return marks
  const at = Date.parse(end.at)
  const title = `Ended: ${end.reason.replaceAll('_', ' ')}`
  return [...marks, { at, kind: 'end' as const, count: 1, until: at, title }].sort(
    (a, b) => a.at - b.at,
  )
}

/** One session, from its login to its end. */
export const SessionPage = ({ id }: Readonly<{ id: string }>) => {
  const asked = { session: id, order: 'oldest', limit: '1000' }
  const events = useAsked<AuditPageBody>('/audit/events', { query: asked, everyMs: 5_000 })
  const tokens = useAsked<TokenPage>('/audit/questions/tokens', {
    query: { session: id, limit: '1000' },
    everyMs: 5_000,
  })
  const shown = events.body?.events ?? []
  const rows = tokens.body?.rows ?? []
  const marks = withCutoff(marksOf(shown), rows)
  const end = marks.find(({ kind }) => kind === 'end')
  return (
    <Page
      title="Session"
      lead={<Id kind="session" id={id} isWhole />}
      actions={
        <>
          <Export id={id} events={shown} tokens={rows} />
          {mayAct && !end && marks.length > 0 && (
            <a class="button danger" href={hrefWith({ end: `session:${id}` })}>
              End it
            </a>
          )}
        </>
      }
    >
      <Loaded asked={events} rows={6}>
        {() =>
          shown.length === 0 ? (
            <Empty command={`curfew audit query --session ${id}`}>
              No event tells of this session.
            </Empty>
          ) : (
            <>
              <Facts events={shown} tokens={rows} />
              <Timeline
                marks={marks}
                label={`The session’s life, ${counted(marks.length, 'step')}`}
              />
              {end && <Refusals at={end.at} />}
              <Card title="Tokens">
                <Loaded asked={tokens}>{() => <Tokens rows={rows} />}</Loaded>
              </Card>
              <Card
                title="Events"
                note={<a href={hrefOf('/events', { session: id })}>All of its events</a>}
              >
                <ol class="events">
                  {shown.map((event) =>
                    eventRow(event, query.value['open'] === event.id, showsUtc.value),
                  )}
                </ol>
              </Card>
            </>
          )
        }
      </Loaded>
    </Page>
  )
}
