import { readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Env } from '../../shared/kernel/config.ts'
import { AuthError } from '../../shared/kernel/errors.ts'
import type { Closable } from '../../shared/kernel/lifecycle.ts'

/** In the environment of a worker. Not settings: the first process gives them. */
const socketVariable = '_CURFEW_WRITER_SOCKET'
const codeVariable = '_CURFEW_WORKER_OF'

/** The longest path of a Unix socket on the systems that allow the least. */
const pathBytesMax = 100

/** Where the code lies that was built of the sources; they themselves are run without it. */
declare const builtFolder: string | undefined

const commandPath = (): string => process.argv[1] ?? ''

/**
 * What code a process runs, as far as its files tell: a worker that starts after an upgrade would
 * else ask an older first process for writes that it does not know.
 */
const codeIdentity = (): string => {
  const folder = typeof builtFolder === 'undefined' ? 'sources' : builtFolder
  const { ino, size, mtimeMs } = statSync(commandPath())
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(manifest) as { version: string }
  return [version, folder, ino, size, mtimeMs].join(' ')
}

export type WorkerEnvironment = Closable &
  Readonly<{ socket: string; env: Readonly<Record<string, string>> }>

/**
 * What workers are started with: the settings that are in force here, whatever a file says by then,
 * and a path for the socket at which the first process writes for them. It is in a folder that only
 * this user may enter (0700), and not in the data folder, whose path may be too long for a socket.
 * @throws AuthError CONFIG_INVALID when the temporary folder has too long a name.
 */
export const makeWorkerEnvironment = async (settings: Env): Promise<WorkerEnvironment> => {
  const folder = await mkdtemp(join(tmpdir(), 'curfew-'))
  const socket = join(folder, 'writer')
  const close = (): Promise<void> => rm(folder, { recursive: true, force: true })
  if (Buffer.byteLength(socket) > pathBytesMax) {
    await close()
    const why = 'has too long a name for a socket, which CURFEW_WORKERS needs'
    throw new AuthError('CONFIG_INVALID', `TMPDIR (${tmpdir()}) ${why}: give a shorter one`)
  }
  const given = Object.entries(settings).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  const own = { [socketVariable]: socket, [codeVariable]: codeIdentity() }
  return { socket, env: { ...Object.fromEntries(given), ...own }, close }
}

/** Whether this process is a worker: its settings are those that it was given. */
export const isWorker = (env: Env): boolean => env[codeVariable] !== undefined

/**
 * The socket that a worker was given. @throws AuthError CONFIG_INVALID when the first process runs
 * other code.
 */
export const givenSocket = (env: Env): string => {
  if (env[codeVariable] !== codeIdentity()) {
    const text = 'the code on the disk is not what the first process runs: restart curfew start'
    throw new AuthError('CONFIG_INVALID', text)
  }
  return env[socketVariable] ?? ''
}
