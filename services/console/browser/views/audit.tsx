import type { AnswerRows } from '../../../gateway/answers.ts'
import { go, hrefOf, query } from '../model/address.ts'
import { mayAct } from '../model/may-act.ts'
import { type Ask, type Question, questions } from '../model/questions.ts'
import { usePages } from '../model/use-pages.ts'
import { answerColumns } from '../parts/answer-columns.tsx'
import type { Column } from '../parts/data-table.tsx'
import { ExportCard } from '../parts/export-card.tsx'
import { Listed } from '../parts/listed.tsx'
import { Card, Page } from '../parts/page.tsx'
import { Command, Empty } from '../parts/states.tsx'

const askedOf = ({ fields }: Question): Readonly<Record<string, string>> =>
  Object.fromEntries(
    fields.flatMap((name) => {
      const value = query.value[name] ?? ''
      return value === '' ? [] : [[name, value] as const]
    }),
  )

const labels: Readonly<Record<string, string>> = {
  ...{ user: 'User', at: 'At', session: 'Session', actor: 'Who', since: 'Since', until: 'Until' },
}

const Form = ({ question }: Readonly<{ question: Question }>) => {
  const send = (event: SubmitEvent): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const given = question.fields.map(
      (name) => [name, String(form.get(name) ?? '').trim()] as const,
    )
    go(hrefOf('/audit', { ask: question.ask, ...Object.fromEntries(given), asked: '1' }))
  }
  return (
    <form class="fields" onSubmit={send}>
      {question.fields.map((name, index) => (
        <label key={name}>
          {labels[name]}
          <input
            name={name}
            defaultValue={query.value[name] ?? ''}
            autocomplete="off"
            spellcheck={false}
            placeholder={/since|until|at/.test(name) ? '2026-11-30T14:03:00Z' : ''}
            {...(index === 0 && { 'data-search': true })}
          />
        </label>
      ))}
      <button type="submit" class="primary">
        Ask
      </button>
    </form>
  )
}

type Row = AnswerRows[Ask]
type Body = Readonly<{ rows: readonly Row[]; next: string | null }>
const rowsOf = ({ rows }: Body): readonly Row[] => rows

const commandOf = ({ ask }: Question, asked: Readonly<Record<string, string>>): string => {
  const { session, actor, ...rest } = asked
  const named = Object.entries(rest).map(([name, value]) => `--${name} ${value}`)
  return ['curfew audit ask', ask, session ?? actor ?? '', ...named].filter((one) => one).join(' ')
}

const Answer = ({ question }: Readonly<{ question: Question }>) => {
  const asked = askedOf(question)
  const isAsked = query.value['asked'] === '1'
  const route = isAsked ? `/audit/questions/${question.ask}` : null
  const pages = usePages<Body, Row>(route, { ...asked, limit: '100' }, rowsOf)
  if (!isAsked) return null
  return (
    <>
      <Listed
        label={question.title}
        pages={pages}
        columns={answerColumns[question.ask] as readonly Column<Row>[]}
        keyOf={(row) => JSON.stringify(row)}
        empty={<Empty>There is none.</Empty>}
      />
      <Command text={commandOf(question, asked)} />
    </>
  )
}

/** The questions of auditors as ready searches; verify; export. */
export const Audit = () => {
  const named = query.value['ask']
  const chosen = questions.find(({ ask }) => ask === named) ?? questions[0]
  return (
    <Page title="Audit" lead="What auditors ask, and how to prove the answers.">
      <ul class="choices" aria-label="Questions">
        {questions.map(({ ask, title, note }) => (
          <li key={ask} data-row={ask}>
            <a
              data-open
              href={hrefOf('/audit', { ask })}
              {...(ask === chosen.ask && { 'aria-current': 'true' as const })}
            >
              {title}
              <span class="note">{note}</span>
            </a>
          </li>
        ))}
      </ul>
      <Form key={chosen.ask} question={chosen} />
      <Answer key={`answer ${chosen.ask}`} question={chosen} />
      <div class="cards three below">
        <Card
          title="Verify"
          note={
            'The trail is verified offline, on a machine that trusts nobody, with a key that was ' +
            'kept elsewhere.'
          }
        >
          <Command text="curfew audit verify data/trail --key KEY" />
          {mayAct && <Command text="curfew audit verify --store" />}
        </Card>
        <ExportCard />
      </div>
    </Page>
  )
}
