import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { es256 } from '../../support/fakes/sample-tokens.ts'
import { assert, claims } from '../../support/suite.ts'
import {
  allSay,
  forwardAuth,
  guardOn,
  inTrust,
  introspect,
  me,
  messageOf,
  saidAtDoors,
  settings,
} from '../../support/worlds/foreign-world.ts'
import { inWorld } from '../../support/worlds/gateway-world.ts'
import {
  firstKid,
  firstSet,
  keyServer,
  otherName,
  otherToken,
} from '../../support/worlds/other-issuer.ts'

type Members = Readonly<Record<string, unknown>>
type Case = readonly [over: Members, header?: Members]

const longest = '~'.repeat(255)
const soon = (): number => Math.floor(clock.now() / 1_000)

/** What a valid token of somebody else may look like. */
const accepted = (): Case[] => [
  [{ iat: soon() - 0.75, exp: soon() + 60.25, nbf: soon() - 1.5, auth_time: soon() - 9.9 }],
  [{ iat: soon() - 0.001, exp: soon() + 599.999 }],
  ...[longest, 'idp|42', 'a"b\\c', '!'].map((sub): Case => [{ sub }]),
  ...['admin', 'two words', 'a,b%', ''].map((roles): Case => [{ roles }]),
  [{ roles: [] }],
  ...['Bearer', 'bearer', 'JWT', 'at+jwt'].map((typ): Case => [{ typ, nonce: 'n-0S6_WzA2Mj' }]),
  ...['x', 'Ada Lovelace', 'Jürgen', 'a, b', 42, 0, -7, 2 ** 53 - 1].map(
    (id): Case => [{ user_id: id }],
  ),
  [{ scope: ['read', 'write'] }],
  ...['jwt', 'at+jwt', 'application/at+jwt', 'application/JWT'].map((typ): Case => [{}, { typ }]),
]

/** Seconds until it is good. The least is more than a busy machine takes to ask at a few doors. */
const ahead = [3, 4, 30, 59, 60, 3_600, 2.999]

const refused = (): Case[] => [
  ...[['admin'], [], {}, { toString: 1 }, true, false, null, 1.5, 2 ** 53, 1e21, '', [['a']]].map(
    (id): Case => [{ user_id: id }],
  ),
  ...['ID', 'Refresh', 'Offline', 'Logout', '', 1, null, ['Bearer'], {}].map(
    (typ): Case => [{ typ }],
  ),
  ...[1, {}, [1], [['a']], true, null].map((roles): Case => [{ roles }]),
  ...[1, {}, [1], [null], true].map((scope): Case => [{ scope }]),
  ...['', 'a b', `${longest}~`, 'Jürgen', 42, ['idp|42'], null].map((sub): Case => [{ sub }]),
  ...['', null, '1', [1], -1, 2 ** 60].flatMap((at): Case[] => [
    [{ iat: at }],
    [{ exp: at }],
    [{ nbf: at === -1 ? 'x' : at }],
  ]),
  ...[{ nonce: 'x' }, { cty: 'JWT' }, { typ: 'id+jwt' }, { typ: 'JOSE' }, { typ: null }].map(
    (header): Case => [{}, header],
  ),
]

claims('tokens of another issuer, by their members', {
  'are good at every door with fractional times, long subjects, roles as one text and more': () =>
    inTrust(async (world, server) => {
      const guard = await guardOn(world, server.url)
      for (const [over, header] of accepted()) {
        const token = otherToken(clock.now(), over, header)
        const said = await saidAtDoors(world, guard, token)
        assert.equal(said, allSay(true), JSON.stringify([over, header]))
      }
      await guard.close()
    }),

  // asvs: 15.3.5
  'are refused at every door, and are nobody’s mistake, where a member is none of these': () =>
    inTrust(async (world, server) => {
      const guard = await guardOn(world, server.url)
      const infinite = otherToken(clock.now()).split('.')[1] ?? ''
      const text = Buffer.from(infinite, 'base64url')
        .toString()
        .replace(/"exp":\d+/, '"exp":1e400')
      type Made = readonly [shown: string, token: () => string]
      const tokens = refused().map((one): Made => {
        return [JSON.stringify(one), () => otherToken(clock.now(), ...one)]
      })
      tokens.push(['exp 1e400', () => es256({ alg: 'ES256', kid: firstKid }, text)])
      // Made when they are asked for: by then a busy machine has taken seconds for those before.
      tokens.push(
        ...ahead.map(
          (by): Made => [`nbf in ${by} s`, () => otherToken(clock.now(), { nbf: soon() + by })],
        ),
      )
      for (const [shown, token] of tokens) {
        assert.equal(await saidAtDoors(world, guard, token()), allSay(false), shown)
        assert.is((await forwardAuth(world, token())).status, 401, shown)
        assert.is((await me(world, token())).status, 401, shown)
      }
      const typed = await me(world, otherToken(clock.now(), { typ: 'ID' }))
      assert.is(messageOf(typed), 'Token has wrong type')
      await guard.close()
    }),

  'are told in Curfew’s words: whole seconds, a list of roles, one text of scopes': () =>
    inTrust(async (world) => {
      const at = soon()
      const times = { iat: at - 0.5, exp: at + 60.5, nbf: at - 1.5, auth_time: at - 9.5 }
      const token = otherToken(clock.now(), { ...times, roles: 'a b', scope: ['read', 'write'] })
      const { iat, exp, nbf, roles, scope } = await introspect(world, token)
      assert.equal([iat, exp, nbf], [at - 1, at + 60, at - 1])
      assert.equal([roles, scope], [['a b'], 'read write'])
      const { headers } = await forwardAuth(world, token)
      assert.equal(
        [headers['curfew-roles'], headers['curfew-expires'], headers['curfew-issuer']],
        ['a%20b', String(at + 60), otherName],
      )
      assert.is(((await me(world, token)).body as Members)['auth_time'], at - 10)
      const number = await forwardAuth(world, otherToken(clock.now(), { user_id: 42 }))
      assert.is(number.headers['curfew-user'], '42')
    }),

  'a user id is looked at under the name that the settings give it': async () => {
    const server = await keyServer(firstSet)
    const env = { ...settings(server.url), CURFEW_USER_ID_CLAIM: 'uid' }
    try {
      await inWorld({ env }, async (world) => {
        const status = async (over: Members): Promise<number> =>
          (await forwardAuth(world, otherToken(clock.now(), over))).status
        assert.is(await status({ uid: ['admin'] }), 401)
        assert.is(await status({ uid: 'admin', user_id: ['admin'] }), 200)
      })
    } finally {
      await server.close()
    }
  },
})
