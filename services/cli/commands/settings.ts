import type { Command } from 'commander'
import { type ShownSetting, shownSettings } from '../../../shared/kernel/shown-settings.ts'
import { readSettings } from '../store/open-store.ts'
import { type Column, jsonOption, printList, type Shown } from '../terminal/print-list.ts'

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

/** `curfew settings`: what `GET /settings` answers. */
export const addSettingsCommand = (root: Command): void => {
  root
    .command('settings')
    .description('the settings of a gateway here, and where each comes from; never a secret')
    .option(...jsonOption)
    .action((options: Shown) => printList(settingColumns, shownSettings(readSettings()), options))
}
