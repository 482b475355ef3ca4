import { curfew } from '../../support/processes/curfew-command.ts'
import { withFleet } from '../../support/processes/fleet.ts'
import { loggedIn } from '../../support/requests/visitor.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

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
})
