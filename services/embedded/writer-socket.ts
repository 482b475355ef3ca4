import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Closable } from '../../shared/kernel/lifecycle.ts'

/** In the environment of a worker. Not a setting: the first process gives it. */
const variable = '_CURFEW_WRITER_SOCKET'

export type WriterSocket = Closable &
  Readonly<{ path: string; env: Readonly<Record<string, string>> }>

/**
 * A path for the socket at which the first process writes for its workers, in a folder that only
 * this user may enter (0700). Not in the data folder: the system takes no path of over 107 bytes.
 */
export const makeWriterSocket = async (): Promise<WriterSocket> => {
  const folder = await mkdtemp(join(tmpdir(), 'curfew-'))
  const path = join(folder, 'writer')
  return {
    path,
    env: { [variable]: path },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Of a worker. */
export const givenWriterSocket = (): string => process.env[variable] ?? ''
