import type { Command } from 'commander'
import { type ShownSetting, shownSettings } from '../../../shared/kernel/shown-settings.ts'
import {
  type KnownClient,
  knownClients,
  receiverBody,
  receiverStandings,
} from '../../gateway/operators/index.ts'
import { readSettings, type StoreContext, withStore } from '../store/open-store.ts'
import { type Column, jsonOption, printList, type Shown } from '../terminal/print-list.ts'

const clientColumns: readonly Column<KnownClient>[] = [
  { heading: 'CLIENT', member: 'id', value: ({ id }) => id },
  { heading: 'LOGINS', member: 'logins', value: ({ logins }) => logins },
  { heading: 'PERMISSIONS', member: 'permissions', value: ({ permissions }) => permissions },
]

const settingColumns: readonly Column<ShownSetting>[] = [
  { heading: 'SETTING', member: 'name', value: ({ name }) => name },
  { heading: 'SOURCE', member: 'source', value: ({ source }) => source },
  {
    heading: 'VALUE',
    member: 'value',
    value: ({ value }) => value,
    text: ({ value, hidden }) => (hidden ? '(not shown)' : value || '-'),
  },
  { heading: 'HIDDEN', member: 'hidden', value: ({ hidden }) => hidden },
]

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

/** `curfew clients`, `settings` and `receivers`: what the routes of these names answer. */
export const addListingCommands = (root: Command): void => {
  root
    .command('clients')
    .description('clients that the settings name, and what each may do; never a secret')
    .option(...jsonOption)
    .action((options: Shown) => printList(clientColumns, knownClients(readSettings()), options))
  root
    .command('settings')
    .description('the settings of a gateway here, and where each comes from; never a secret')
    .option(...jsonOption)
    .action((options: Shown) => printList(settingColumns, shownSettings(readSettings()), options))
  root
    .command('receivers')
    .description('receivers of security events, and how far each came')
    .option(...jsonOption)
    .action((options: Shown) =>
      withStore(async (context) => printList(receiverColumns, await receivers(context), options)),
    )
}
