import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { openLmdb } from '../../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { isAtScale } from '../../../shared/backends/config.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { processContext } from '../../../shared/kernel/process/process-context.ts'
import { readSettings, requireStore } from '../store/open-store.ts'
import { say } from '../terminal/printable.ts'

/**
 * Copies the embedded store as it is at one instant, also while it is used. What was deleted is in
 * no byte of the copy. @throws AuthError INPUT_INVALID, STORE_ABSENT, STORE_UNAVAILABLE
 */
export const copyStore = async (folder: string): Promise<string> => {
  const config = readSettings()
  if (isAtScale(config)) {
    throw new AuthError('INPUT_INVALID', 'the store is in MongoDB: mongodump copies it')
  }
  requireStore(config)
  const target = resolve(folder)
  if (existsSync(target)) throw new AuthError('INPUT_INVALID', `${target} is there already`)
  const { clock, logger } = processContext('cli', 'warn')
  const groupShares = config.groupAccess === 'write'
  const env = await openLmdb({ path: config.dataDir, clock, logger, groupShares })
  try {
    await env.copyTo(target)
  } finally {
    await env.close()
  }
  return join(target, 'data.mdb')
}

/** `curfew backup`: of the embedded store; keys and trail are files that are copied as they are. */
export const addBackupCommand = (root: Command): void => {
  root
    .command('backup <folder>')
    .description('copy the embedded store as it is now, also while it runs; without the keys')
    .action(async (folder: string) => say(`${await copyStore(folder)} is a copy of the store`))
}
