import { join } from 'node:path'
import { type TilePlace, tilePath } from '../../../shared/tlog/tile-path.ts'

/**
 * A life of the log is one `logId`, or what an operator began after a past that does not fit:
 * `<logId>-2`. Each has a folder, with a C2SP log for each partition and one of heads.
 */
export type Life = string
export type TreeName = number | 'heads'

export const lifePattern = /^[0-9a-f]{32}(?:-[1-9]\d{0,5})?$/
/** The identity in the leaves of a life. */
export const logIdOf = (life: Life): string => life.slice(0, 32)

export const treeFolder = (life: Life, tree: TreeName): string => join(life, String(tree))
export const originOf = (host: string, life: Life, tree: TreeName): string =>
  `${host}/${life}/${tree}`

/** In a log’s folder. */
export const checkpointFile = 'checkpoint'
/** The checkpoint that witnesses cosigned last, with their signatures. */
export const witnessedFile = 'witnessed'
/** Hashes of the ids of its events, in their order; made again when it is not whole. */
export const idsFile = 'ids'
/** In a log’s folder, once it was pruned: the index of its first leaf. */
export const minimumFile = 'minimum'
/** All lives, a line each, oldest first. */
export const livesFile = 'lives'
/** What signed checkpoints are verified with; whoever verifies has it from elsewhere. */
export const verifierKeysFile = 'verifier-keys'

export const pathIn = (folder: string, place: TilePlace): string => join(folder, tilePath(place))
/** The folder of the partial forms of a tile. */
export const partialFolder = (folder: string, { level, index }: TilePlace): string =>
  `${pathIn(folder, { level, index, width: 256 })}.p`

/** One name for each tree: `00` is none, or partition 0 would be counted twice. */
export const isTreeName = (name: string): boolean =>
  name === 'heads' || /^(?:0|[1-9]\d{0,5})$/.test(name)
