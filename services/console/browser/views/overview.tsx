import type { OverviewBody } from '../../../gateway/answers.ts'
import { hrefOf } from '../model/address.ts'
import { exactly, now, timeOfDay } from '../model/clock.ts'
import { count, counted, duration, rate } from '../model/format.ts'
import { useAsked } from '../model/use-asked.ts'
import { GuardGrid } from '../parts/guard-grid.tsx'
import { Card, Page } from '../parts/page.tsx'
import { Sparkline } from '../parts/sparkline.tsx'
import { Empty, Loaded } from '../parts/states.tsx'

const kinds = [
  { member: 'logins', title: 'Logins', tone: 'good', query: { kind: 'TokenIssued' } },
  { member: 'rotations', title: 'Rotations', tone: '', query: { kind: 'TokenIssued' } },
  { member: 'failures', title: 'Failed logins', tone: 'bad', query: { kind: 'LoginFailed' } },
  { member: 'revocations', title: 'Revocations', tone: 'warn', query: { kind: 'TokenRevoked' } },
] as const

type Rates = NonNullable<OverviewBody['rates']>
type Member = (typeof kinds)[number]['member']

/** One value for each second, from the first to the last. */
const secondsOf = ({ from, to, seconds }: Rates, member: Member): readonly number[] => {
  const first = Math.floor(Date.parse(from) / 1_000)
  const size = Math.max(1, Math.min(600, Math.floor(Date.parse(to) / 1_000) - first))
  const values = Array.from({ length: size }, () => 0)
  for (const second of seconds) {
    const at = Math.floor(Date.parse(second.at) / 1_000) - first
    if (at >= 0 && at < size) values[at] = second[member]
  }
  return values
}

const recentSeconds = 10

const RateCard = ({ rates, kind }: Readonly<{ rates: Rates; kind: (typeof kinds)[number] }>) => {
  const values = secondsOf(rates, kind.member)
  const total = values.reduce((sum, value) => sum + value, 0)
  const recent = values.slice(-recentSeconds).reduce((sum, value) => sum + value, 0) / recentSeconds
  return (
    <section class="card rate">
      <h2>
        <a href={hrefOf('/events', { ...kind.query, live: '1' })}>{kind.title}</a>
      </h2>
      <p class="big">{rate(recent)}</p>
      <Sparkline
        values={values}
        tone={kind.tone}
        label={`${kind.title} in each of the last ${values.length} seconds, ${total} in all`}
      />
      <p class="note">
        {count(total)} in {duration(values.length * 1_000)}
      </p>
    </section>
  )
}

const Figure = ({
  name,
  value,
  tone = '',
}: Readonly<{ name: string; value: string; tone?: string }>) => (
  <div class={tone}>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
)

const RefusalCard = ({ refusals }: Pick<OverviewBody, 'refusals'>) => (
  <Card
    title="From revocation to refusal"
    note={`${counted(refusals.count, 'refusal')} of all guards since each began; upper bounds.`}
  >
    <dl class="figures">
      <Figure name="p50" value={duration(refusals.p50_ms)} />
      <Figure name="p99" value={duration(refusals.p99_ms)} />
      <Figure name="max" value={duration(refusals.max_ms)} />
    </dl>
  </Card>
)

const lateMs = 10_000

const LagCard = ({ lag, dead_letters: letters }: Pick<OverviewBody, 'lag' | 'dead_letters'>) => {
  const tone = (ms: number | null): string => (ms === null || ms > lateMs ? 'bad' : '')
  return (
    <Card title="Behind the log">
      <dl class="figures">
        <Figure
          name="Projector"
          value={duration(lag.projector.behind_ms)}
          tone={tone(lag.projector.behind_ms)}
        />
        <Figure
          name="Auditor"
          value={duration(lag.auditor.behind_ms)}
          tone={tone(lag.auditor.behind_ms)}
        />
        <Figure
          name="Dead letters"
          value={letters === null ? '–' : count(letters)}
          tone={letters === null || letters === 0 ? '' : 'bad'}
        />
      </dl>
    </Card>
  )
}

/** A witness is asked every ten seconds. */
const witnessLateMs = 60_000

type Cosigned = NonNullable<OverviewBody['trail']>['cosigned']

const witnessesIn = ({ length }: Cosigned): string =>
  length === 0 ? 'No witness' : counted(length, 'witness', 'witnesses')

const oldestOf = (cosigned: Cosigned): string | null =>
  cosigned.map(({ at }) => at).sort()[0] ?? null

const trailWords = {
  signed: 'Signed',
  unsigned: 'Nothing is signed yet',
  unreachable: 'Its auditor does not answer',
} as const

const TrailCard = ({ trail, lag }: Pick<OverviewBody, 'trail' | 'lag'>) => {
  if (trail === null) {
    return (
      <Card title="Trail">
        <Empty command="curfew auditor">This gateway knows of no trail.</Empty>
      </Card>
    )
  }
  const { cosigned } = trail
  // What all of them saw; without witnesses, what the auditor signed.
  const at = cosigned.length > 0 ? oldestOf(cosigned) : lag.auditor.through
  const isLate = cosigned.length > 0 && Date.parse(at ?? '') < now.value - witnessLateMs
  const isBad = trail.state !== 'signed' || trail.guards.disputing > 0 || isLate
  return (
    <Card title="Trail" class={isBad ? 'bad' : ''}>
      <p class="big small">
        {cosigned.length > 0 ? 'Verified' : trailWords[trail.state]}
        {trail.state === 'signed' && at !== null && (
          <time title={exactly(Date.parse(at))}> to {timeOfDay(Date.parse(at))}</time>
        )}
      </p>
      <p title={cosigned.map(({ name }) => name).join(', ')}>
        {witnessesIn(cosigned)}, {counted(trail.guards.consistent, 'guard')} agree
        {trail.guards.disputing > 0 && `, ${count(trail.guards.disputing)} dispute it`}
      </p>
      <p class="note">
        {trail.head && counted(trail.head.size, 'entry', 'entries')}{' '}
        <a href={hrefOf('/audit')}>Verify</a>
      </p>
    </Card>
  )
}

const Rates = ({ rates }: Pick<OverviewBody, 'rates'>) =>
  rates === null ? (
    <Empty command="curfew auditor">Nobody fills the index of events, so nothing is counted.</Empty>
  ) : (
    <div class="cards four">
      {kinds.map((kind) => (
        <RateCard key={kind.member} rates={rates} kind={kind} />
      ))}
    </div>
  )

/** How the fleet is, at a glance. */
export const Overview = () => {
  const asked = useAsked<OverviewBody>('/overview', { everyMs: 2_000 })
  return (
    <Page title="Overview" lead="What happens now, and whether a logout is true everywhere.">
      <Loaded asked={asked} rows={8}>
        {({ rates, refusals, lag, dead_letters: letters, trail, guards }) => (
          <>
            <Rates rates={rates} />
            <div class="cards three">
              <RefusalCard refusals={refusals} />
              <LagCard lag={lag} dead_letters={letters} />
              <TrailCard trail={trail} lag={lag} />
            </div>
            <Card title="Guards" class="wide">
              {guards.length === 0 ? (
                <Empty command="npm install curfew-guard">No guard is attached.</Empty>
              ) : (
                <GuardGrid guards={guards} />
              )}
            </Card>
          </>
        )}
      </Loaded>
    </Page>
  )
}
