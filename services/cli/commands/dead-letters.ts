import { type Command, InvalidArgumentError } from 'commander'
import {
  deadLetterBody,
  everyLetter,
  type LetterState,
  letterOffsetIn,
  type Settlement,
  settleLetter,
} from '../../gateway/operators/index.ts'
import { eventDeps, withStore } from '../store/open-store.ts'
import { type Column, jsonOption, printList, type Shown } from '../terminal/print-list.ts'
import { countOf } from './option-parsers.ts'

type Letter = ReturnType<typeof deadLetterBody>

const columns: readonly Column<Letter>[] = [
  { heading: 'OFFSET', member: 'offset', value: ({ offset }) => offset },
  { heading: 'LAY AT', member: 'lay_at', value: ({ lay_at }) => lay_at },
  { heading: 'PROBLEM', member: 'problem', value: ({ problem }) => problem },
  { heading: 'SETTLED', member: 'settled', value: ({ settled }) => settled },
  { heading: 'TYPE', member: 'type', value: ({ type }) => type },
  { heading: 'TIME', member: 'time', value: ({ time }) => time },
  { heading: 'BYTES', member: 'bytes', value: ({ bytes }) => bytes },
]

const offsetOf = (text: string): number => {
  const offset = letterOffsetIn(text)
  if (offset !== null) return offset
  throw new InvalidArgumentError('it is an offset of the list.')
}

const settle = (offset: number, how: Settlement): Promise<void> =>
  withStore(async (context) => {
    const log = await context.log(how === 'retried' ? 'writer' : 'reader')
    const audit = await context.asking()
    await settleLetter({ ...eventDeps(context), audit, operators: { log } }, { offset, how })
    process.stdout.write(`${how} ${offset}\n`)
  })

const bodiesOf = async function* (letters: ReturnType<typeof everyLetter>): AsyncGenerator<Letter> {
  for await (const letter of letters) yield deadLetterBody(letter, false)
}

type Listed = Shown & Readonly<{ limit: number; all?: boolean; settled?: boolean }>

const list = ({ limit, all, settled, ...shown }: Listed): Promise<void> =>
  withStore(async (context) => {
    const state: LetterState | null = all ? null : settled ? 'settled' : 'open'
    const deps = { context: context.context, operators: { log: await context.log() } }
    await printList(columns, bodiesOf(everyLetter(deps, { limit, state })), shown)
  })

/** `curfew dead-letters …`: what the routes of this name do, without the records themselves. */
export const addDeadLetterCommand = (root: Command): void => {
  const letters = root
    .command('dead-letters')
    .description('records that were parked since nobody could use them, the newest first')
    .option('--limit <count>', 'so many at most', countOf, 100)
    .option('--settled', 'those that somebody dealt with, in place of the open ones')
    .option('--all', 'both')
    .option(...jsonOption)
    .action(list)
  letters
    .command('retry')
    .argument('<offset>', 'which one, by its offset', offsetOf)
    .description(
      'publish the record again, which can be used by now; mend the projector that parked it first',
    )
    .action((offset: number) => settle(offset, 'retried'))
  letters
    .command('drop')
    .argument('<offset>', 'which one, by its offset', offsetOf)
    .description('say that nobody needs the record; it stays in the log')
    .action((offset: number) => settle(offset, 'dropped'))
}
