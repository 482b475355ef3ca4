import { openLmdb } from '../../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { lmdbEventLog } from '../../../shared/adapters/lmdb/log/event-log.ts'
import { encodeDeadLetter } from '../../../shared/events/event-codec.ts'
import { systemClock } from '../../../shared/kernel/clock.ts'
import { silentLogger } from '../../../shared/kernel/logger.ts'
import { curfew } from '../../support/processes/curfew-command.ts'
import { withFleet } from '../../support/processes/fleet.ts'
import { loggedIn } from '../../support/requests/visitor.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

/** A record of this fleet, and one of somebody else, into the folder of one that does not run. */
const park = async (path: string): Promise<void> => {
  const env = await openLmdb({ path, clock: systemClock, logger: silentLogger })
  try {
    const log = await lmdbEventLog(env, { revocationRetentionMs: 86_400_000 })
    const record = await log.recordAt({ topic: 'auth.events' }, 0)
    assert.ok(record)
    const junk = { ...record, offset: 1, value: Buffer.from('junk') }
    await log.publish([record, junk].map((one) => encodeDeadLetter(one, 'bad MAC')))
    await log.close()
  } finally {
    await env.close()
  }
}

claims('commands of whoever runs a fleet', {
  'curfew overview says what GET /overview says, in JSON and in lines': () =>
    withFleet(null, async (fleet) => {
      const { url } = await fleet.everything({})
      await loggedIn(fleet, url, await fleet.addUser('anna'))
      type Body = Readonly<{
        rates: Readonly<{ seconds: readonly Readonly<{ logins: number }>[] }> | null
        guards: readonly object[]
        dead_letters: number
        trail: Readonly<{ state: string }> | null
      }>
      const shown = async (): Promise<Body> => {
        const { code, output } = await curfew(fleet.dir, ['overview', '--json'])
        assert.is(code, 0, output)
        return JSON.parse(output) as Body
      }
      await until('the login and the guard are in it', async () => {
        const { rates, guards, trail } = await shown()
        const logins = rates?.seconds.reduce((sum, second) => sum + second.logins, 0)
        return logins === 1 && guards.length === 1 && trail?.state === 'signed'
      })
      assert.is((await shown()).dead_letters, 0)
      const { code, output } = await curfew(fleet.dir, ['overview'])
      assert.is(code, 0, output)
      assert.match(output, /1 logins \(\d+\.\d\/s\)/)
      assert.match(output, /guards: 1 attached; stale: none/)
      assert.match(output, /behind: auditor \d+ ms, projector \d+ ms/)
      assert.match(output, /trail: \d+ entries signed/)
    }),

  'curfew sessions find says what GET /sessions/search says': () =>
    withFleet(null, async (fleet) => {
      const { url } = await fleet.everything({})
      const { sid, sub } = (await loggedIn(fleet, url, await fleet.addUser('anna'))).access
      type Body = Readonly<{ sessions: readonly Readonly<{ sid: string; user: string }>[] }>
      const shown = async (...args: readonly string[]) => {
        const { code, output } = await curfew(fleet.dir, ['sessions', 'find', '--json', ...args])
        assert.is(code, 0, output)
        return (JSON.parse(output) as Body).sessions.map((one) => [one.sid, one.user])
      }
      await until('the session is there', async () => (await shown()).length === 1)
      assert.equal(await shown('--user', 'anna', '--state', 'alive'), [[sid, sub]])
      assert.equal(await shown('--state', 'ended'), [])
      assert.equal(await shown('--since', '1h', '--agent', 'no such agent'), [])
      const life = await curfew(fleet.dir, ['sessions', 'life', sid, '--json'])
      type Life = Readonly<{ life: Readonly<{ events: readonly Readonly<{ type: string }>[] }> }>
      const { events } = (JSON.parse(life.output) as Life).life
      assert.equal(
        events.map(({ type }) => type),
        ['TokenIssued', 'TokenIssued'],
      )
      const lines = await curfew(fleet.dir, ['sessions', 'life', sid])
      assert.match(lines.output, /TIME\tEVENT\tWHAT\tTOKEN\tFROM\tBY\n\S+\tTokenIssued\trefresh\t/)
      const { code, output } = await curfew(fleet.dir, ['sessions', 'find'])
      assert.is(code, 0, output)
      assert.match(output, new RegExp(`${sid}\\tanna \\(${sub}\\)\\t`))
    }),

  'curfew dead-letters retries what can be used by now, and drops the rest': () =>
    withFleet(null, async (fleet) => {
      const first = await fleet.everything({})
      await loggedIn(fleet, first.url, await fleet.addUser('anna'))
      await first.stop()
      await park(fleet.dir)
      const settled = async (how: string, offset: string): Promise<string> =>
        (await curfew(fleet.dir, ['dead-letters', how, offset])).output
      type Letter = Readonly<{ offset: number; settled: string | null }>
      const listed = async (...options: readonly string[]): Promise<readonly string[]> => {
        const { output } = await curfew(fleet.dir, ['dead-letters', ...options, '--json'])
        const letters = JSON.parse(output) as readonly Letter[]
        return letters.map(({ offset, settled: how }) => `${offset} ${how}`)
      }
      assert.equal(await listed(), ['1 null', '0 null'])
      assert.match(await settled('retry', '1'), /DEAD_LETTER_UNUSABLE/)
      assert.match(await settled('retry', '0'), 'retried 0')
      assert.match(await settled('drop', '1'), 'dropped 1')
      assert.match(await settled('drop', '1'), /DEAD_LETTER_SETTLED/)
      assert.match(await settled('drop', 'x'), /INPUT_INVALID/)
      assert.equal(await listed(), [])
      assert.equal(await listed('--all'), ['1 dropped', '0 retried'])
    }),

  'curfew clients, settings and receivers say what the routes say': () =>
    withFleet(null, async (fleet) => {
      await fleet.everything({})
      const shown = async (...args: readonly string[]) => {
        const { code, output } = await curfew(fleet.dir, [...args, '--json'])
        assert.is(code, 0, output)
        return JSON.parse(output) as readonly Readonly<Record<string, unknown>>[]
      }
      assert.equal(await shown('clients'), [{ id: 'curfew', logins: true, permissions: [] }])
      const settings = await shown('settings')
      const folder = settings.find(({ name }) => name === 'CURFEW_DATA_DIR')
      assert.equal([folder?.['source'], folder?.['value']], ['environment', fleet.dir])
      assert.equal(await shown('receivers'), [])
    }),
})
