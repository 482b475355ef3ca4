import { kinds } from './plan.ts'
import { tableOf, writeReport } from './report.ts'
import { drawnSequences, runStorm } from './run-storm.ts'
import { openStormServers } from './servers.ts'
import { singles } from './singles.ts'

/**
 * `npm run storm -- --seed=a --sequences=200 --brokers=3` plays random sequences by hand;
 * `--first=17` begins at that one, so that a failure is played again; `--alone` plays each kind of
 * operation by itself instead, for its recovery; `--without=roll,zstd` leaves some out; `--write`
 * keeps the figures.
 */
const setting = (name: string, otherwise: string): string =>
  process.argv.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3) ?? otherwise

const main = async (): Promise<void> => {
  const seed = setting('seed', 'storm')
  const brokers = setting('brokers', '3') === '1' ? 1 : 3
  const servers = await openStormServers(brokers, setting('without', '').split(','))
  if ('missing' in servers) throw new Error(servers.missing)
  const range = { first: Number(setting('first', '0')), count: Number(setting('sequences', '200')) }
  const isAlone = process.argv.includes('--alone')
  const sequences = isAlone
    ? singles(seed, servers.ground)
    : drawnSequences(seed, servers.ground, range)
  const tell = (line: string): void => void process.stdout.write(`${line}\n`)
  const seconds = Number(setting('seconds', '36000'))
  try {
    const result = await runStorm({ servers, seed, sequences, seconds, tell })
    tell(tableOf(result, kinds))
    if (process.argv.includes('--write')) await writeReport({ seed, brokers, isAlone }, result)
  } finally {
    await servers.close()
  }
}

await main()
