import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createUser } from '../../services/gateway/accounts.ts'
import type { Env } from '../../shared/kernel/config.ts'
import { sessionId, sessionStream } from '../../shared/kernel/ids.ts'
import { copyOf, type Jar, newJar, tokenIn } from '../support/browser.ts'
import { inWorld, openWorld, type World, type WorldOptions } from '../support/gateway-world.ts'
import type { Answer } from '../support/http-send.ts'
import { assert, claims } from '../support/suite.ts'
import { inTempFolder } from '../support/temp-folder.ts'
import { race } from '../support/until.ts'
import { payloadOf } from '../support/visitor.ts'
import type { StatePorts } from '../support/world-backing.ts'

const password = 'correct horse'
const said = (token: string | null): Record<string, unknown> => ({ ...payloadOf(token ?? '') })
const inJar = (jar: Jar) => ({
  access: said(tokenIn(jar, 'access')),
  refresh: said(tokenIn(jar, 'refresh')),
})

/** A hook of this source on the disk, and what a gateway needs to find it. */
const withHook = (source: string, prove: (env: Env) => Promise<void>): Promise<void> =>
  inTempFolder('hook', async (dir) => {
    const path = join(dir, 'claims.mjs')
    await writeFile(path, source)
    await prove({ CURFEW_CLAIMS_HOOK: path, CURFEW_CLAIMS_TIMEOUT: '200ms' })
  })

const inHooked = (
  source: string,
  prove: (world: World) => Promise<void>,
  options: Omit<WorldOptions, 'backing'> = {},
): Promise<void> =>
  withHook(source, (env) =>
    inWorld({ ...options, env: { ...env, ...options.env } }, async (world) => {
      await createUser(world.parts, { username: 'alice', password, roles: ['admin'] })
      await prove(world)
    }),
  )

const loggedIn = async (world: World): Promise<Jar> => {
  const jar = newJar()
  assert.is((await world.login(jar, 'alice', password)).status, 200)
  return jar
}
const isUnavailable = ({ status, body, headers, setCookie }: Answer): void => {
  assert.is(status, 503)
  assert.is((body as { code: string }).code, 'claims_unavailable')
  assert.equal([headers['retry-after'], setCookie], ['1', []])
}

const telling = `export const claims = (request) => ({ tenant: 'acme', told: request })`
/** Another answer at each call, so that two calls can never pass for one. */
const counting = `
  let calls = 0
  export const onRefresh = true
  export const claims = async ({ on, previous }) => ({ n: ++calls, on, before: previous?.n ?? 0 })`

claims('the claims hook', {
  'its claims are in both tokens of a login; it is told who logs in, where and to what': () =>
    inHooked(telling, async (world) => {
      const { access, refresh } = inJar(await loggedIn(world))
      const user = { sub: access['sub'], id: access['sub'], username: 'alice', roles: ['admin'] }
      const told = { user, client: 'curfew', on: 'login', kind: 'pair', previous: null }
      for (const one of [access, refresh])
        assert.equal([one['tenant'], one['told']], ['acme', told])
    }),

  'a refresh copies what the login was told, unless the hook asks for more': () =>
    inHooked(telling, async (world) => {
      const jar = await loggedIn(world)
      for (let turn = 0; turn < 2; turn += 1) {
        assert.is((await world.refresh(jar)).status, 200)
        const { access, refresh } = inJar(jar)
        for (const one of [access, refresh]) assert.is((one['told'] as { on: string }).on, 'login')
      }
    }),

  'asked at a refresh, its answer takes the place of what was told before': () =>
    inHooked(counting, async (world) => {
      const jar = await loggedIn(world)
      for (let turn = 2; turn < 5; turn += 1) {
        assert.is((await world.refresh(jar)).status, 200)
        const { access, refresh } = inJar(jar)
        for (const { n, on, before } of [access, refresh]) {
          assert.equal([n, on, before], [turn, 'refresh', turn - 1])
        }
      }
    }),

  'with rotation off the refresh token stays, and access tokens are told anew': () =>
    inHooked(
      counting,
      async (world) => {
        const jar = await loggedIn(world)
        const kept = tokenIn(jar, 'refresh')
        for (let turn = 2; turn < 4; turn += 1) {
          assert.is((await world.refresh(jar)).status, 200)
          assert.equal([tokenIn(jar, 'refresh'), inJar(jar).access['n']], [kept, turn])
        }
      },
      { env: { CURFEW_ROTATE_REFRESH_TOKENS: 'false' } },
    ),

  'sliding tokens carry them, from each renewal anew where the hook asks': () =>
    inHooked(counting, async (world) => {
      const opened = await world.send('/api/token/sliding/', newJar(), {
        json: { username: 'alice', password },
      })
      const { token } = opened.body as { token: string }
      assert.equal([said(token)['n'], said(token)['on']], [1, 'login'])
      const renewed = await world.send('/api/token/sliding/refresh/', newJar(), { json: { token } })
      const after = said((renewed.body as { token: string }).token)
      assert.equal([after['n'], after['on'], after['before']], [2, 'refresh', 1])
    }),
})

claims('claims of a refresh, and who else presents the token', {
  '32 at once through two gateways get one successor, its claims included': () =>
    inHooked(
      counting,
      async (world) => {
        const jar = await loggedIn(world)
        const jars = await race(32, async (index) => {
          const own = copyOf(jar)
          assert.is((await world.gateways[index % 2]?.refresh(own))?.status, 200)
          return own
        })
        // HMAC signs one text one way: equal refresh tokens are equal byte by byte.
        assert.is(new Set(jars.map((one) => tokenIn(one, 'refresh'))).size, 1)
        assert.is(new Set(jars.map((one) => JSON.stringify(inJar(one).access))).size, 1)
        assert.is(inJar(jars[0] ?? newJar()).access['on'], 'refresh')
      },
      { gateways: 2 },
    ),

  'a replay gets the claims of the first answer, and asks no hook': () =>
    inHooked(counting, async (world) => {
      const jar = await loggedIn(world)
      const [lost, again] = [copyOf(jar), copyOf(jar)]
      assert.is((await world.refresh(lost)).status, 200)
      assert.is((await world.refresh(again)).status, 200)
      assert.equal(inJar(again), inJar(lost))
      assert.is((await world.refresh(again)).status, 200)
      assert.is(inJar(again).access['n'], 3)
    }),

  'the store holds neither the claims nor what opens them': () =>
    inHooked(
      `export const onRefresh = true
      export const claims = ({ on }) => ({ secret: 'told-at-' + on })`,
      async (world) => {
        const jar = await loggedIn(world)
        assert.is((await world.refresh(jar)).status, 200)
        assert.is(inJar(jar).refresh['secret'], 'told-at-refresh')
        const sid = sessionId(String(inJar(jar).access['sid']))
        const held = JSON.stringify(await world.state.store.read(sessionStream(sid), 0, 10))
        assert.ok(held.includes('"sealed"'))
        for (const text of [
          'secret',
          'told-at',
          Buffer.from('told-at-refresh').toString('base64url'),
        ])
          assert.not.ok(held.includes(text), text)
      },
    ),
})

const failing: Readonly<Record<string, string>> = {
  throws: `throw new Error('no database')`,
  'is late': `return new Promise(() => {})`,
  'answers no object': `return ['a']`,
  'answers a name that Curfew sets': `return { sub: 'somebody else' }`,
  'answers the user-id claim': `return { user_id: 1 }`,
  'answers more than fits': `return { much: 'x'.repeat(1_100) }`,
  'answers what is no JSON': `return { big: 1n }`,
  'answers what nests too deep': `return { a: ${'['.repeat(9)}${']'.repeat(9)} }`,
  'answers a name of the prototype': `return JSON.parse('{"__proto__": {}}')`,
}

claims('a claims hook that fails', {
  'a login is a 503 with a stable code, opens nothing, and costs the user no attempt': async () => {
    const opened: string[] = []
    const wrap = (ports: StatePorts): StatePorts => ({
      ...ports,
      store: {
        ...ports.store,
        append: (commit) => {
          if (commit.id.s.startsWith('s/')) opened.push(commit.id.s)
          return ports.store.append(commit)
        },
      },
    })
    for (const [how, body] of Object.entries(failing)) {
      await inHooked(
        `export const claims = () => { ${body} }`,
        async (world) => {
          for (const path of ['/login', '/api/token/', '/sliding/login', '/api/token/sliding/']) {
            const answer = await world.send(path, newJar(), {
              json: { username: 'alice', password },
            })
            assert.is(answer.status, 503, `${how}: ${JSON.stringify(answer.body)}`)
            isUnavailable(answer)
          }
          assert.equal(opened, [], how)
        },
        { wrap },
      )
    }
  },

  'a refresh is a 503 that consumes nothing: the same token refreshes later': () =>
    inHooked(
      `let calls = 0
       export const onRefresh = true
       export const claims = ({ on }) => {
         if (on === 'refresh' && ++calls < 3) throw new Error('not now')
         return { calls }
       }`,
      async (world) => {
        const jar = await loggedIn(world)
        for (let turn = 0; turn < 2; turn += 1) isUnavailable(await world.refresh(copyOf(jar)))
        assert.is((await world.refresh(jar)).status, 200)
        assert.is(inJar(jar).access['calls'], 3)
      },
    ),

  'a module that is missing, broken or exports something else stops the start': async () => {
    const isRefused = async (env: Env, why: RegExp): Promise<void> => {
      const problem = await openWorld({ env }).then(
        () => 'it started',
        (error: Error) => error.message,
      )
      assert.match(problem, why)
    }
    await isRefused({ CURFEW_CLAIMS_HOOK: '/nowhere/claims.mjs' }, /cannot be loaded/)
    const wrong: [string, RegExp][] = [
      ['export const claim = () => ({})', /exports no function `claims`/],
      ['export const claims = {}', /exports no function `claims`/],
      ['export const claims = () => ({}), onRefresh = 1', /`onRefresh` that is no boolean/],
      ['export const claims = (', /cannot be loaded/],
    ]
    for (const [source, why] of wrong) await withHook(source, (env) => isRefused(env, why))
  },
})
