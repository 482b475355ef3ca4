import type { Command } from 'commander'
import { copyStore } from '../store/copy-store.ts'
import { say } from '../terminal/printable.ts'

/** `curfew backup`: of the embedded store; keys and trail are files that are copied as they are. */
export const addBackupCommand = (root: Command): void => {
  root
    .command('backup <folder>')
    .description('copy the embedded store as it is now, also while it runs; without the keys')
    .action(async (folder: string) => say(`${await copyStore(folder)} is a copy of the store`))
}
