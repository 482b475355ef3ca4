import type { AttachOptions } from '../../../../shared/guard/attach.ts'
import { requestJudge } from '../../../../shared/guard/middleware/request-judge.ts'
import { assert, claims } from '../../../support/suite.ts'
import {
  attach,
  gateway,
  metadata,
  outcomeOf,
  type State,
  tokenOf,
  within,
} from '../../../support/worlds/attached-network.ts'
import { verdictOf } from '../../../support/worlds/guarded.ts'

claims('what an attached guard learns of its gateway', {
  'issuer, audience, cookie and header are as the gateway says, whatever its address is': () =>
    within(attach(), async (attached) => {
      const token = tokenOf()
      for (const headers of [
        { cookie: `access=${token}` },
        { 'x-token': `JWT ${token}` },
        { 'x-token': `Bearer ${token}` },
      ] as Record<string, string>[]) {
        assert.is(await outcomeOf(attached, headers), 200, JSON.stringify(headers))
      }
      const { judge, vary } = requestJudge(attached.guard)
      assert.is(vary, 'X-Token, Cookie')
      const nobody = await judge(() => undefined)
      assert.is(nobody.headers['WWW-Authenticate'], 'JWT realm="api"')
      for (const wrong of [tokenOf({ iss: gateway }), tokenOf({ aud: gateway })]) {
        assert.is(await verdictOf(attached.guard, wrong), 'refused: invalid')
      }
      assert.is(await verdictOf(attached.guard, tokenOf({ aud: 'desk' })), 'accepted')
      assert.equal([attached.lines, attached.alarms], [[], []])
    }),

  'what a service was told counts instead, and what differs is said with the option': () =>
    within(attach({ audience: ['books'], accept: ['sliding'] }), async (attached) => {
      const headers = { cookie: `__Host-access=${tokenOf({ aud: 'books' })}` }
      const places = { cookieName: '__Host-access', headerTypes: ['Key'] }
      assert.is(await outcomeOf(attached, headers, places), 401)
      const said = attached.lines.join('\n')
      for (const option of ['audience', 'accept', 'cookieName', 'headerTypes']) {
        assert.match(said, `${option} is "`)
      }
      assert.is(attached.lines.length, 4)
      await attached.clock.advance(60_000)
      assert.is(attached.lines.length, 8, 'again each minute')
    }),

  'what its gateway says otherwise later is said within a minute and each minute, with the remedy':
    async () => {
      const changes = {
        issuer: ['issuer', 'another issuer'],
        audience: ['curfew_audience', ['shop']],
        accept: ['curfew_token_classes', ['sliding']],
        cookieName: ['curfew_cookie_name', '__Host-access'],
        headerName: ['curfew_header_name', 'Authorization'],
        headerTypes: ['curfew_header_types', ['JWT', 'Key']],
      } as const
      for (const [option, [member, value]] of Object.entries(changes)) {
        await within(attach(), async ({ state, clock, lines, alarms }) => {
          const said = (): number =>
            lines.filter((line) => /settings_differ: .*restart this service/.test(line)).length
          await clock.advance(60_000)
          assert.equal([said(), alarms.length], [0, 0])
          state.metadata = { ...metadata, [member]: value }
          await clock.advance(60_000)
          assert.is(said(), 1, option)
          assert.match(lines.join('\n'), new RegExp(`settings_differ: ${option} was ".*" when`))
          assert.ok(alarms.every(({ kind }) => kind === 'settings_differ'))
          await clock.advance(60_000)
          assert.is(said(), 2, 'again each minute')
          state.metadata = metadata
          await clock.advance(60_000)
          assert.is(said(), 2, 'and no more when it is over')
        })
      }
    },

  'lists in another order, members that are gone and what it was told are no difference': () =>
    within(attach({ audience: ['desk'] }), async ({ state, clock, lines }) => {
      const { curfew_cookie_name: _cookie, ...older } = metadata
      for (const said of [
        { ...metadata, curfew_header_types: ['Bearer', 'JWT'] },
        { ...metadata, curfew_audience: ['desk', 'books'] },
        older,
      ]) {
        state.metadata = said
        await clock.advance(60_000)
      }
      state.statuses = { '/.well-known/oauth-authorization-server': 503 }
      await clock.advance(60_000)
      assert.equal(lines, [])
    }),

  'a gateway that says less is taken at its address': () =>
    within(
      attach(
        {},
        {
          metadata: {
            issuer: gateway,
            jwks_uri: metadata.jwks_uri,
            introspection_endpoint: metadata.introspection_endpoint,
          },
        },
      ),
      async (attached) => {
        const token = tokenOf({ iss: gateway, aud: gateway })
        // The name by the issuer's scheme and no other: behind https any subdomain sets `access`.
        assert.is(await outcomeOf(attached, { cookie: `access=${token}` }), 200)
        assert.is(await outcomeOf(attached, { cookie: `__Host-access=${token}` }), 401)
        assert.equal(attached.lines, [])
      },
    ),

  'until the gateway was found a cookie of either name is a 503, and no credentials a 401': () =>
    within(attach({}, { isUp: false }), async (attached) => {
      const { judge } = requestJudge(attached.guard)
      const asked = async (cookie?: string): Promise<unknown> => {
        const judged = await judge((name) => (name === 'Cookie' ? cookie : undefined))
        return judged.outcome === 'passed' ? 200 : judged.answer.status
      }
      for (const name of ['access', '__Host-access']) {
        assert.is(await asked(`${name}=${tokenOf()}`), 503, name)
      }
      assert.is(await asked(), 401)
      attached.state.isUp = true
      await attached.clock.advance(3_000)
      assert.is(await asked(`access=${tokenOf()}`), 200)
      assert.is(await asked(`__Host-access=${tokenOf()}`), 401)
    }),

  'tokens that nobody here could verify end the start, with the setting': async () => {
    const hs = { ...metadata, curfew_token_signing_alg_values_supported: ['HS256'] }
    const cases: [Partial<AttachOptions>, Partial<State>, RegExp][] = [
      [{}, { metadata: hs }, /CURFEW_ALGORITHM/],
      [{ algorithms: ['RS256'] }, {}, /algorithms is "RS256" here and "ES256" at/],
      [{ issuer: 'other' }, {}, /issuer is "other" here and "curfew of the tests" at/],
      [{ name: 'a b' }, {}, /name must be/],
      [{}, { statuses: { '/feed': 401 } }, /clientId and secret .* CURFEW_SERVICE_CLIENTS/],
      [{}, { statuses: { '/feed': 403 } }, /permission feed in CURFEW_SERVICE_CLIENTS/],
    ]
    for (const [options, state, expected] of cases) {
      const error = await attach(options, state).then(
        async ({ guard }) => {
          await guard.close()
          return new Error('attached')
        },
        (thrown: Error & { code?: string }) => thrown,
      )
      assert.match(error.message, expected)
    }
  },

  'only keys of the algorithms that it was told count': () =>
    within(attach({ algorithms: ['ES256', 'ES384'] }), async ({ guard }) => {
      assert.is(await verdictOf(guard, tokenOf()), 'accepted')
    }),
})

claims('an attached guard', {
  'tells the gateway that it is there, by the name of its client or its own': async () => {
    for (const [options, name] of [
      [{}, 'orders'],
      [{ name: 'shop-1' }, 'shop-1'],
    ] as const) {
      await within(attach(options), async ({ asked, clock }) => {
        await clock.advance(10_000)
        const reports = asked.filter(({ path }) => path.startsWith('/guards/'))
        assert.ok(reports.length >= 2 && reports.length <= 3, `${reports.length} in 10 s`)
        assert.is(new Set(reports.map(({ path }) => path)).size, 1)
        const body = JSON.parse(reports[0]?.body ?? '{}') as Record<string, unknown>
        assert.equal([body['name'], body['feed']], [name, 'sse'])
      })
    }
  },

  'that began before its gateway reports once it was found, and not when it is closed':
    async () => {
      const attached = await attach({}, { isUp: false })
      const reports = (): number =>
        attached.asked.filter(({ path }) => path.startsWith('/guards/')).length
      await attached.clock.advance(3_000)
      attached.state.isUp = true
      await attached.clock.advance(3_000)
      const seen = reports()
      assert.ok(seen >= 1)
      await attached.guard.close()
      await attached.clock.advance(20_000)
      assert.is(reports(), seen)
    },
})
