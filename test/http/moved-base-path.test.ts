import { sessionId, sessionStream } from '../../shared/kernel/ids.ts'
import { Dice } from '../support/fakes/dice.ts'
import { PathJar } from '../support/requests/path-jar.ts'
import { payloadOf } from '../support/requests/visitor.ts'
import { assert, claims } from '../support/suite.ts'
import { inWorld, type World, type WorldOptions } from '../support/worlds/gateway-world.ts'
import { memoryBacking, type OpenBacking } from '../support/worlds/world-backing.ts'
import { json, type RawAnswer, rawRequest } from './raw-request.ts'

/** The same gateway under one base path, then under another: state and keys stay. */
const underEach = async (
  paths: readonly string[],
  prove: (world: World, base: string, index: number) => Promise<void>,
): Promise<void> => {
  const opened = new Map<string, ReturnType<OpenBacking>>()
  const backing: OpenBacking = async (clock) => {
    const kept = opened.get('state') ?? memoryBacking(clock)
    opened.set('state', kept)
    return { ports: (await kept).ports, close: async () => {} }
  }
  let keys: WorldOptions['keys']
  for (const [index, path] of paths.entries()) {
    const options = { backing, env: { CURFEW_BASE_PATH: path }, ...(keys ? { keys } : {}) }
    await inWorld(options, async (world) => {
      keys = world.keys
      await prove(world, path === '/' ? '' : path, index)
    })
  }
  await (await opened.get('state'))?.close()
}

/** A browser that keeps cookies by their paths. */
const browser = (jar: PathJar) => ({
  send: async (
    { url }: World,
    path: string,
    { method = 'POST', body }: Readonly<{ method?: string; body?: object }> = {},
  ): Promise<RawAnswer> => {
    const cookie = jar.headerFor(path)
    const answer = await rawRequest(`${url}${path}`, {
      method,
      headers: { ...(cookie === '' ? {} : { cookie }), ...(body ? json : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    jar.keep(answer.setCookie)
    return answer
  },
})

const isAlive = async (world: World, token: string): Promise<boolean> => {
  const [newest] = await world.state.store.heads([sessionStream(sessionId(payloadOf(token).sid))])
  return newest?.session?.status === 'live'
}

/** Puts the cookies of a new session in, as a login at `base` does, without hashing. */
const logIn = async (world: World, jar: PathJar, base: string): Promise<void> => {
  const opened = await world.open(await world.addUser())
  jar.keep([
    `access=${opened.get('access')}; Path=/`,
    `refresh=${opened.get('refresh')}; Path=${base === '' ? '/' : base}`,
  ])
}

const pathsOf = (seed: string): string[] => {
  const dice = new Dice(seed)
  const deep = ['/', '/a', '/a/b', '/a/b/c']
  return [dice.pick(deep), dice.pick(deep), dice.pick(['/', '/a', '/x', '/x/a'])]
}

claims('a base path that changes', {
  'leaves nobody with cookies that lock them out, and no logout is undone by an old one':
    async () => {
      for (const seed of ['a', 'b', 'c', 'd', 'e', 'f']) {
        const jar = new PathJar()
        const visitor = browser(jar)
        const paths = pathsOf(seed)
        await underEach(paths, async (world, base, index) => {
          const said = `${seed}: ${paths.join(' then ')}, at ${base || '/'}`
          if (jar.headerFor(`${base}/refresh`).includes('refresh=')) {
            const first = await visitor.send(world, `${base}/refresh`)
            assert.is(first.status, 200, said)
            const second = await visitor.send(world, `${base}/refresh`)
            assert.is(second.status, 200, said)
          } else {
            await logIn(world, jar, base)
          }
          assert.is((await visitor.send(world, `${base}/me`, { method: 'GET' })).status, 200, said)
          if (index < paths.length - 1) return
          const presented = jar.headerFor(`${base}/logout`)
          assert.is((await visitor.send(world, `${base}/logout`)).status, 200, said)
          assert.not.match(jar.headerFor(`${base}/refresh`), /refresh=/, said)
          for (const [, token = ''] of presented.matchAll(/refresh=([^;]+)/g)) {
            assert.is(await isAlive(world, token), false, said)
          }
        })
      }
    },

  'a logout ends each session whose refresh cookie came, whoever opened it': () =>
    underEach(['/a/b'], async (world, base) => {
      const jar = new PathJar()
      const visitor = browser(jar)
      for (const path of ['', '/a', '/a/b']) await logIn(world, jar, path)
      const tokens = jar.valuesOf('refresh')
      assert.is(tokens.length, 3)
      const answer = await visitor.send(world, `${base}/logout`)
      assert.equal([answer.status, jar.size], [200, 0])
      assert.match(String(answer.headers['revocation-position']), /^[0-9a-f]{32}:\d+$/)
      for (const token of tokens) assert.is(await isAlive(world, token), false)
    }),

  'different refresh cookies are 400 at a refresh alone, and cleared wherever they may lie': () =>
    underEach(['/a/b'], async (world, base) => {
      const jar = new PathJar()
      const visitor = browser(jar)
      for (const path of ['', '/a', '/a/b']) await logIn(world, jar, path)
      assert.is((await visitor.send(world, `${base}/me`, { method: 'GET' })).status, 200)
      assert.is((await visitor.send(world, `${base}/verify`)).status, 200)
      const answer = await visitor.send(world, `${base}/refresh`)
      assert.equal([answer.status, answer.body['code']], [400, 'cookie_duplicated'])
      assert.is(jar.size, 0)
      assert.equal(
        answer.setCookie.map((line) => / Path=([^;]+)/.exec(line)?.[1]),
        ['/', '/a', '/a/b', '/'],
      )
      await logIn(world, jar, base)
      assert.is((await visitor.send(world, `${base}/refresh`)).status, 200)
    }),

  'the same token from two paths is one': () =>
    underEach(['/a'], async (world, base) => {
      const jar = new PathJar()
      const visitor = browser(jar)
      await logIn(world, jar, base)
      const [token = ''] = jar.valuesOf('refresh')
      jar.keep([`refresh=${token}; Path=/`])
      assert.is((await visitor.send(world, `${base}/refresh`)).status, 200)
      assert.is(jar.valuesOf('refresh').length, 1)
      assert.is((await visitor.send(world, `${base}/refresh`)).status, 200)
    }),
})
