import type { Command } from 'commander'
import { deadLetterBody, deadLetters } from '../../gateway/operators/index.ts'
import { withStore } from '../store/open-store.ts'
import { type Column, jsonOption, printList, type Shown } from '../terminal/print-list.ts'
import { countOf } from './option-parsers.ts'

type Letter = ReturnType<typeof deadLetterBody>

const columns: readonly Column<Letter>[] = [
  { heading: 'OFFSET', member: 'offset', value: ({ offset }) => offset },
  { heading: 'LAY AT', member: 'lay_at', value: ({ lay_at }) => lay_at },
  { heading: 'PROBLEM', member: 'problem', value: ({ problem }) => problem },
  { heading: 'TYPE', member: 'type', value: ({ type }) => type },
  { heading: 'TIME', member: 'time', value: ({ time }) => time },
  { heading: 'BYTES', member: 'bytes', value: ({ bytes }) => bytes },
]

/** `curfew dead-letters`: what `GET /dead-letters` answers, without the records themselves. */
export const addDeadLetterCommand = (root: Command): void => {
  root
    .command('dead-letters')
    .description('records that were parked since nobody could use them, the newest first')
    .option('--limit <count>', 'so many at most', countOf, 100)
    .option(...jsonOption)
    .action((options: Shown & { limit: number }) =>
      withStore(async (context) => {
        const page = { before: null, limit: options.limit }
        const { letters } = await deadLetters(await context.log(), page)
        const shown = letters.map((letter) => deadLetterBody(letter, false))
        await printList(columns, shown, options)
      }),
    )
}
