import type { Command } from 'commander'
import { type KnownClient, knownClients } from '../../gateway/operators/index.ts'
import { readSettings } from '../store/open-store.ts'
import { type Column, jsonOption, printList, type Shown } from '../terminal/print-list.ts'

const clientColumns: readonly Column<KnownClient>[] = [
  { heading: 'CLIENT', member: 'id', value: ({ id }) => id },
  { heading: 'LOGINS', member: 'logins', value: ({ logins }) => logins },
  { heading: 'PERMISSIONS', member: 'permissions', value: ({ permissions }) => permissions },
]

/** `curfew clients`: what `GET /clients` answers. */
export const addClientsCommand = (root: Command): void => {
  root
    .command('clients')
    .description('clients that the settings name, and what each may do; never a secret')
    .option(...jsonOption)
    .action((options: Shown) => printList(clientColumns, knownClients(readSettings()), options))
}
