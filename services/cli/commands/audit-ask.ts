import type { Command } from 'commander'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { type EpochMs, isTokenId } from '../../../shared/kernel/ids.ts'
import {
  type Auditing,
  findAuditActor,
  findAuditSubject,
  unlessRetriable,
} from '../../gateway/audit/index.ts'
import {
  type Answer,
  type AskedPage,
  answerQuestion,
  type Question,
  readingOf,
} from '../../gateway/questions/index.ts'
import { eventDeps, type StoreContext, withStore } from '../store/open-store.ts'

import { UserNames } from '../store/user-names.ts'
import { printList, type Shown } from '../terminal/print-list.ts'
import { printable, sayJson } from '../terminal/printable.ts'
import { type AnswerRow, columnsOf } from './audit-ask-columns.ts'
import { countOf, instantOf, requireTime } from './option-parsers.ts'

const pageSize = 200

type Options = Shown &
  Readonly<{
    limit: number
    user?: string
    at?: EpochMs
    since?: EpochMs
    until?: EpochMs
    oldest?: boolean
  }>

type Whole = Omit<Answer, 'next'> & Readonly<{ more: boolean }>

/** Page by page, each told before it is shown, up to so many rows. */
const wholeAnswer = async (
  context: StoreContext,
  asking: Auditing,
  question: Question,
  { limit, since, until, oldest }: Options,
): Promise<Whole> => {
  requireTime(since, until)
  const order = oldest || question.ask === 'tokens' ? 'oldest' : 'newest'
  const rows: object[] = []
  let first: Answer | null = null
  let checked = 0
  let isCut = false
  let after: string | null = null
  do {
    const time = { since: since ?? null, until: until ?? null }
    const page: AskedPage = { ...time, order, after, limit: pageSize }
    const answer: Answer = await answerQuestion(asking, context, question, page)
    // Pages stay large also where few rows are left to show: most of what is looked at is no row.
    const shown = answer.rows.slice(0, limit - rows.length)
    const told = readingOf(question, page)
    await asking.readings.tellAnswer(eventDeps(context), told, shown.length)
    rows.push(...shown)
    isCut = shown.length < answer.rows.length
    first ??= answer
    checked += answer.checked ?? 0
    after = answer.next
  } while (after !== null && rows.length < limit)
  const { complete } = first
  const looked = first.checked === undefined ? {} : { checked }
  return { rows, complete, more: isCut || after !== null, ...looked }
}

const show = async (
  context: StoreContext,
  question: Question,
  { rows, complete, more, checked }: Whole,
  { json }: Shown,
): Promise<void> => {
  if (json) {
    const looked = checked === undefined ? {} : { checked }
    return sayJson({ question: question.ask, rows, more, ...looked, complete })
  }
  const names = new UserNames(context.accounts.directory)
  const columns = columnsOf(question.ask, names)
  for (const row of rows as readonly AnswerRow[]) {
    for (const sub of columns.users(row)) await names.learn(sub).catch(unlessRetriable)
  }
  await printList(columns.list, rows as readonly AnswerRow[], {})
  const looked = checked === undefined ? '' : `${checked} revocations looked at; `
  const rest = more ? '; there is more: give a greater --limit' : ''
  const range = `complete from ${complete.from ?? 'no time'} to ${complete.to ?? 'not known yet'}`
  process.stderr.write(`${printable(`${looked}${range}${rest}`)}\n`)
}

type Asked = (context: StoreContext, asking: Auditing) => Promise<Question>

const answer = (options: Options, asked: Asked): Promise<void> =>
  withStore(async (context) => {
    const asking = await context.asking()
    const question = await asked(context, asking)
    await show(context, question, await wholeAnswer(context, asking, question, options), options)
  })

const limited = (command: Command): Command =>
  command
    .option('--limit <count>', 'so many rows at most', countOf, 100)
    .option('--json', 'one JSON object')

const inTime = (command: Command): Command =>
  limited(command)
    .option('--since <instant>', 'from then on: an instant, a day, or how long ago', instantOf)
    .option('--until <instant>', 'before then', instantOf)
    .option('--oldest', 'oldest first')

const userOf = async (
  context: StoreContext,
  asking: Auditing,
  { user }: Options,
): Promise<string | null> => (user === undefined ? null : findAuditSubject(context, asking, user))

const instantIn = ({ context }: StoreContext, at: EpochMs | undefined): EpochMs => {
  const now = context.storeClock.now()
  if (at === undefined || at <= now) return at ?? now
  throw new AuthError('INPUT_INVALID', '--at is in the future')
}

/** `curfew audit ask …`: what `GET /audit/questions/…` answers. */
export const addAskCommands = (audit: Command): void => {
  const ask = audit.command('ask').description('the questions that auditors ask; one answer each')
  limited(ask.command('held'))
    .description('who held a live session or token at an instant; of everybody, or of one user')
    .option('--at <instant>', 'now without it', instantOf)
    .option('--user <name>', 'by name or id')
    .action((options: Options) =>
      answer(options, async (context, asking) => {
        const at = instantIn(context, options.at)
        return { ask: 'held', user: await userOf(context, asking, options), at }
      }),
    )
  limited(ask.command('tokens <session>'))
    .description('every token of a session, from first to last, and what ended it')
    .action((session: string, options: Options) =>
      answer(options, async () => {
        if (isTokenId(session)) return { ask: 'tokens', session }
        throw new AuthError('INPUT_INVALID', 'the id of a session has 32 hex digits')
      }),
    )
  inTime(ask.command('acts <actor>'))
    .description('what an administrator, a service client or a command line did and read')
    .action((actor: string, options: Options) =>
      answer(options, async (context, asking) => {
        return { ask: 'acts', actor: await findAuditActor(context, asking, actor) }
      }),
    )
  const others = {
    refusals: 'how long after each revocation the slowest guard refused; which were stale',
    'used-after': 'which tokens were used after their revocation: there must be none',
    'new-addresses': 'logins from an address that was new for the user',
  } as const
  for (const [name, description] of Object.entries(others)) {
    inTime(ask.command(name))
      .description(description)
      .option('--user <name>', 'of this user alone, by name or id')
      .action((options: Options) =>
        answer(options, async (context, asking) => {
          const user = await userOf(context, asking, options)
          return { ask: name as keyof typeof others, user }
        }),
      )
  }
}
