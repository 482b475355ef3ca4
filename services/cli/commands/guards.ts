import type { Command } from 'commander'
import { type AttachedGuard, attachedGuards, sightBody } from '../../gateway/guards/index.ts'
import { withStore } from '../store/open-store.ts'
import {
  type Column,
  instantText,
  jsonOption,
  printList,
  type Shown,
} from '../terminal/print-list.ts'

const staleness = ({ stalenessMs, silentMs }: AttachedGuard): number | null =>
  stalenessMs === null ? null : Math.round(stalenessMs + silentMs)

/** The members are those of `GET /guards`. */
const columns: readonly Column<AttachedGuard>[] = [
  { heading: 'NAME', member: 'name', value: ({ name }) => name },
  { heading: 'CLIENT', member: 'client', value: ({ client }) => client },
  { heading: 'INSTANCE', member: 'instance', value: ({ instance }) => instance },
  { heading: 'FEED', member: 'feed', value: ({ feed }) => feed },
  { heading: 'READY', member: 'ready', value: ({ ready }) => ready },
  {
    heading: 'CLOSED TIME',
    member: 'closed_time',
    value: ({ closedTime }) => closedTime,
    text: ({ closedTime }) => instantText(closedTime) ?? '-',
  },
  { heading: 'STALE MS', member: 'staleness_ms', value: staleness },
  { heading: 'SILENT MS', member: 'silent_ms', value: ({ silentMs }) => silentMs },
  { heading: 'REVOCATIONS', member: 'revocations', value: ({ revocations }) => revocations },
  {
    heading: 'TRAIL',
    member: 'trail',
    value: ({ trail, silentMs }) => trail && sightBody(trail, silentMs),
    // Guards that saw the same head show the same letters.
    text: ({ trail }) =>
      trail
        ? `${trail.state} ${trail.head ? `${trail.head.size} ${trail.head.root.slice(0, 8)}` : ''}`
        : '-',
  },
]

/** `curfew guards`: what `GET /guards` answers. */
export const addGuardCommand = (root: Command): void => {
  root
    .command('guards')
    .description('guards that reported in the last minute, and how fresh each is')
    .option(...jsonOption)
    .action((options: Shown) =>
      withStore(async (context) => printList(columns, await attachedGuards(context), options)),
    )
}
