import { spawn } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { curfew } from '../../support/processes/curfew-command.ts'
import { startProcess } from '../../support/processes/processes.ts'
import { projectRoot } from '../../support/project-files.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'
import { logId, recordAt } from '../../support/trail/drawn-trail.ts'
import { growingTrail } from '../../support/trail/growing-trail.ts'
import { until } from '../../support/until.ts'

const script = 'services/cli/curfew.mjs'

const following = (dir: string, ...args: readonly string[]) =>
  startProcess({
    name: 'curfew audit export --follow',
    args: [script, 'audit', 'export', '--follow', ...args],
    env: { CURFEW_DATA_DIR: dir },
  })

const offsetsIn = (output: string): readonly number[] =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => Number((JSON.parse(line) as { kafkaoffset: string }).kafkaoffset))

const upTo = (size: number): readonly number[] => Array.from({ length: size }, (_, at) => at)

const inTrail = (
  work: (dir: string, trail: ReturnType<typeof growingTrail>) => Promise<void>,
): Promise<void> => inTempFolder('follow', (dir) => work(dir, growingTrail(join(dir, 'trail'))))

claims('curfew audit export', {
  'followed over restarts while the trail grows, no event is lost and none comes twice': () =>
    inTrail(async (dir, { growTo }) => {
      const position = `--position-file=${join(dir, 'position')}`
      const met: number[] = []
      for (const [from, to] of [
        [300, 500],
        [500, 900],
        [1_100, 1_300],
      ] as const) {
        await growTo(from)
        const process = following(dir, position)
        const count = (): number => met.length + offsetsIn(process.output()).length
        await until('it has what there was', () => count() >= from, 20_000)
        await growTo(to)
        await until('it has what came', () => count() >= to, 20_000)
        process.signal('SIGINT')
        assert.is((await process.ended).code, 0)
        met.push(...offsetsIn(process.output()))
        assert.equal(met, upTo(to))
        assert.is(readFileSync(join(dir, 'position'), 'utf8'), `${logId}/0:${to}\n`)
      }
    }),

  'followed and killed, what a pipe may have held comes again, and nothing is lost': () =>
    inTrail(async (dir, { growTo }) => {
      const path = join(dir, 'position')
      await growTo(600)
      const killed = following(dir, `--position-file=${path}`)
      await until('it has all', () => offsetsIn(killed.output()).length === 600, 20_000)
      await growTo(700)
      await until('it saves', () => existsSync(path), 20_000)
      await killed.kill9()
      const saved = Number(readFileSync(path, 'utf8').split(':')[1])
      assert.ok(saved < 700)
      const next = following(dir, `--position-file=${path}`)
      await until('it has the rest', () => offsetsIn(next.output()).at(-1) === 699, 20_000)
      await next.stop()
      assert.equal(offsetsIn(next.output()), upTo(700).slice(saved))
    }),

  'a follower from a position that its reader kept begins there, and ends with its reader': () =>
    inTrail(async (dir, { growTo }) => {
      await growTo(300)
      const line = ['audit', 'export', '--follow', `--from=${logId}/0:290`]
      const env = { ...process.env, CURFEW_DATA_DIR: dir }
      const child = spawn(process.execPath, [script, ...line], { cwd: projectRoot, env })
      const first = await new Promise<Buffer>((resolve) => child.stdout.once('data', resolve))
      assert.is(offsetsIn(first.toString('utf8'))[0], 290)
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.stdout.destroy()
      await growTo(400)
      assert.is(await ended, 0)
    }),

  'to a file, it verifies with a key that was kept elsewhere, and not once it was changed': () =>
    inTrail(async (dir, { growTo, key }) => {
      await growTo(300)
      const out = join(dir, 'trail.ndjson')
      const made = await curfew(dir, ['audit', 'export', '--out', out, '--key', key])
      assert.is(made.output, `${out}: 300 events; ${out}.index.json says of which signed logs\n`)
      const verify = ['audit', 'verify', out, '--key', key]
      const good = await curfew(dir, verify)
      assert.match(good.output, 'every event is as it was signed, and none is missing')
      assert.is(good.code, 0)
      writeFileSync(out, readFileSync(out, 'utf8').replace('logout', 'LOGOUT'))
      const bad = await curfew(dir, verify)
      assert.match(bad.output, '0: its lines do not lead to the signed root')
      assert.is(bad.code, 1)
    }),

  'a receipt is for its owner alone, and takes the place of no file': () =>
    inTrail(async (dir, { growTo }) => {
      await growTo(10)
      const out = join(dir, 'receipt')
      const id = String(recordAt(3).headers['ce_id'])
      const receipt = ['audit', 'receipt', id, '--out', out]
      assert.is((await curfew(dir, receipt)).code, 0)
      assert.is(statSync(out).mode & 0o777, 0o600)
      const made = readFileSync(out)
      const again = await curfew(dir, receipt)
      assert.is(again.code, 1)
      assert.match(again.output, `${out} is there already`)
      assert.equal(readFileSync(out), made)
    }),

  'whom no event names is refused, and not told as one of whom nothing happened': () =>
    inTrail(async (dir, { growTo, key }) => {
      await growTo(300)
      const exported = async (...args: readonly string[]): Promise<string> => {
        const { output } = await curfew(dir, ['audit', 'export', '--key', key, ...args])
        return output
      }
      for (const [option, code] of [
        ['--user', 'USER_UNKNOWN'],
        ['--actor', 'USER_UNKNOWN'],
        ['--client', 'CLIENT_UNKNOWN'],
      ] as const) {
        const out = join(dir, `of${option}`)
        const told = await exported('--out', out, option, 'alice')
        const text = `${code}: no event of this trail names the ${option.slice(2)} alice`
        assert.match(told, text)
        assert.is(existsSync(out), false)
      }
      assert.match(await exported('--follow', '--user', 'alice'), 'USER_UNKNOWN')
    }),

  'what cannot be is refused in words': () =>
    inTrail(async (dir, { growTo, key }) => {
      await growTo(10)
      const refused = async (...args: readonly string[]): Promise<string> => {
        const { code, output } = await curfew(dir, ['audit', 'export', '--key', key, ...args])
        assert.is(code, 1)
        return output
      }
      assert.match(await refused(), 'give --out FILE, or --follow')
      assert.match(
        await refused('--follow', '--format', 'parquet'),
        'no lines that can be followed',
      )
      assert.match(await refused('--out', 'x', '--since', 'yesterday'), '--since is "yesterday"')
      assert.match(await refused('--follow', '--from', 'here'), 'is no LIFE/PARTITION:INDEX')
      assert.match(await refused('--out', 'x', '--format', 'xml'), 'Allowed choices are')
    }),
})
