import type { Key, RootDatabase } from 'lmdb'
import { AuthError } from '../../../kernel/errors.ts'
import type { Logger } from '../../../kernel/logger.ts'
import { databaseOptions } from './database-options.ts'

/** Format 3 packs values, and has heads and states of commits in the database of commits. */
const format = 3
const former = 2
const movedAtOnce = 10_000

type Root = RootDatabase<unknown, Key>
/** `former` as long as something of that format is left. */
type Entry = Readonly<{ product?: unknown; format?: unknown; former?: unknown }>
type Place = Readonly<{ root: Root; path: string; logger: Logger }>

/**
 * Refuses while another process has the older store open: it would not see what the upgrade moves.
 */
const refuseOthers = ({ root, path }: Place): void => {
  root.readerCheck()
  const pids = [...root.readerList().matchAll(/^\s*(\d+)\s/gm)].map(([, pid]) => Number(pid))
  const other = pids.find((pid) => pid !== process.pid)
  if (other === undefined) return
  const text = `${path} has format ${former}, and process ${other} uses it; stop that one first`
  throw new AuthError('STORE_UNAVAILABLE', text)
}

/**
 * In the transaction that looks: of two processes that start on an empty directory, one writes the
 * entry.
 */
const claimed = (place: Place): Entry | null => {
  const { root } = place
  return root.transactionSync(() => {
    const entry = root.get('format') as Entry | undefined
    if (entry !== undefined && entry.format !== former) return entry
    if (entry === undefined && [...root.getKeys({ limit: 1 })].length > 0) return null
    if (entry !== undefined) refuseOthers(place)
    const made = { product: 'curfew', format, ...(entry === undefined ? {} : { former }) }
    root.putSync('format', made)
    return made
  })
}

/** Moves a part of what format 2 kept in databases of its own; says whether there was some. */
const moveSome = ({ root, path }: Place): boolean => {
  const opened = (name: string) => root.openDB(databaseOptions(name, 'value'))
  const [commits, newest, states] = [
    opened('commits'),
    opened('commits.newest'),
    opened('commits.states'),
  ]
  return root.transactionSync(() => {
    const range = { limit: movedAtOnce }
    const heads = [...newest.getRange(range)]
    for (const { key, value: v } of heads) {
      const place = [key as string, v as number]
      const state = states.get(place)
      if (state === undefined) throw new AuthError('DATA_INVALID', `${path} misses a state`)
      commits.putSync(key, { v, state })
      states.removeSync(place)
      newest.removeSync(key)
    }
    const others = heads.length > 0 ? [] : [...states.getRange(range)]
    for (const { key, value } of others) {
      commits.putSync([...(key as Key[]), true] as Key, value)
      states.removeSync(key)
    }
    return heads.length + others.length > 0
  })
}

/**
 * Each process that opens a store in the middle of an upgrade goes on with it, so that a crash does
 * no harm.
 */
const upgrade = (place: Place): void => {
  const { root, path, logger } = place
  logger.info({ path, former, format }, 'the store is upgraded')
  while (moveSome(place)) {}
  root.transactionSync(() => root.putSync('format', { product: 'curfew', format }))
  logger.info({ path, format }, 'the store was upgraded')
}

/**
 * Writes which format a new store has, and upgrades one of the format before.
 * @throws AuthError DATA_INVALID for a store of another program or of an unknown format;
 * STORE_UNAVAILABLE when it must be upgraded while another process uses it.
 */
export const claimFormat = (place: Place): void => {
  const { path } = place
  const found = claimed(place)
  if (found?.product !== 'curfew' || typeof found.format !== 'number') {
    throw new AuthError('DATA_INVALID', `${path} holds an LMDB file of another program`)
  }
  if (found.format !== format) {
    const text = `${path} has format ${found.format}; this version knows ${format}`
    throw new AuthError('DATA_INVALID', text)
  }
  if (found.former !== undefined) upgrade(place)
}
