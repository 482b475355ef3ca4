import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copyOf, type Jar, tokenIn } from '../../support/processes/browser.ts'
import { curfew } from '../../support/processes/curfew-command.ts'
import { payloadOf } from '../../support/requests/visitor.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { lmdbBackingIn } from '../../support/worlds/world-backing.ts'

type Told = Readonly<{ scope: string; id: string | null; status: string; position: string }>

const revoked = async (dir: string, args: readonly string[], input = ''): Promise<Told> => {
  const { code, output } = await curfew(dir, ['revoke', ...args, '--json'], input)
  assert.is(code, 0, output)
  return JSON.parse(output) as Told
}
const access = (jar: Jar): string => tokenIn(jar, 'access') ?? ''
const lives = async (world: World, jar: Jar): Promise<boolean> =>
  (await world.me(copyOf(jar))).status === 200

/** A gateway in this process, and a folder that commands share with it. */
const besideGateway = async (
  prove: (world: World, dir: string) => Promise<void>,
): Promise<void> => {
  const dir = await mkdtemp(join(tmpdir(), 'curfew-revoke-'))
  await inWorld({ backing: lmdbBackingIn(dir) }, (world) => prove(world, dir))
}

claims('curfew revoke, beside a running gateway', {
  'ends one token and one session, and the log has it': () =>
    besideGateway(async (world, dir) => {
      const user = await world.addUser()
      const jars = [await world.open(user), await world.open(user), await world.open(user)] as const
      const [byId, whole, session] = jars
      const byRefresh = await world.open(user)
      const { jti } = payloadOf(access(byId))
      const { sid } = payloadOf(access(session))
      const told = await Promise.all([
        revoked(dir, ['token', jti]),
        revoked(dir, ['token', '--token-stdin'], `${tokenIn(whole, 'refresh')}\n`),
        revoked(dir, ['session', sid]),
        revoked(dir, ['token', payloadOf(tokenIn(byRefresh, 'refresh') ?? '').jti]),
      ])
      assert.equal(
        told.map(({ scope, status }) => `${scope} ${status}`),
        ['token', 'session', 'session', 'token'].map((scope) => `${scope} acknowledged`),
      )
      assert.equal([told[0]?.id, told[2]?.id], [jti, sid])
      for (const { position } of told) assert.match(position, /^[0-9a-f]{32}:\d+$/)
      assert.equal(await Promise.all(jars.map((jar) => lives(world, jar))), [false, false, false])
      assert.is((await world.refresh(byId)).status, 200, 'only that access token ended')
      assert.is((await world.refresh(whole)).status, 401)
      assert.is((await world.refresh(byRefresh)).status, 401)
    }),

  'ends a user by name or id, a client, everyone': () =>
    besideGateway(async (world, dir) => {
      const user = await world.addUser()
      for (const args of [
        ['user', user.username],
        ['user', '--sub', user.sub],
        ['user', user.sub],
        ['client', 'curfew', '--yes'],
        ['everyone', '--yes'],
        ['all', '--yes'],
      ]) {
        const jar = await world.open(user)
        assert.is((await revoked(dir, args)).status, 'acknowledged')
        assert.is(await lives(world, jar), false, args.join(' '))
      }
    }),

  'says how many sessions of how many users would end, and goes on when that number is typed': () =>
    besideGateway(async (world, dir) => {
      const [alice, bob] = [await world.addUser(), await world.addUser()]
      const jars = [await world.open(alice), await world.open(alice), await world.open(bob)]
      const preview = async (...args: readonly string[]) => {
        const { output } = await curfew(dir, ['revoke', ...args, '--preview', '--json'])
        const { sessions, users } = JSON.parse(output) as { sessions: number; users: number }
        return [sessions, users]
      }
      const [client, everyone, user] = await Promise.all([
        preview('client', 'curfew'),
        preview('everyone'),
        preview('user', alice.username),
      ])
      assert.equal(
        [client, everyone, user],
        [
          [3, 2],
          [3, 2],
          [2, 1],
        ],
      )
      const wrong = await curfew(dir, ['revoke', 'client', 'curfew'], '2\n')
      assert.is(wrong.code, 1)
      assert.match(wrong.output, 'This ends 3 sessions of 2 users')
      assert.equal(await Promise.all(jars.map((jar) => lives(world, jar))), [true, true, true])
      assert.is((await curfew(dir, ['revoke', 'client', 'curfew'], '3\n')).code, 0)
      assert.equal(await Promise.all(jars.map((jar) => lives(world, jar))), [false, false, false])
    }),

  'refuses with status 1 what is not there or not meant': () =>
    besideGateway(async (world, dir) => {
      const jar = await world.open(await world.addUser())
      const wrong: [string[], string][] = [
        [['everyone'], '--yes'],
        [['client', 'curfew'], '--yes'],
        [['client', 'curfew', '--wat'], 'unknown option'],
        [['client', 'nobody', '--yes'], 'CLIENT_UNKNOWN'],
        [['client', 'nobody', '--preview'], 'CLIENT_UNKNOWN'],
        [['user', '--sub', 'f'.repeat(32)], 'USER_UNKNOWN'],
        [['session', 'f'.repeat(32)], 'NOT_FOUND'],
        [['session', 'x'], 'INPUT_INVALID'],
        [['token', 'x'], 'INPUT_INVALID'],
        [['token', 'f'.repeat(32)], 'TOKEN_UNKNOWN'],
        [['token', 'f'.repeat(32), '--preview'], 'TOKEN_UNKNOWN'],
        [['user', 'nobody'], 'USER_UNKNOWN'],
      ]
      const ran = await Promise.all(wrong.map(([args]) => curfew(dir, ['revoke', ...args])))
      for (const [index, { code, output }] of ran.entries()) {
        assert.is(code, 1, wrong[index]?.[0].join(' '))
        assert.match(output, wrong[index]?.[1] ?? '')
      }
      assert.is(await lives(world, jar), true)
    }),
})
