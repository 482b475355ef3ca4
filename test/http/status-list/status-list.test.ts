import type { RevocationInForce } from '../../../shared/events/status-list-entry.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { replacing } from '../../support/fakes/faulty-stores.ts'
import { newJar, tokenIn } from '../../support/processes/browser.ts'
import { askForList, bitsOf, fetchedList, placeIn } from '../../support/requests/fetched-list.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { readStatusList, statusAt } from '../../support/views/status-list-reader.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { rawRequest } from '../raw-request.ts'

const env = { CURFEW_STATUS_LIST: 'true' }
const nobodys = '/status-lists/1800000900-0-0123456789abcdef'

const openOne = async (world: World) => {
  const jar = await world.open(await world.addUser())
  const token = tokenIn(jar, 'access') ?? ''
  return { jar, token, ...placeIn(token) }
}

const get = (world: World, path: string, headers: Record<string, string> = {}) =>
  rawRequest(`${world.url}${path}`, { method: 'GET', headers })

claims('A status list', {
  'is a signed list that its token names, with the time that a copy is good': () =>
    inWorld({ env }, async (world) => {
      const { uri, idx } = await openOne(world)
      const { status, headers, text } = await askForList(world, uri)
      assert.is(status, 200)
      assert.is(headers['content-type'], 'application/statuslist+jwt')
      const { statuses, ...list } = readStatusList(text, world.gateway.access, uri)
      assert.equal([list.bits, list.ttl, statuses.length], [1, 15, 16_384])
      assert.is(list.aggregation, 'http://localhost:8080/status-lists')
      // The bound of this door: 5 s that it is handed out, and 15 s that a copy is used.
      assert.ok([20, 21].includes(list.exp - list.iat), JSON.stringify(list))
      assert.is(statusAt(statuses, 1, idx), 0)
      assert.ok(statuses.every((byte) => byte === 0))
    }),

  'may be read by pages of anybody, and kept no longer than the gateway keeps it': () =>
    inWorld({ env }, async (world) => {
      const { uri } = await openOne(world)
      const { headers } = await askForList(world, uri)
      assert.is(headers['access-control-allow-origin'], '*')
      assert.match(String(headers['cache-control']), /^public, max-age=[0-5]$/)
      const varies = String(headers.vary).toLowerCase().split(', ')
      for (const name of ['accept', 'accept-encoding', 'revocation-position']) {
        assert.ok(varies.includes(name), name)
      }
      assert.match(String(headers['revocation-position']), /^t:\d+$/)
    }),

  'is 304 to who has it, and zipped to who takes that': () =>
    inWorld({ env, clock: fakeClock() }, async (world) => {
      const { uri } = await openOne(world)
      const plain = await askForList(world, uri)
      const again = { 'if-none-match': String(plain.headers.etag) }
      const kept = await askForList(world, uri, { headers: again })
      assert.equal([kept.status, kept.text], [304, ''])
      const asked = { method: 'GET', headers: { 'accept-encoding': 'gzip' } }
      const zipped = await fetch(`${world.url}${new URL(uri).pathname}`, asked)
      assert.is(zipped.headers.get('content-encoding'), 'gzip')
      assert.is(await zipped.text(), plain.text) // `fetch` unzips.
      assert.not.equal(zipped.headers.get('etag'), plain.headers.etag)
    }),

  'is of its media type only': () =>
    inWorld({ env }, async (world) => {
      const { uri } = await openOne(world)
      for (const accept of ['*/*', 'application/*', 'text/html, application/statuslist+jwt']) {
        assert.is((await askForList(world, uri, { headers: { accept } })).status, 200, accept)
      }
      const refused = await askForList(world, uri, { headers: { accept: 'application/json' } })
      assert.equal([refused.status, refused.body['code']], [406, 'not_acceptable'])
      assert.is(refused.headers['cache-control'], 'no-store')
    }),

  'is that of now: other times are not kept': () =>
    inWorld({ env }, async (world) => {
      const { uri } = await openOne(world)
      const { status, body } = await get(world, `${new URL(uri).pathname}?time=1800000000`)
      assert.equal([status, body['code']], [501, 'history_unsupported'])
    }),

  'is none where nobody is in it, whatever its name is like': () =>
    inWorld({ env, clock: fakeClock() }, async (world) => {
      for (const path of [nobodys, '/status-lists/x', '/status-lists/%2e%2e', `${nobodys}0`]) {
        const { status, body } = await get(world, path)
        assert.equal([status, body['code']], [404, 'not_found'], path)
      }
    }),

  'is there until its window is passed': async () => {
    const clock = fakeClock()
    await inWorld({ env, clock }, async (world) => {
      const { uri } = await openOne(world)
      const named = async (): Promise<unknown> => (await get(world, '/status-lists')).body
      assert.equal(await named(), { status_lists: [uri] })
      const until = Number(new URL(uri).pathname.split('/').at(-1)?.split('-')[0]) * 1_000
      await clock.advance(until + 5 * 60_000 - 1_000 - clock.now())
      assert.is((await askForList(world, uri)).status, 200)
      await clock.advance(6_000)
      assert.is((await askForList(world, uri)).status, 404)
      assert.equal(await named(), { status_lists: [] })
    })
  },

  'is no token: it opens no door': () =>
    inWorld({ env }, async (world) => {
      const { uri } = await openOne(world)
      const { text } = await askForList(world, uri)
      const headers = { authorization: `Bearer ${text}` }
      const me = await world.send('/me', newJar(), { method: 'GET', headers })
      assert.is(me.status, 401)
    }),

  'is found by the metadata, where tokens are in lists': async () => {
    const name = '/.well-known/oauth-authorization-server'
    const member = 'status_list_aggregation_endpoint'
    await inWorld({ env: { ...env, CURFEW_BASE_PATH: '/auth' } }, async (world) => {
      const { body } = await get(world, name)
      assert.is(body[member], 'http://localhost:8080/auth/status-lists')
      const { uri } = await openOne(world)
      assert.match(uri, /^http:\/\/localhost:8080\/auth\/status-lists\//)
      const { body: all } = await get(world, new URL(String(body[member])).pathname)
      assert.equal(all, { status_lists: [uri] })
    })
    await inWorld({}, async (world) => assert.not.ok(member in (await get(world, name)).body))
  },
})

/** Counts what a list reads, and fails while told to. */
const watched = () => {
  const state = { reads: 0, down: false }
  const wrap = <Ports extends Readonly<{ store: EventStore }>>(ports: Ports): Ports => {
    const listed: EventStore['listed'] = async (...given) => {
      state.reads += 1
      if (state.down) throw new AuthError('STORE_UNAVAILABLE', 'down')
      return ports.store.listed(...given)
    }
    return { ...ports, store: replacing<EventStore>(ports.store, { listed }) }
  }
  return { state, wrap }
}

claims('How new a status list is', {
  'a copy of it is handed out for five seconds, and after that a new one': async () => {
    const [clock, { state, wrap }] = [fakeClock(), watched()]
    await inWorld({ env, clock, wrap }, async (world) => {
      const { jar, uri, idx } = await openOne(world)
      const bit = async (): Promise<number> =>
        statusAt((await fetchedList(world, uri)).statuses, 1, idx)
      assert.is(await bit(), 0)
      await world.logout(jar)
      assert.equal([await bit(), state.reads], [0, 1])
      await clock.advance(5_001)
      assert.equal([await bit(), state.reads], [1, 2])
    })
  },

  'a copy is handed out no longer when the clock of the store is set back': async () => {
    const [clock, { state, wrap }] = [fakeClock(), watched()]
    const steps = [[0, 5, 1] as const, [4_000, 1, 1] as const, [1_000, 5, 2] as const]
    await inWorld({ env, clock, wrap }, async (world) => {
      const { uri } = await openOne(world)
      for (const [ms, left, reads] of steps) {
        await clock.advance(ms)
        const { headers } = await askForList(world, uri)
        assert.equal([headers['cache-control'], state.reads], [`public, max-age=${left}`, reads])
        clock.jump(-3_600_000)
      }
    })
  },

  'a position that a revocation answered is known to the list that takes it as a minimum': () =>
    inWorld({ env }, async (world) => {
      const { jar, uri, token } = await openOne(world)
      await fetchedList(world, uri)
      const { headers } = await world.logout(jar)
      assert.equal(await bitsOf(world, [token], String(headers['revocation-position'])), [1])
    }),

  'a position that is nobody’s is refused': () =>
    inWorld({ env }, async (world) => {
      const { uri } = await openOne(world)
      for (const position of ['x', 't:99999999999999']) {
        const headers = { 'revocation-position': position }
        assert.is((await askForList(world, uri, { headers })).status, 400)
      }
    }),

  'a build that began before a logout is not what its position gets': async () => {
    let go: () => void = () => {}
    const held = new Promise<void>((resolve) => {
      go = resolve
    })
    let reads = 0
    const wrap = <Ports extends Readonly<{ store: EventStore }>>(ports: Ports): Ports => {
      const standingEnds: EventStore['standingEnds'] = async function* (at) {
        const pages: (readonly RevocationInForce[])[] = []
        for await (const page of ports.store.standingEnds(at)) pages.push(page)
        reads += 1
        if (reads === 1) await held
        yield* pages
      }
      return { ...ports, store: replacing<EventStore>(ports.store, { standingEnds }) }
    }
    await inWorld({ env, wrap }, async (world) => {
      const { jar, uri, idx, token } = await openOne(world)
      const early = fetchedList(world, uri)
      await until('the first build has read the revocations', () => reads === 1)
      const { headers } = await world.logout(jar)
      const late = bitsOf(world, [token], String(headers['revocation-position']))
      await world.send('/me', newJar(), { method: 'GET' }) // It has arrived by now.
      go()
      assert.is(statusAt((await early).statuses, 1, idx), 0)
      assert.equal([await late, reads], [[1], 2])
    })
  },

  'many who want the newest share builds, which are half a second apart': async () => {
    const { state, wrap } = watched()
    await inWorld({ env, wrap }, async (world) => {
      const { uri } = await openOne(world)
      const headers = { 'revocation-position': `t:${world.clock.now()}` }
      const begun = world.clock.monotonicMs()
      const asks = Array.from({ length: 40 }, () => fetchedList(world, uri, { headers }))
      await Promise.all(asks)
      const most = 1 + Math.floor((world.clock.monotonicMs() - begun) / 500)
      assert.ok(state.reads >= 1 && state.reads <= most, `${state.reads} builds of ${most}`)
    })
  },

  'a store that does not answer is 503, and the list comes back with it': async () => {
    const [clock, { state, wrap }] = [fakeClock(), watched()]
    await inWorld({ env, clock, wrap }, async (world) => {
      const { uri } = await openOne(world)
      state.down = true
      const { status, headers, body } = await askForList(world, uri)
      assert.equal([status, body['code']], [503, 'store_unavailable'])
      assert.match(String(headers['retry-after']), /^[1-9]\d*$/)
      assert.is(headers['cache-control'], 'no-store')
      state.down = false
      assert.is((await askForList(world, uri)).status, 200)
    })
  },
})
