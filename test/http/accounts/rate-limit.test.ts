import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { json, type RawAnswer, rawRequest } from '../raw-request.ts'

const alice = { username: 'alice', password: 'correct horse battery' }
const env = { CURFEW_PROXY_HOPS: '1' }

const from = (world: World, address: string, password: string): Promise<RawAnswer> =>
  rawRequest(`${world.url}/login`, {
    headers: { ...json, 'x-forwarded-for': address },
    body: JSON.stringify({ username: alice.username, password }),
  })

/** Guesses from `count` addresses, few at a time: the line for hashing is short by design. */
const guesses = async (world: World, count: number): Promise<RawAnswer[]> => {
  const answers: RawAnswer[] = []
  for (let at = 0; at < count; at += 8) {
    const few = Array.from({ length: Math.min(8, count - at) }, (_, n) => at + n)
    answers.push(...(await Promise.all(few.map((n) => from(world, `198.51.100.${n}`, 'wrong')))))
  }
  return answers
}

claims('login attempts', {
  // asvs: 2.3.2, 2.4.1, 6.3.1
  'guesses from one address are bounded, and the answer says until when': () =>
    inWorld({ env }, async (world) => {
      await createUser(world.rooms, { ...alice, roles: [] })
      const statuses: number[] = []
      for (let n = 0; n < 11; n += 1)
        statuses.push((await from(world, '203.0.113.9', 'wrong')).status)
      assert.equal(statuses, [...Array<number>(10).fill(401), 429])
      const limited = await from(world, '203.0.113.9', alice.password)
      assert.is(limited.status, 429)
      assert.is(limited.body['code'], 'throttled')
      assert.ok(Number(limited.headers['retry-after']) > 0)
      assert.is((await from(world, '203.0.113.10', alice.password)).status, 200)
    }),

  // asvs: 15.3.4
  'an address is one, whatever port and spelling the proxy gives it': () =>
    inWorld({ env }, async (world) => {
      await createUser(world.rooms, { ...alice, roles: [] })
      const forms = (n: number): string =>
        [`203.0.113.9:${40_000 + n}`, `::ffff:203.0.113.9`, `"[::FFFF:cb00:7109]:${n}"`][n % 3] ??
        ''
      const statuses: number[] = []
      for (let n = 0; n < 11; n += 1) statuses.push((await from(world, forms(n), 'wrong')).status)
      assert.equal(statuses, [...Array<number>(10).fill(401), 429])
      assert.is((await from(world, '203.0.113.9', alice.password)).status, 429)
      assert.is((await from(world, '203.0.113.10:51234', alice.password)).status, 200)
    }),

  // asvs: 6.3.1
  'a distributed guess stops strangers, and the known address still logs in': () =>
    inWorld({ env }, async (world) => {
      await createUser(world.rooms, { ...alice, roles: [] })
      assert.is((await from(world, '192.0.2.1:50000', alice.password)).status, 200)
      const answers = await guesses(world, 100)
      assert.ok(answers.every(({ status }) => status === 401))
      assert.is((await from(world, '203.0.113.50', alice.password)).status, 429)
      assert.is((await from(world, '192.0.2.1:50001', alice.password)).status, 200)
    }),

  // asvs: 4.1.3, 15.3.4
  'without proxies of one’s own, X-Forwarded-For changes nothing': () =>
    inWorld({}, async (world) => {
      await createUser(world.rooms, { ...alice, roles: [] })
      const statuses = new Set<number>()
      for (let n = 0; n < 11; n += 1)
        statuses.add((await from(world, `198.51.100.${n}`, 'wrong')).status)
      assert.equal([...statuses], [401, 429])
    }),
})
