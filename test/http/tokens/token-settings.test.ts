import { type Jar, newJar, tokenIn } from '../../support/processes/browser.ts'
import { payloadOf } from '../../support/requests/visitor.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'

type Said = Readonly<Record<string, unknown>>
const said = (jar: Jar, kind: 'access' | 'refresh'): Said =>
  payloadOf(tokenIn(jar, kind) ?? '') as unknown as Said
const opened = async (world: World) => {
  const user = await world.addUser()
  return { user, jar: await world.open(user) }
}
const meWith = (world: World, headers: Readonly<Record<string, string>>) =>
  world.send('/me', newJar(), { method: 'GET', headers })
const isRefusedStart = async (env: Readonly<Record<string, string>>, part: string) => {
  const message = await inWorld({ env }, async () => {}).then(
    () => 'it started',
    (error: Error) => error.message,
  )
  assert.ok(message.includes(part), message)
}

claims('settings of tokens', {
  // asvs: 9.2.3, 9.2.4
  'ISSUER and AUDIENCE are said and demanded; of several audiences all are said': () =>
    inWorld({ env: { CURFEW_ISSUER: 'acme', CURFEW_AUDIENCE: 'shop, stock' } }, async (world) => {
      const { jar } = await opened(world)
      const { iss, aud } = said(jar, 'access')
      assert.equal([iss, aud], ['acme', ['shop', 'stock']])
      assert.is(said(jar, 'refresh')['iss'], 'acme')
      assert.is((await world.me(jar)).status, 200)
      assert.is((await world.refresh(jar)).status, 200)
    }),

  'USER_ID_CLAIM and USER_ID_FIELD name the claim and what it holds, over a refresh too': () =>
    inWorld(
      { env: { CURFEW_USER_ID_CLAIM: 'login', CURFEW_USER_ID_FIELD: 'username' } },
      async (world) => {
        const { user, jar } = await opened(world)
        assert.is(said(jar, 'access')['login'], user.username)
        await world.refresh(jar)
        assert.is(said(jar, 'access')['login'], user.username)
        assert.is(said(jar, 'access')['user_id'], undefined)
        const { body } = await world.me(jar)
        assert.is((body as { user_id: string }).user_id, user.username)
      },
    ),

  'with USER_ID_CLAIM=sub there is no second id': () =>
    inWorld({ env: { CURFEW_USER_ID_CLAIM: 'sub' } }, async (world) => {
      const { user, jar } = await opened(world)
      await world.refresh(jar)
      assert.equal(
        [said(jar, 'access')['sub'], said(jar, 'access')['user_id']],
        [user.sub, undefined],
      )
    }),

  'TOKEN_TYPE_CLAIM and JTI_CLAIM are said beside the claims that Curfew reads': () =>
    inWorld(
      { env: { CURFEW_TOKEN_TYPE_CLAIM: 'kind', CURFEW_JTI_CLAIM: 'token_id' } },
      async (world) => {
        const { jar } = await opened(world)
        await world.refresh(jar)
        for (const kind of ['access', 'refresh'] as const) {
          const claimed = said(jar, kind)
          assert.equal([claimed['kind'], claimed['token_type']], [kind, kind])
          assert.is(claimed['token_id'], claimed['jti'])
        }
      },
    ),

  'AUTH_HEADER_NAME and AUTH_HEADER_TYPES decide what is read; the first type is shown': () =>
    inWorld(
      {
        env: { CURFEW_AUTH_HEADER_NAME: 'X-Access-Token', CURFEW_AUTH_HEADER_TYPES: 'JWT, Bearer' },
      },
      async (world) => {
        const { jar } = await opened(world)
        const token = tokenIn(jar, 'access')
        for (const type of ['JWT', 'Bearer']) {
          const answer = await meWith(world, { 'x-access-token': `${type} ${token}` })
          assert.is(answer.status, 200)
        }
        for (const headers of [
          { authorization: `Bearer ${token}` },
          { 'x-access-token': `jwt ${token}` },
        ]) {
          const answer = await meWith(world, headers)
          assert.is(answer.status, 401)
          assert.is(answer.headers['www-authenticate'], 'JWT realm="api"')
        }
        assert.is((await world.me(jar)).status, 200)
      },
    ),

  'names that have a meaning, or two, are refused at start': async () => {
    await isRefusedStart({ CURFEW_USER_ID_CLAIM: 'sid' }, 'CURFEW_USER_ID_CLAIM=sid')
    await isRefusedStart({ CURFEW_JTI_CLAIM: 'exp' }, 'CURFEW_JTI_CLAIM=exp')
    const same = { CURFEW_TOKEN_TYPE_CLAIM: 'kind', CURFEW_JTI_CLAIM: 'kind' }
    await isRefusedStart(same, 'the name of another claim')
    const sub = { CURFEW_USER_ID_CLAIM: 'sub', CURFEW_USER_ID_FIELD: 'username' }
    await isRefusedStart(sub, 'needs CURFEW_USER_ID_FIELD=id')
    await isRefusedStart({ CURFEW_AUTH_TOKEN_CLASSES: 'refresh' }, 'CURFEW_AUTH_TOKEN_CLASSES')
    await isRefusedStart(
      { CURFEW_SLIDING_TOKEN_LIFETIME: '2d' },
      'CURFEW_SLIDING_TOKEN_REFRESH_LIFETIME is shorter',
    )
  },
})
