import { attachGuard } from '../../../shared/guard/attach.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../support/suite.ts'
import {
  attach,
  gateway,
  network,
  type State,
  tokenOf,
  within,
} from '../../support/worlds/attached-network.ts'

const troubles: Readonly<Record<string, [Partial<State>, RegExp]>> = {
  'a mistyped feed': [
    { statuses: { '/feed': 404 } },
    /feed_trouble: .*\/feed answered 404.*`feed`/,
  ],
  'a gateway that is down': [{ isUp: false }, /keys_failed: .*localhost:3000.*ECONNREFUSED/],
  'no gateway at that address': [
    { statuses: { '/.well-known/oauth-authorization-server': 404 } },
    /keys_failed: gateway http:\/\/localhost:3000: .*`gateway`/,
  ],
  'a client without the permission to introspect': [
    { statuses: { '/introspect': 403 } },
    /introspection_failed: .*orders.*permission introspect in CURFEW_SERVICE_CLIENTS/,
  ],
  'a secret that the gateway does not know': [
    { statuses: { '/introspect': 401 } },
    /introspection_failed: .*clientId and secret/,
  ],
}

claims('what an attached guard cannot do', {
  'is said at once, again each minute while it lasts, and no more when it is over': async () => {
    for (const [what, [state, expected]] of Object.entries(troubles)) {
      await within(attach({}, state), async ({ lines, clock, state: now, guard }) => {
        const said = (): number => lines.filter((line) => expected.test(line)).length
        assert.is(said(), 1, `${what}: ${lines.join('\n')}`)
        for (let token = 0; token < 20; token += 1) await guard.check(tokenOf())
        await clock.advance(59_000)
        assert.is(said(), 1, `${what} within the minute`)
        // Steps, since a feed that is tried again waits a little longer each time.
        for (let minute = 0; minute < 3; minute += 1) await clock.advance(62_000)
        assert.ok(said() >= 3 && said() <= 5, `${what}: said ${said()} times in 4 minutes`)
        Object.assign(now, { statuses: {}, isUp: true })
        await clock.advance(10_000)
        const before = lines.length
        await clock.advance(50_000)
        assert.is(lines.length, before, `${what} is over: ${lines.slice(before).join('\n')}`)
      })
    }
  },

  'is said on standard error where no logger was given': async () => {
    const lines: string[] = []
    const { write } = process.stderr
    process.stderr.write = ((text: string) => lines.push(text) > 0) as typeof write
    try {
      const clock = fakeClock()
      const { fetch } = network(clock, { statuses: { '/feed': 404, '/introspect': 403 } })
      const asked = { gateway, clientId: 'orders', secret: 'a secret' }
      await (await attachGuard({ ...asked, clock, fetch })).close()
    } finally {
      process.stderr.write = write
    }
    const said = lines.filter((line) => line.startsWith('curfew guard: '))
    assert.is(said.length, 2, lines.join(''))
    assert.ok(said.every((line) => line.indexOf('\n') === line.length - 1))
  },

  'of the introspection matters only to who would ask it': () =>
    within(attach({ onStale: 'deny' }, { statuses: { '/introspect': 403 } }), async (attached) => {
      await attached.clock.advance(120_000)
      assert.equal(
        attached.lines.filter((line) => line.includes('introspection')),
        [],
      )
    }),
})
