import { createHash } from 'node:crypto'
import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { madeOnce } from '../../test/support/servers/kafka-server.ts'
import { pythonVenv } from '../../test/support/servers/python-venv.ts'
import { cacheFolder, type Missing, onPath } from '../../test/support/servers/server-process.ts'
import { runIn } from './run-in.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Other pins, another folder: what was installed for former ones is never used. */
const pinned = async (kind: string, ...files: readonly string[]): Promise<string> => {
  const hash = createHash('sha256')
  for (const file of files) hash.update(await readFile(file))
  return `bench-${kind}-${hash.digest('hex').slice(0, 12)}`
}

const whyMissing = (error: unknown): Missing => ({
  missing: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error),
})

const installNode = async (): Promise<string | Missing> => {
  if (!(await onPath('npm'))) return { missing: 'no npm to install it with' }
  const folder = here('./node')
  const files = ['package.json', 'package-lock.json', 'oidc-provider.mjs']
  const name = await pinned('node', ...files.map((file) => join(folder, file)))
  return madeOnce(cacheFolder(name), async (aside) => {
    for (const file of files) await cp(join(folder, file), join(aside, file))
    await runIn({ cwd: aside, timeoutMs: 300_000 }, 'npm', ['ci', '--ignore-scripts'])
  })
}

const installPython = async (): Promise<string | Missing> => {
  const requirements = here('./python/requirements.txt')
  const name = await pinned('python', requirements)
  const programs = await pythonVenv(name, ['--no-deps', '-r', requirements])
  return programs ?? { missing: 'no python3 to make a virtual environment with' }
}

/** The folder with the peers from npm and their `node_modules`. */
export const nodePeers = (): Promise<string | Missing> => installNode().catch(whyMissing)

/** The folder of programs of a virtual environment with the peers from PyPI. */
export const pythonPeers = (): Promise<string | Missing> => installPython().catch(whyMissing)
