import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { copyOf, type Jar, jarOf, newJar, tokenIn } from '../../support/processes/browser.ts'
import { bitsOf, fetchedList, placeIn } from '../../support/requests/fetched-list.ts'
import type { Answer } from '../../support/requests/http-send.ts'
import { payloadOf } from '../../support/requests/visitor.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'
import { placeOf } from '../../support/views/status-list-reader.ts'
import { inWorld, openWorld, type World } from '../../support/worlds/gateway-world.ts'
import { memoryBacking } from '../../support/worlds/world-backing.ts'

const password = 'correct horse'
const env = { CURFEW_STATUS_LIST: 'true', CURFEW_AUTH_TOKEN_CLASSES: 'access,sliding' }
const access = (jar: Jar): string => tokenIn(jar, 'access') ?? ''
const positionIn = ({ headers }: Answer): string => String(headers['revocation-position'])
const revoke = (world: World, json: object): Promise<Answer> =>
  world.send('/revocations', newJar(), { json, headers: world.serviceHeaders })
type Proof = (answer: Answer, token: string) => void

/** Two gateways on one state: one that puts tokens in lists, and one that does not. */
const bothWays = async (clock: Clock, more: Record<string, string> = {}) => {
  const held = await memoryBacking(clock)
  const state = await held.ports()
  const backing = async () => ({ ports: async () => state, close: async () => {} })
  const listing = await openWorld({ env: { ...env, ...more }, clock, backing })
  const off = { ...env, ...more, CURFEW_STATUS_LIST: 'false' }
  const plain = await openWorld({ env: off, clock, backing, keys: listing.keys })
  const close = async (): Promise<void> => {
    await plain.close()
    await listing.close()
    await held.close()
  }
  return { listing, plain, state, close }
}

const slidingOf = async (world: World): Promise<string> => {
  await createUser(world.rooms, { username: 'alice', password, roles: [] })
  const json = { username: 'alice', password }
  const { body } = await world.send('/api/token/sliding/', newJar(), { json })
  return (body as { token: string }).token
}
const renewed = async (world: World, token: string): Promise<string> => {
  const { body } = await world.send('/api/token/sliding/refresh/', newJar(), { json: { token } })
  return (body as { token: string }).token
}

claims('A token in a status list', {
  'says its place; the refresh token has none, and without the setting no token has': async () => {
    await inWorld({ env }, async (world) => {
      const jar = await world.open(await world.addUser())
      const { uri, idx } = placeIn(access(jar))
      assert.match(uri, /^http:\/\/localhost:8080\/status-lists\/\d{10}-0-[0-9a-f]{16}$/)
      assert.ok(Number.isInteger(idx))
      assert.is(placeOf(tokenIn(jar, 'refresh') ?? ''), null)
      assert.not.ok('listed' in payloadOf(access(jar)))
      await world.refresh(jar)
      assert.not.equal(placeIn(access(jar)), { uri, idx })
    })
    await inWorld({}, async (world) => {
      const jar = await world.open(await world.addUser())
      assert.is(placeOf(access(jar)), null)
    })
  },

  'comes again with the same place, also from another gateway (I1)': () =>
    inWorld({ env, gateways: 2 }, async (world) => {
      const jar = await world.open(await world.addUser())
      const replay = copyOf(jar)
      assert.is((await world.refresh(jar)).status, 200)
      assert.is((await world.gateways[1]?.refresh(replay))?.status, 200)
      assert.equal(payloadOf(access(replay)), payloadOf(access(jar)))
      assert.ok(placeOf(access(jar)))
    }),

  'comes again with its place from a gateway that puts none in lists': async () => {
    const { listing, plain, close } = await bothWays(fakeClock())
    try {
      const jar = await listing.open(await listing.addUser())
      const replay = copyOf(jar)
      await listing.refresh(jar)
      assert.is((await plain.refresh(replay)).status, 200)
      assert.equal(payloadOf(access(replay)), payloadOf(access(jar)))
      // What that gateway issues itself is in none, and it serves the lists there are.
      await plain.refresh(jar)
      assert.is(placeOf(access(jar)), null)
      const { uri } = placeIn(access(replay))
      assert.ok((await fetchedList(plain, uri)).statuses.length > 0)
    } finally {
      await close()
    }
  },

  'keeps its bit when newer commits of its session are pruned around it': async () => {
    const clock = fakeClock()
    await inWorld({ env, clock }, async (world) => {
      const jar = await world.open(await world.addUser())
      const first = access(jar)
      for (let minute = 0; minute < 4; minute += 1) {
        await clock.advance(60_000)
        assert.is((await world.refresh(jar)).status, 200)
      }
      await clock.advance(120_000) // The keeper prunes each two seconds.
      const { sid } = payloadOf(first)
      const late = (clock.now() + 60_000) as EpochMs
      await world.state.store.prune(clock.now(), late, 100)
      assert.is((await world.state.store.read(`s/${sid}`, 0, 10)).length, 5)
      const { idx, uri } = placeIn(first)
      const before = await fetchedList(world, uri)
      assert.is((before.statuses[idx >> 3] ?? 0) >> (idx & 7), 0)
      await clock.advance(500)
      assert.equal(await bitsOf(world, [first], positionIn(await world.logout(jar))), [1])
    })
  },

  'is refused alone where it alone was ended': () =>
    inWorld({ env }, async (world) => {
      const jar = await world.open(await world.addUser())
      const first = access(jar)
      await world.refresh(jar)
      const answer = await revoke(world, { scope: 'token', id: first })
      const position = positionIn(answer)
      assert.equal(await bitsOf(world, [first, access(jar)], position), [1, 0])
    }),

  'is refused with its session, its user or its client, and others are not': () =>
    inWorld({ env }, async (world) => {
      const [one, other] = [await world.addUser(), await world.addUser()]
      const stranger = (await world.addUser()).sub
      const [a, b] = [access(await world.open(one)), access(await world.open(one))]
      const c = access(await world.open(other))
      const bits = async (answer: Answer): Promise<readonly number[]> => {
        assert.is(answer.status, 200, JSON.stringify(answer.body))
        return bitsOf(world, [a, b, c], positionIn(answer))
      }
      const { sid, client_id: client } = payloadOf(a)
      assert.equal(await bits(await revoke(world, { scope: 'subject', id: stranger })), [0, 0, 0])
      assert.equal(await bits(await revoke(world, { scope: 'session', id: sid })), [1, 0, 0])
      assert.equal(await bits(await revoke(world, { scope: 'subject', id: one.sub })), [1, 1, 0])
      assert.equal(await bits(await revoke(world, { scope: 'client', id: client })), [1, 1, 1])
      const d = access(await world.open(other))
      assert.equal(await bitsOf(world, [d], `t:${world.clock.now() - 1_000}`), [0])
    }),

  'is refused with everyone’s, whatever the store still knows of it': () =>
    inWorld({ env }, async (world) => {
      const jar = await world.open(await world.addUser())
      const { uri } = placeIn(access(jar))
      const position = positionIn(await revoke(world, { scope: 'all' }))
      const { statuses } = await fetchedList(world, uri, {
        headers: { 'revocation-position': position },
      })
      // Also where a restore lost the commits: places that nobody has by now.
      assert.ok(statuses.every((byte) => byte === 0xff))
      const later = await world.open(await world.addUser())
      const { all } = payloadOf(access(later)).epoch
      assert.match(placeIn(access(later)).uri, new RegExp(`-${all + 1}-[0-9a-f]{16}$`))
      assert.equal(await bitsOf(world, [access(later)], position), [0])
    }),

  'of the sliding kind has another place after each renewal, and they end together': async () => {
    const clock = fakeClock()
    await inWorld({ env, clock }, async (world) => {
      const first = await slidingOf(world)
      await clock.advance(60_000)
      const second = await renewed(world, first)
      assert.not.equal(placeIn(second), placeIn(first))
      const position = positionIn(await revoke(world, { scope: 'token', id: second }))
      assert.equal(await bitsOf(world, [first, second], position), [1, 1])
    })
  },

  'of the sliding kind does not hand its place on where lists are off': async () => {
    const clock = fakeClock()
    const { listing, plain, close } = await bothWays(clock)
    try {
      const first = await slidingOf(listing)
      assert.ok(placeOf(first))
      await clock.advance(60_000)
      assert.not.ok('status' in payloadOf(await renewed(plain, first)))
    } finally {
      await close()
    }
  },
})

claims('The claim `status`', {
  'is no name for anything else where tokens are in lists': async () => {
    const taken = { ...env, CURFEW_USER_ID_CLAIM: 'status' }
    const problem = await openWorld({ env: taken }).then(
      () => 'it started',
      (error: Error) => error.message,
    )
    assert.match(problem, /CURFEW_USER_ID_CLAIM=status is a claim with a meaning/)
    await inTempFolder('hook', async (dir) => {
      const path = join(dir, 'claims.mjs')
      await writeFile(path, "export const claims = () => ({ status: 'gold' })")
      const logIn = (settings: Record<string, string>, prove: Proof): Promise<void> =>
        inWorld({ env: { ...settings, CURFEW_CLAIMS_HOOK: path } }, async (world) => {
          await createUser(world.rooms, { username: 'alice', password, roles: [] })
          const jar = newJar()
          prove(await world.login(jar, 'alice', password), access(jar))
        })
      await logIn(env, ({ status }) => assert.is(status, 503))
      const gold = { status: 'gold' }
      await logIn({}, (_, token) =>
        assert.equal({ ...payloadOf(token), ...gold }, payloadOf(token)),
      )
    })
  },

  'that makes a token too large is told before anything is consumed': async () => {
    const long = { CURFEW_AUDIENCE: [1, 2].map((n) => String(n).repeat(145)).join(',') }
    const { listing, plain, state, close } = await bothWays(fakeClock(), long)
    try {
      const roles = Array.from({ length: 32 }, (_, n) => `${n}`.padStart(2, '0').padEnd(64, 'r'))
      await createUser(plain.rooms, { username: 'alice', password, roles })
      const jar = newJar()
      assert.is((await plain.login(jar, 'alice', password)).status, 200)
      const before = jarOf({ refresh: tokenIn(jar, 'refresh') ?? '' })
      const { status, body } = await listing.refresh(copyOf(before))
      assert.equal([status, (body as { code: string }).code], [500, 'claims_too_large'])
      const { sid } = payloadOf(access(jar))
      assert.is((await state.store.read(`s/${sid}`, 0, 10)).length, 1)
    } finally {
      await close()
    }
  },
})
