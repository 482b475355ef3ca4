import { join } from 'node:path'
import type { Closable } from '../../shared/kernel/lifecycle.ts'
import { freePort, newDataFolder, startServer } from '../../test/support/servers/server-process.ts'
import { runIn } from './run-in.ts'

export type Postgres = Closable & Readonly<{ port: number; version: string }>

// PostgreSQL refuses to run as root. In a user namespace in which root has another number it does,
// and its files stay where they are.
const asSomebody = ['unshare', '--user', '--map-user=1000', '--map-group=1000']

/**
 * PostgreSQL from PyPI with its own defaults (each commit is synced), on a data folder of its own.
 * `programs` are those of the virtual environment.
 */
export const startPostgres = async (programs: string): Promise<Postgres> => {
  const found = 'import embedded_postgres as e, os; print(os.path.dirname(e.__file__))'
  const place = { timeoutMs: 60_000 }
  const module = (await runIn(place, join(programs, 'python3'), ['-c', found])).trim()
  const bin = (name: string): string => join(module, 'pginstall/bin', name)
  const wrapped = (...line: string[]): readonly [string, ...string[]] =>
    (process.getuid?.() === 0 ? [...asSomebody, ...line] : line) as [string, ...string[]]
  const dir = newDataFolder('postgres')
  const data = join(dir, 'data')
  const [init, ...initArgs] = wrapped(
    bin('initdb'),
    ...['--pgdata', data, '--username', 'curfew', '--auth', 'trust'],
    ...['--encoding', 'UTF8', '--no-locale'],
  )
  await runIn(place, init, initArgs)
  const port = await freePort()
  const [command, ...args] = wrapped(
    bin('postgres'),
    ...['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1'],
    ...['-c', 'unix_socket_directories='],
  )
  const asked = ['-h', '127.0.0.1', '-p', String(port)]
  const ready = async (): Promise<void> => void (await runIn(place, bin('pg_isready'), asked))
  const control = await startServer({ command, args, dir, ready })
  const version = (await runIn(place, bin('postgres'), ['--version'])).trim()
  return { port, version, close: () => control.stop() }
}
