import type { Command } from 'commander'
import { receiverBody, receiverStandings } from '../../gateway/operators/index.ts'
import { type StoreContext, withStore } from '../store/open-store.ts'
import { type Column, jsonOption, printList, type Shown } from '../terminal/print-list.ts'

type Receiver = ReturnType<typeof receiverBody>
const receiverColumns: readonly Column<Receiver>[] = [
  { heading: 'RECEIVER', member: 'id', value: ({ id }) => id },
  { heading: 'KIND', member: 'kind', value: ({ kind }) => kind },
  { heading: 'CLIENT', member: 'client', value: ({ client }) => client },
  { heading: 'URL', member: 'url', value: ({ url }) => url },
  { heading: 'STATE', member: 'state', value: ({ state }) => state },
  { heading: 'REASON', member: 'reason', value: ({ reason }) => reason },
  { heading: 'BEHIND', member: 'behind', value: ({ behind }) => behind },
  { heading: 'REFUSED', member: 'refused', value: ({ refused }) => refused },
  {
    heading: 'LAST SUCCESS',
    member: 'delivered_at',
    value: ({ delivered_at }) => delivered_at ?? 'not known',
  },
  { heading: 'VERIFIED', member: 'verified_at', value: ({ verified_at }) => verified_at },
]

const receivers = async (context: StoreContext): Promise<readonly Receiver[]> => {
  const operators = { receivers: context.receivers(), log: await context.log() }
  return (await receiverStandings({ operators })).map(receiverBody)
}

/** `curfew receivers`: what `GET /receivers` answers. */
export const addReceiversCommand = (root: Command): void => {
  root
    .command('receivers')
    .description('receivers of security events, and how far each came')
    .option(...jsonOption)
    .action((options: Shown) =>
      withStore(async (context) => printList(receiverColumns, await receivers(context), options)),
    )
}
