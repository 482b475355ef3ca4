import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { newJar, tokenIn } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import {
  bearer,
  forwardAuth,
  guardOn,
  inTrust,
  introspect,
  issuer,
  me,
  messageOf,
  revoke,
  settings,
  verify,
} from '../../support/worlds/foreign-world.ts'
import { inWorld } from '../../support/worlds/gateway-world.ts'
import { verdictOf } from '../../support/worlds/guarded.ts'
import { firstSet, keyServer, otherName, otherToken } from '../../support/worlds/other-issuer.ts'

claims('tokens of another issuer', {
  'are good at /me, verify, introspection and a guard, and the key set is fetched once': () =>
    inTrust(async (world, server) => {
      const now = clock.now()
      const token = otherToken(now)
      const who = { user_id: 'idp|42', username: null, roles: [], sid: null }
      const { status, body } = await me(world, token)
      assert.equal([status, body], [200, { ...who, auth_time: Math.floor(now / 1000) }])
      assert.equal((await verify(world, token)).body, {})
      const { active, sub, iss, client_id, sid } = await introspect(world, token)
      assert.equal(
        [active, sub, iss, client_id, sid],
        [true, 'idp|42', otherName, 'app', undefined],
      )
      const proxied = await forwardAuth(world, token)
      assert.is(proxied.status, 200)
      const told = ['issuer', 'user', 'subject', 'client', 'session', 'auth-time', 'expires']
      assert.equal(
        told.map((name) => proxied.headers[`curfew-${name}`]),
        [otherName, 'idp|42', 'idp|42', 'app', '', '', String(Math.floor(now / 1000) + 600)],
      )
      assert.is(server.fetched(), 1)
      const guard = await guardOn(world, server.url)
      assert.is(await verdictOf(guard, token), 'accepted')
      await guard.close()
    }),

  // asvs: 6.8.2, 9.2.3
  'are refused when they are for others, too old, too long-lived, of another kind or forged': () =>
    inTrust(async (world) => {
      const now = clock.now()
      const seconds = Math.floor(now / 1000)
      const cases: [string, string][] = [
        [otherToken(now, { aud: 'bank' }), 'Token is invalid'],
        [otherToken(now, { iss: 'https://idp.example' }), 'Token is invalid'],
        [otherToken(now, { iat: undefined }), 'Token is invalid'],
        [otherToken(now, { sub: undefined }), 'Token is invalid'],
        [otherToken(now, { iat: seconds + 120, exp: seconds + 180 }), 'Token is invalid'],
        [otherToken(now, { exp: seconds + 3_601 }), 'Token is invalid'],
        [otherToken(now - 700_000), 'Token is expired'],
        [otherToken(now, { token_type: 'refresh' }), 'Token has wrong type'],
        [otherToken(now, {}, { kid: 'nobody' }), 'Token is invalid'],
        [otherToken(now, {}, { typ: 'logout+jwt' }), 'Token is invalid'],
        [otherToken(now, {}, { crit: ['exp'] }), 'Token is invalid'],
        [otherToken(now, {}, { alg: 'HS256' }), 'Token is invalid'],
        [otherToken(now, { iss: issuer }), 'Token is invalid'],
      ]
      for (const [token, message] of cases) {
        const answer = await me(world, token)
        assert.equal([answer.status, messageOf(answer)], [401, message])
        assert.equal(await introspect(world, token), { active: false })
        const proxied = await forwardAuth(world, token)
        assert.equal([proxied.status, messageOf(proxied)], [401, message])
        assert.equal([proxied.headers['curfew-user'], proxied.headers['curfew-issuer']], ['', ''])
      }
    }),

  // asvs: 6.8.1, 10.3.3
  'are nobody at doors that change something, and their `sub` is no user of ours': () =>
    inTrust(async (world) => {
      const user = await world.addUser()
      const token = otherToken(clock.now(), { sub: user.sub })
      assert.is(((await me(world, token)).body as { username: unknown }).username, null)
      const logout = await world.send('/logout', newJar(), { headers: bearer(token) })
      assert.is(logout.status, 401)
      for (const path of ['refresh', 'blacklist']) {
        const json = { refresh: token }
        const answer = await world.send(`/api/token/${path}/`, newJar(), { json })
        assert.is(answer.status, 401)
      }
    }),

  'are not ended by what ends sessions of a subject or of everyone': () =>
    inTrust(async (world, server) => {
      const token = otherToken(clock.now())
      const own = tokenIn(await world.open(await world.addUser()), 'access') ?? ''
      const guard = await guardOn(world, server.url)
      await revoke(world, { scope: 'subject', id: 'idp|42' })
      await revoke(world, { scope: 'all' })
      await until('the guard knows of it', async () => {
        return (await verdictOf(guard, own)) === 'refused: revoked'
      })
      assert.is(await verdictOf(guard, token), 'accepted')
      assert.is((await me(world, token)).status, 200)
      await guard.close()
    }),
})

claims('a key server that does not answer', {
  'makes its tokens 401, is told at /readyz, and keeps nobody else out': async () => {
    const server = await keyServer(firstSet)
    await server.close()
    await inWorld({ env: settings(server.url) }, async (world) => {
      const answer = await me(world, otherToken(clock.now()))
      assert.equal([answer.status, messageOf(answer)], [401, 'Token is invalid'])
      const jar = await world.open(await world.addUser())
      assert.is((await me(world, tokenIn(jar, 'access') ?? '')).status, 200)
      await until('the relay has run', async () => {
        return (await fetch(`${world.url}/readyz`)).status === 200
      })
      const ready = await fetch(`${world.url}/readyz`).then((one) => one.text())
      assert.match(ready, 'not fetched: tokens of CURFEW_JWK_ISSUER are refused')
    })
  },
})

claims('settings of another issuer', {
  // asvs: 2.2.3
  'go together, and name somebody else': async () => {
    const refused = async (env: Readonly<Record<string, string>>): Promise<string> =>
      inWorld({ env }, async () => {}).then(
        () => 'it started',
        (error: Error) => error.message,
      )
    const url = { CURFEW_JWK_URL: 'http://127.0.0.1:1/jwks' }
    assert.match(await refused(url), 'CURFEW_JWK_ISSUER, CURFEW_JWK_AUDIENCE, CURFEW_JWK_TOKEN')
    const same = { ...settings('http://127.0.0.1:1/jwks'), CURFEW_JWK_ISSUER: issuer }
    assert.match(await refused(same), 'is the issuer of Curfew’s own tokens')
  },
})
