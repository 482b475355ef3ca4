import { systemClock } from '../../shared/kernel/clock.ts'
import { namedBlock } from '../support/documents/code-blocks.ts'
import { withFleet } from '../support/processes/fleet.ts'
import { makeClone, type Shell, typedIn } from '../support/requests/page-shell.ts'
import { loggedIn } from '../support/requests/visitor.ts'
import { assert, claims } from '../support/suite.ts'
import { inTempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'

const line = (block: string, nth: number): string => block.split('\n')[nth] ?? ''

const printed = async (shell: Shell, command: string): Promise<string> => {
  const { code, stdout, stderr } = await typedIn(shell, command)
  assert.is(code, 0, `${command}\n${stdout}\n${stderr}`)
  assert.match(stderr + stdout, /complete/)
  return stdout
}

claims('the six questions, as docs/audit.md prints them', {
  'they find who was signed in, each token, who ended what, and that nothing was misused': () =>
    inTempFolder('page', (dir) =>
      withFleet(null, async (fleet) => {
        makeClone(dir)
        const running = await fleet.everything({})
        const alice = await loggedIn(fleet, running.url, await fleet.addUser('alice'))
        const bert = await loggedIn(fleet, running.url, await fleet.addUser('bert'))
        const { sid, jti } = alice.access
        const first = alice.refreshId
        assert.is((await alice.post(`${running.url}/refresh`)).status, 200)
        const INSTANT = new Date(systemClock.now()).toISOString()
        const disabling = fleet.command(['users', 'disable', 'alice'])
        assert.is((await disabling.ended).code, 0)
        const env = { CURFEW_DATA_DIR: fleet.dir, SESSION: sid, INSTANT, ADMINISTRATOR: '' }
        const shell = { dir, env }
        await until('the cutoff is indexed', async () => {
          const told = await typedIn(shell, 'npx curfew audit query --json --kind UserDisabled')
          const [by = ''] = /cli:[^"]+/.exec(told.stdout) ?? []
          shell.env.ADMINISTRATOR = by
          return by !== ''
        })
        const block = namedBlock('docs/audit.md', 'questions')
        const held = await printed(shell, line(block, 0))
        assert.ok(held.includes(sid) && held.includes(bert.access.sid), held)
        const ofAlice = await printed(shell, line(block, 1))
        assert.ok(ofAlice.includes(alice.refreshId) && ofAlice.includes(jti), ofAlice)
        assert.not.ok(ofAlice.includes(first) || ofAlice.includes(bert.access.sid), ofAlice)
        const tokens = (await printed(shell, line(block, 2))).split('\n')
        assert.is(tokens.filter((row) => /user_disabled|rotated/.test(row)).length, 4)
        assert.match(await printed(shell, line(block, 3)), /UserDisabled\talice \(/)
        assert.match(await printed(shell, line(block, 4)), /user_disabled/)
        assert.not.match(await printed(shell, line(block, 5)), /TokenIssued/)
        const { rows } = JSON.parse(await printed(shell, line(block, 6))) as { rows: object[] }
        assert.is(rows.length, 2)
        const cut = await typedIn(shell, 'npx curfew audit ask new-addresses --limit 1 --json')
        const { rows: one, more } = JSON.parse(cut.stdout) as { rows: object[]; more: boolean }
        assert.equal([one.length, more], [1, true])
        const now = await printed(shell, 'npx curfew audit ask held')
        assert.ok(now.includes(bert.access.sid), now)
        // Whose login and cutoff are within two seconds may have lived, and is said to be so.
        const left = now.split('\n').filter((row) => row.includes(sid))
        assert.ok(
          left.every((row) => row.endsWith('\tfalse')),
          now,
        )
      }),
    ),
})
