import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { metricTable } from '../../../shared/metrics/metric-table.ts'
import { metricOf, metricsIn, watchedExpressions } from '../../support/documents/watched.ts'
import { type Fleet, withFleet } from '../../support/processes/fleet.ts'
import { loggedIn } from '../../support/requests/visitor.ts'
import { freePort } from '../../support/servers/server-process.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

const metricsAt = async (port: number): Promise<string> =>
  (await fetch(`http://127.0.0.1:${port}/metrics`)).text()

const verifierKeysIn = async ({ dir }: Fleet): Promise<string> => {
  const path = join(dir, 'trail', 'verifier-keys')
  const read = (): string => readFileSync(path, 'utf8').trim()
  await until('the trail has a key', async () => read() !== '', 10_000)
  return read()
}

/** `curfew start`, whose trail a witness cosigns: all metrics of all processes at two ports. */
const startWatched = async (fleet: Fleet) => {
  const [port, witnessPort] = [await freePort(), await freePort()]
  const first = await fleet.everything()
  const keys = await verifierKeysIn(fleet)
  assert.is((await first.stop()).code, 0)
  const witness = await fleet.witness({
    CURFEW_DATA_DIR: join(fleet.dir, 'elsewhere'),
    CURFEW_WITNESS_NAME: 'witness.example/w1',
    CURFEW_WITNESS_LOGS: keys,
    CURFEW_METRICS_PORT: String(witnessPort),
  })
  const verifier = /"verifier":"([^"]+)"/.exec(witness.output())?.[1] ?? ''
  const curfew = await fleet.everything({
    CURFEW_AUDIT_WITNESSES: `${verifier} ${witness.url}`,
    CURFEW_METRICS_PORT: String(port),
  })
  const read = async (): Promise<string> => (await metricsAt(port)) + (await metricsAt(witnessPort))
  return { curfew, read }
}

type Sample = Readonly<{ name: string; labels: readonly string[] }>
const samplesIn = (text: string): readonly Sample[] =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => /^(\w+)(?:\{(.*)\})? /.exec(line))
    .map((found) => ({
      name: found?.[1] ?? '',
      labels: [...(found?.[2] ?? '').matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)].map(
        ([, one = '']) => one,
      ),
    }))

claims('what is watched', {
  'is shown by running processes, with the labels of the table': () =>
    withFleet(null, async (fleet) => {
      const { curfew, read } = await startWatched(fleet)
      await loggedIn(fleet, curfew.url, await fleet.addUser('anna'))
      const watched = [...new Set(watchedExpressions().flatMap(([, expr]) => metricsIn(expr)))]
      const table: Readonly<Record<string, { kind: string; labels: readonly string[] }>> =
        metricTable
      // Counters begin when the thing happens first, and wrong settings are none here.
      const isSeldom = (name: string): boolean =>
        table[name]?.kind === 'counter' || name === 'curfew_topic_mistakes'
      const missing = (text: string): readonly string[] => {
        const shown = new Set(samplesIn(text).map(({ name }) => metricOf(name)))
        return watched.filter((name) => !shown.has(name) && !isSeldom(name))
      }
      await until('all gauges are shown', async () => missing(await read()).length === 0, 100_000)
      const samples = samplesIn(await read())
      assert.ok(samples.length > 100)
      for (const { name, labels } of samples) {
        if (!name.startsWith('curfew_')) continue
        const row = table[metricOf(name)]
        const extra = name.endsWith('_bucket') ? ['le'] : []
        assert.equal([...labels].sort(), [...(row?.labels ?? []), ...extra].sort(), name)
      }
    }),
})
