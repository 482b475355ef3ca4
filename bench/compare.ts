import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Lifecycle } from '../shared/kernel/lifecycle.ts'
import { type Checkout, checkoutOf } from './checkout.ts'
import type { Options } from './options.ts'
import { type Pair, pairsTable } from './pairs.ts'
import { type Measured, readResults } from './results.ts'
import type { Servers } from './run-scenarios.ts'
import { say } from './say.ts'
import type { Scenario } from './scenario.ts'
import { tempFolder } from './support/temp-folder.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

type Run = Readonly<{ scenario: Scenario; servers: Servers; quick: boolean; json: string }>

/** Both checkouts use the same servers, so that neither has the younger one. */
const environment = ({ kafka, mongo }: Servers): NodeJS.ProcessEnv => ({
  ...process.env,
  ...(kafka ? { CURFEW_KAFKA_BROKERS: kafka.brokers.join(',') } : {}),
  ...(mongo ? { CURFEW_MONGODB_URL: mongo.url } : {}),
})

/** One repeat of a scenario by a checkout, in a process of its own. */
const runIn = async (
  folder: string,
  { scenario, servers, quick, json }: Run,
): Promise<Measured> => {
  const words = [`^${scenario.name}$`, '--repeats=1', '--no-peers', `--json=${json}`]
  const args = ['--import', './.ci/typescript.mjs', 'bench/run.ts', ...words]
  const child = spawn(process.execPath, [...args, ...(quick ? ['--quick'] : [])], {
    cwd: folder,
    env: environment(servers),
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const kill = (): boolean => child.kill()
  process.once('exit', kill)
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve))
  process.off('exit', kill)
  if (code !== 0) {
    const why = folder === root ? '' : ': the scripts of today may not fit its sources'
    throw new Error(`${scenario.name} failed in ${folder}${why}`)
  }
  const [measured] = readResults(await readFile(json, 'utf8')).scenarios
  if (!measured) throw new Error(`${scenario.name} measured nothing in ${folder}`)
  return measured
}

/** A pair is one run of each, and which is first alternates: what warms up warms both. */
const onePair = async (index: number, there: Checkout, run: Run): Promise<Pair> => {
  if (index % 2 === 0) {
    const other = await runIn(there.path, run)
    return { there: other, here: await runIn(root, run) }
  }
  const own = await runIn(root, run)
  return { here: own, there: await runIn(there.path, run) }
}

/** Runs the chosen scenarios by this checkout and by that of a commit, in turns. */
export const compareWith = async (
  ref: string,
  chosen: readonly Scenario[],
  servers: Servers,
  { pairs, quick }: Options,
): Promise<void> => {
  const parts = new Lifecycle()
  try {
    const folder = await parts.use(await tempFolder())
    const there = await parts.use(await checkoutOf(root, ref, join(folder.path, 'checkout')))
    say(`${ref} is ${there.commit}`)
    const json = join(folder.path, 'measured.json')
    for (const scenario of chosen) {
      const found: Pair[] = []
      for (let index = 0; index < pairs; index += 1) {
        say(`${scenario.name}: pair ${index + 1} of ${pairs}`)
        found.push(await onePair(index, there, { scenario, servers, quick, json }))
      }
      process.stdout.write(`\n${pairsTable(scenario.name, there.commit, found)}\n`)
    }
  } finally {
    await parts.close()
  }
}
