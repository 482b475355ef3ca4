import { posix } from 'node:path'
import { importsOf } from '../support/import-graph.ts'
import type { SourceText } from '../support/project-files.ts'
import type { House, Room } from './house.ts'
import { houses } from './houses.ts'

type Edge = Readonly<{ from: string; to: string }>

const read = new WeakMap<readonly SourceText[], readonly Edge[]>()
/** All imports among `sources`; each list of sources is parsed once. */
const edgesOf = (sources: readonly SourceText[]): readonly Edge[] => {
  const edges =
    read.get(sources) ??
    sources.flatMap((source) => importsOf(source).map(({ to }) => ({ from: source.path, to })))
  read.set(sources, edges)
  return edges
}

type Found = Readonly<{ house: House; room: Room | null; file: string }>

const isBelow = (folder: string, path: string): boolean => path.startsWith(`${folder}/`)

const placeOf = (path: string, table: readonly House[]): Found | null => {
  const house = table.find(({ folder }) => isBelow(folder, path))
  if (!house) return null
  const around = house.rooms.filter(({ name }) => isBelow(posix.join(house.folder, name), path))
  // A room inside a room, as `sessions/routes`, is one of its own.
  const [room = null] = around.sort((a, b) => b.name.length - a.name.length)
  const home = room ? posix.join(house.folder, room.name) : house.folder
  return { house, room, file: posix.relative(home, path) }
}

const whyNotBetween = (from: Found | null, to: Found): string | null => {
  const { room } = to
  const isOwnHouse = from?.house === to.house
  if (room === null) {
    const { ground } = to.house
    const isGround = ground === 'all' || ground.includes(to.file)
    return !isOwnHouse || from.room === null || isGround
      ? null
      : `${to.file} stands above the room ${from.room.name}`
  }
  if (isOwnHouse && from.room === room) return null
  if (isOwnHouse && from.room !== null && !from.room.uses.includes(room.name)) {
    return `${from.room.name} uses ${from.room.uses.join(', ') || 'no other room'}`
  }
  if (room.shows === 'all' || room.shows.includes(to.file)) return null
  return `${room.name} shows ${room.shows.join(', ')} alone`
}

/** Imports that the table does not allow, as `from -> to: why`. */
export const brokenRooms = (
  sources: readonly SourceText[],
  table: readonly House[] = houses,
): string[] =>
  edgesOf(sources).flatMap(({ from, to }) => {
    const target = placeOf(to, table)
    const why = target && whyNotBetween(placeOf(from, table), target)
    return why === null ? [] : [`${from} -> ${to}: ${why}`]
  })

/** The imports between rooms of one house, as `from to`; each file is placed once. */
const usesIn = (house: House, edges: readonly Edge[]): ReadonlySet<string> => {
  const names = new Map<string, string | null>()
  const nameOf = (path: string): string | null => {
    const known = names.get(path)
    if (known !== undefined) return known
    const name = isBelow(house.folder, path) ? (placeOf(path, [house])?.room?.name ?? null) : null
    names.set(path, name)
    return name
  }
  return new Set(edges.map(({ from, to }) => `${nameOf(from)} ${nameOf(to)}`))
}

const wrongRoom = (
  { folder, rooms }: House,
  room: Room,
  paths: readonly string[],
  isUsed: (used: string) => boolean,
): string[] => {
  const home = posix.join(folder, room.name)
  const above = rooms.slice(0, rooms.indexOf(room)).map(({ name }) => name)
  const shown = room.shows === 'all' ? [] : room.shows
  return [
    ...(paths.some((path) => isBelow(home, path)) ? [] : [`${home}: there is no such room`]),
    ...shown
      .filter((file) => !paths.includes(posix.join(home, file)))
      .map((file) => `${home}: there is no ${file}`),
    ...room.uses
      .filter((used) => !above.includes(used))
      .map((used) => `${home}: ${used} does not stand above it`),
    ...room.uses.filter((used) => !isUsed(used)).map((used) => `${home}: it does not use ${used}`),
  ]
}

/** Rows that say what is not so: a room, a public file or a use is not there, or an order wrong. */
export const wrongRows = (
  sources: readonly SourceText[],
  table: readonly House[] = houses,
): string[] => {
  const paths = sources.map(({ path }) => path)
  const edges = edgesOf(sources)
  return table.flatMap((house) => {
    const { folder, rooms } = house
    const used = usesIn(house, edges)
    const named = new Set(rooms.map(({ name }) => name.split('/')[0]))
    const folders = paths
      .filter((path) => isBelow(folder, path) && posix.relative(folder, path).includes('/'))
      .map((path) => posix.relative(folder, path).split('/')[0] ?? '')
    return [
      ...[...new Set(folders)]
        .filter((name) => !named.has(name))
        .map((name) => `${posix.join(folder, name)}: the table has no row for it`),
      ...rooms.flatMap((room) =>
        wrongRoom(house, room, paths, (other) => used.has(`${room.name} ${other}`)),
      ),
    ]
  })
}

/** The way from `start` back to itself, the shortest; null where there is none. */
const wayBack = (start: string, graph: ReadonlyMap<string, readonly string[]>): string[] | null => {
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    for (const next of graph.get(path) ?? []) {
      if (next === start) {
        const way = [path]
        for (let at = path; at !== start; ) {
          at = cameFrom.get(at) ?? start
          way.unshift(at)
        }
        return [...way, start]
      }
      if (cameFrom.has(next)) continue
      cameFrom.set(next, path)
      queue.push(next)
    }
  }
  return null
}

/** Each circle of files that import each other, types included, as `a -> b -> a`; once. */
export const importCircles = (sources: readonly SourceText[]): string[] => {
  const graph = new Map<string, string[]>(sources.map(({ path }) => [path, []]))
  for (const { from, to } of edgesOf(sources)) if (graph.has(to)) graph.get(from)?.push(to)
  const told = new Set<string>()
  return [...graph.keys()].flatMap((path) => {
    const way = told.has(path) ? null : wayBack(path, graph)
    if (way === null) return []
    for (const member of way) told.add(member)
    return [way.join(' -> ')]
  })
}
