import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { pythonVenv } from './python-venv.ts'
import {
  freePort,
  type Missing,
  newDataFolder,
  onPath,
  type ServerControl,
  startServer,
} from './server-process.ts'

const secantusVersion = '0.7.0b3'

export type MongoServer = Readonly<{
  url: string
  /** `null` for a server of the user: tests that hurt the server say that they were not run. */
  control: ServerControl | null
}>

const secantus = async (): Promise<string | null> => {
  if (await onPath('secantusd-py')) return 'secantusd-py'
  const wanted = ['--pre', `secantusdb==${secantusVersion}`]
  const programs = await pythonVenv(`secantusdb-${secantusVersion}`, wanted)
  return programs && join(programs, 'secantusd-py')
}

const noServer = 'no CURFEW_MONGODB_URL, and neither secantusd-py nor python3 to start a server'

const answers = async (url: string): Promise<void> => {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 1_000 })
  try {
    await client.db('admin').command({ ping: 1 })
  } finally {
    await client.close()
  }
}

/**
 * SecantusDB speaks MongoDB's wire protocol. It is slow: figures taken on it compare, they do not
 * measure.
 */
export const startMongo = async (
  command: string,
  more: readonly string[] = [],
): Promise<MongoServer> => {
  const dir = newDataFolder('mongo')
  const port = await freePort()
  const url = `mongodb://127.0.0.1:${port}/?directConnection=true`
  const control = await startServer({
    command,
    args: [
      '--port',
      String(port),
      '--storage-path',
      join(dir, 'data'),
      '--cache-size',
      '256M',
      ...more,
    ],
    dir,
    ready: () => answers(url),
  })
  return { url, control }
}

/** One of our own, with more arguments, also where the user named a server. */
export const startOwnMongo = async (more: readonly string[]): Promise<MongoServer | Missing> => {
  const command = await secantus()
  return command === null ? { missing: noServer } : startMongo(command, more)
}

/** The user's server (`CURFEW_MONGODB_URL`), else one of our own, else why there is none. */
export const findMongo = async (): Promise<MongoServer | Missing> => {
  const url = process.env['CURFEW_MONGODB_URL']
  if (url) return { url, control: null }
  const command = await secantus()
  return command === null ? { missing: noServer } : startMongo(command)
}
