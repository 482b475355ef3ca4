import { notRun } from '../../support/not-run.ts'
import { clockLibrary } from '../../support/storm/faked-clock.ts'
import { kinds } from '../../support/storm/plan.ts'
import { tableOf } from '../../support/storm/report.ts'
import { drawnSequences, runStorm } from '../../support/storm/run-storm.ts'
import { openStormServers } from '../../support/storm/servers.ts'
import { assert, claims } from '../../support/suite.ts'

/**
 * Random operations on a real fleet: as many sequences as the seconds take. `SEED=b` draws others,
 * `FIRST=17 SEQUENCES=1` plays one again; `npm run storm` plays any number without these limits.
 */
const seed = process.env['SEED'] ?? 'fleet'
const first = Number(process.env['FIRST'] ?? '0')
const count = Number(process.env['SEQUENCES'] ?? '200')
/** A busy machine plays few; a quick one tens. */
const leastSequences = 1

/** A lowered limit is played by hand: Kafka takes its time to delete, and the gate has little. */
const withheld = ['short retention', 'small log']

type Stage = Readonly<{ brokers: 1 | 3; seconds: number }>

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const weather =
  ({ brokers, seconds }: Stage): (() => Promise<void>) =>
  async () => {
    const servers = await openStormServers(brokers, withheld)
    if ('missing' in servers) return notRun(`a storm on ${brokers} brokers`, servers.missing)
    try {
      const sequences = drawnSequences(seed, servers.ground, { first, count })
      const result = await runStorm({ servers, seed, sequences, seconds })
      say(`seed ${seed}, ${brokers} broker(s)\n${tableOf(result, kinds)}`)
      assert.ok(result.sequences >= leastSequences, `only ${result.sequences} sequences`)
    } finally {
      await servers.close()
    }
  }

if (clockLibrary() === null) notRun('clocks that jump', 'the package faketime is not installed')
claims(
  'no revocation is lost, none accepted, and nobody is logged out, whatever is done to a fleet',
  {
    'on three brokers': weather({ brokers: 3, seconds: 45 }),
    'on one broker': weather({ brokers: 1, seconds: 30 }),
  },
)
