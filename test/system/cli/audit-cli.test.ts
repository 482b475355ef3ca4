import { curfew } from '../../support/processes/curfew-command.ts'
import { type Everything, type Fleet, withFleet } from '../../support/processes/fleet.ts'
import { startProcess } from '../../support/processes/processes.ts'
import { loggedIn } from '../../support/requests/visitor.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

type Row = Readonly<{ id: string; type: string; data: Readonly<Record<string, unknown>> }>

const rowsIn = (output: string): Row[] =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Row)

const query = async (dir: string, ...args: readonly string[]): Promise<Row[]> => {
  const { code, output } = await curfew(dir, ['audit', 'query', '--json', ...args])
  assert.is(code, 0, output)
  return rowsIn(output)
}

/** A session that was opened and ended. */
const endedSession = async (fleet: Fleet, { url }: Everything, name: string): Promise<string> => {
  const visitor = await loggedIn(fleet, url, await fleet.addUser(name))
  const { sid } = visitor.access
  assert.is((await visitor.post(`${url}/logout`)).status, 200)
  return sid
}

claims('curfew audit', {
  'query and show find what happened, and tell of it': () =>
    withFleet(null, async (fleet) => {
      const running = await fleet.everything({})
      const sid = await endedSession(fleet, running, 'anna')
      await endedSession(fleet, running, 'bert')
      await until('three events of the session', async () => {
        return (await query(fleet.dir, '--session', sid)).length === 3
      })
      const ofAnna = await query(fleet.dir, '--user', 'anna', '--kind', 'TokenRevoked')
      assert.equal(
        ofAnna.map(({ id, data }) => [id, data['reason']]),
        [[`s/${sid}:1:0`, 'logout']],
      )
      assert.equal(await query(fleet.dir, '--user', 'anna', '--kind', 'LoginFailed'), [])
      assert.is((await query(fleet.dir, '--kind', 'TokenIssued', '--limit', '3')).length, 3)
      const table = await curfew(fleet.dir, ['audit', 'query', '--session', sid, '--oldest'])
      assert.match(table.output, /TIME\tEVENT\tUSER\tBY\tFROM\tWHAT\tID/)
      assert.match(table.output, /TokenRevoked\tanna \([0-9a-f]{32}\)\tuser:[0-9a-f]{32}/)
      const shown = await curfew(fleet.dir, ['audit', 'show', `s/${sid}:1:0`])
      assert.is((JSON.parse(shown.output) as Row).type, 'TokenRevoked')
      assert.is((await curfew(fleet.dir, ['audit', 'show', `s/${sid}:9:0`])).code, 1)
      await until('the readings are events', async () => {
        const read = await query(fleet.dir, '--kind', 'AuditRead')
        return read.some(({ data }) => data['rows'] === 3)
      })
      const wrong = await curfew(fleet.dir, ['audit', 'query', '--since', 'yesterday'])
      assert.equal([wrong.code, wrong.output.includes('or an instant, such as')], [1, true])
    }),

  'tail shows each event once, over restarts and kills of what it reads from': () =>
    withFleet(null, async (fleet) => {
      let running = await fleet.everything({})
      await endedSession(fleet, running, 'anna')
      await until('the first is indexed', async () => {
        return (await query(fleet.dir, '--kind', 'TokenRevoked')).length === 1
      })
      const tail = startProcess({
        name: 'curfew audit tail',
        args: ['services/cli/curfew.mjs', ...'audit tail --json --kind TokenRevoked'.split(' ')],
        env: { CURFEW_DATA_DIR: fleet.dir },
      })
      const told: string[] = []
      for (const name of ['bert', 'carl', 'dora']) {
        const sid = await endedSession(fleet, running, name)
        // The first comes while it begins: it follows what comes from then on.
        await until(`the end of ${name}`, () => tail.output().includes(sid) || name === 'bert')
        if (name !== 'bert') told.push(`s/${sid}:1:0`)
        await running.kill9()
        running = await fleet.everything({})
      }
      const last = await endedSession(fleet, running, 'emil')
      await until('the last end', () => tail.output().includes(last))
      const ids = rowsIn(tail.output()).map(({ id }) => id)
      assert.is(new Set(ids).size, ids.length)
      for (const id of [...told, `s/${last}:1:0`]) assert.ok(ids.includes(id), id)
      tail.signal('SIGTERM')
      assert.is((await tail.ended).code, 0)
    }),
})
