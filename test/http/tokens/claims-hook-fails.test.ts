import type { Env } from '../../../shared/kernel/config.ts'
import { copyOf, newJar } from '../../support/processes/browser.ts'
import type { Answer } from '../../support/requests/http-send.ts'
import { assert, claims } from '../../support/suite.ts'
import { openWorld } from '../../support/worlds/gateway-world.ts'
import { inHooked, inJar, loggedIn, password, withHook } from '../../support/worlds/hooked-world.ts'
import type { StatePorts } from '../../support/worlds/world-backing.ts'

const isUnavailable = ({ status, body, headers, setCookie }: Answer): void => {
  assert.is(status, 503)
  const { code, detail } = body as { code: string; detail: string }
  assert.is(code, 'claims_unavailable')
  assert.match(detail, /claims hook \(CURFEW_CLAIMS_HOOK\)/)
  assert.equal([headers['retry-after'], setCookie], ['1', []])
}

const failing: Readonly<Record<string, string>> = {
  throws: `throw new Error('no database')`,
  'is late': `return new Promise(() => {})`,
  'answers no object': `return ['a']`,
  'answers a name that Curfew sets': `return { sub: 'somebody else' }`,
  'answers the user-id claim': `return { user_id: 1 }`,
  'answers what is no JSON': `return { big: 1n }`,
  'answers what nests too deep': `return { a: ${'['.repeat(9)}${']'.repeat(9)} }`,
  'answers a name of the prototype': `return JSON.parse('{"__proto__": {}}')`,
  'answers a name of every object': `return { constructor: 1 }`,
  'answers such a name deep inside': `return { a: [{ prototype: 1 }] }`,
  'answers a method of every object': `return { toString: 1 }`,
}

claims('a claims hook that fails', {
  // asvs: 16.5.3
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

  'claims that do not fit are refused at once, and nobody is told to try again': async () => {
    const roles = Array.from({ length: 32 }, (_, at) => `${'r'.repeat(62)}${10 + at}`)
    const large: readonly (readonly [string, readonly string[]])[] = [
      [`({ much: 'x'.repeat(1_100) })`, []],
      [`({ much: 'x'.repeat(900) })`, roles],
    ]
    for (const [answer, added] of large) {
      await inHooked(`export const claims = () => ${answer}`, async (world) => {
        const { sub } = (await world.state.directory.byName('alice')) ?? (await world.addUser())
        await world.state.directory.change(sub, { roles: added })
        for (const path of ['/login', '/api/token/', '/sliding/login', '/api/token/sliding/']) {
          const refused = await world.send(path, newJar(), {
            json: { username: 'alice', password },
          })
          const { code, detail } = refused.body as { code: string; detail: string }
          assert.equal([refused.status, code], [500, 'claims_too_large'], path)
          assert.match(detail, 'claims hook (CURFEW_CLAIMS_HOOK)')
          assert.not.match(detail, 'try again')
          assert.equal([refused.headers['retry-after'], refused.setCookie], [undefined, []])
        }
      })
    }
  },

  'a refresh that would not fit consumes nothing': () =>
    inHooked(
      `let calls = 0
       export const onRefresh = true
       export const claims = ({ on }) =>
         on === 'refresh' && ++calls < 3 ? { a: 'x'.repeat(2_000) } : { calls }`,
      async (world) => {
        const jar = await loggedIn(world)
        for (let turn = 0; turn < 2; turn += 1) {
          const { status, body } = await world.refresh(copyOf(jar))
          assert.equal([status, (body as { code: string }).code], [500, 'claims_too_large'])
        }
        assert.is((await world.refresh(jar)).status, 200)
        assert.is(inJar(jar).access['calls'], 3)
      },
    ),

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
