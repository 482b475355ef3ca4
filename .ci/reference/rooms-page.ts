import type { House, Room } from '../../test/architecture/house.ts'
import { houses } from '../../test/architecture/houses.ts'
import { generated, page, table } from './tables.ts'

const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')

const rowOf = ({ name, shows, uses }: Room): readonly string[] => [
  `\`${name}\``,
  shows === 'all' ? 'each of its files' : code(shows),
  uses.length === 0 ? 'no other room' : code(uses),
]

const section = ({ folder, rooms }: House): readonly string[] => [
  `## ${folder}`,
  '',
  ...table(['room', 'shows', 'may import'], rooms.map(rowOf)),
  '',
]

const introduction: readonly string[] = [
  'A room is a folder of one subject. It shows one file, `index.ts`; others import that file and',
  'nothing behind it. A room imports only rooms that stand above it on this page, so there is no',
  'circle of imports. A folder of words that everybody uses shows each of its files.',
  '',
  '`services/gateway` has four floors. `http` is the machine and knows no other room. Then come',
  'the commands, in their order. Then come the routes: a route may use the commands of every room,',
  'and no other routes. On top are the pages, which ask routes and do nothing else. `compose.ts`',
  'opens the rooms and binds the routes to them.',
  '',
  '`test/architecture/rooms.test.ts` holds this table.',
  '',
]

/** `docs/reference/rooms.md`: what each room shows, and which it may import. */
export const roomsPage = (): string =>
  page(generated('Rooms', 'test/architecture/houses.ts'), introduction, ...houses.map(section))
