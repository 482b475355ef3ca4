import fc from 'fast-check'
import { completeErasures, eraseUser } from '../../services/gateway/accounts/index.ts'
import { holdsInForce, placeHold, releaseHold } from '../../services/gateway/holds/index.ts'
import { startProjector } from '../../services/projector/projector.ts'
import { openMemoryBlacklistView } from '../../shared/adapters/memory/blacklist-view.ts'
import {
  changeHolds,
  erasureMaxMs,
  type HoldRegister,
  withErasure,
  withHold,
  withoutErasure,
} from '../../shared/fleet/holds/index.ts'
import { isAuthError } from '../../shared/kernel/errors.ts'
import { type Claim, type EpochMs, subjectStream } from '../../shared/kernel/ids.ts'
import { silentLogger as logger } from '../../shared/kernel/logger.ts'
import { anAct, aSub, aUser } from '../support/fakes/builders.ts'
import { withContext } from '../support/other-rooms.ts'
import { newJar } from '../support/processes/browser.ts'
import { assert, claims } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { loggedEvents } from '../support/views/logged-events.ts'
import { openWorld, type World } from '../support/worlds/gateway-world.ts'

const secret = 'a-secret-of-the-directory'
const headers = { authorization: `Basic ${Buffer.from(`hr:${secret}`).toString('base64')}` }
const env = { CURFEW_SERVICE_CLIENTS: `hr:${secret}:users` }

const inWorld = async (prove: (world: World) => Promise<void>): Promise<void> => {
  const world = await openWorld({ env })
  try {
    await prove(world)
  } finally {
    await world.close()
  }
}

const erase = async (world: World, user: string) => {
  const path = `/users/${encodeURIComponent(user)}/erase`
  const { status, body } = await world.send(path, newJar(), { method: 'POST', headers })
  return { status, code: (body as Readonly<{ code?: string }> | null)?.code }
}

/** With all that can be opened. */
const eventsOf = async (world: World, sub: string) => {
  const logged = await loggedEvents(world.state.log, world.rooms.audit.privacy.opener)
  return logged.map(({ event }) => event).filter(({ data }) => 'sub' in data && data.sub === sub)
}

claims('an erasure', {
  'opens nothing of the person any more, ends the account, and is an event': () =>
    inWorld(async (world) => {
      const [user, other] = [await world.addUser(), await world.addUser()]
      const jar = await world.open(user)
      await world.send('/refresh', jar, { method: 'POST', headers: { 'user-agent': 'Known/1' } })
      await world.send('/refresh', await world.open(other), {
        ...{ method: 'POST', headers: { 'user-agent': 'Other/1' } },
      })
      const agents = async (sub: string): Promise<readonly unknown[]> =>
        (await eventsOf(world, sub)).flatMap(({ data }) => ('agent' in data ? [data.agent] : []))
      await until('all is told', async () => {
        return (await agents(user.sub)).includes('Known/1') && (await agents(other.sub)).length > 2
      })
      assert.equal(await erase(world, user.username), { status: 204, code: undefined })
      assert.is((await world.send('/me', jar, { method: 'GET' })).status, 401)
      assert.is(await world.state.directory.bySub(user.sub), null)
      await until('it is told', async () => {
        return (await eventsOf(world, user.sub)).some(({ type }) => type === 'UserErased')
      })
      assert.not.ok((await agents(user.sub)).includes('Known/1'))
      assert.ok((await agents(other.sub)).includes('Other/1'))
      const told = (await eventsOf(world, user.sub)).filter(({ type }) => type === 'UserErased')
      assert.equal(
        told.map(({ data }) => 'actor' in data && data.actor),
        [{ by: 'service', id: 'hr' }],
      )
      assert.equal(await erase(world, user.sub), { status: 204, code: undefined }, 'again, by id')
      assert.is((await eventsOf(world, user.sub)).filter((e) => e.type === 'UserErased').length, 1)
      assert.equal((await world.state.personalKeys.openErasures(9)).length, 0)
      assert.equal(await erase(world, user.username), { status: 404, code: 'user_unknown' })
    }),

  'of a user who was deleted before is by id, and later events of theirs hold nothing': () =>
    inWorld(async (world) => {
      const user = await world.addUser()
      await world.open(user)
      await world.send(`/users/${user.sub}`, newJar(), { method: 'DELETE', headers })
      assert.equal(await erase(world, user.sub), { status: 204, code: undefined })
      assert.equal(await world.state.personalKeys.find([`sub:${user.sub}`]), [null])
    }),

  'ends the sessions of a user whom another directory has, once': () =>
    inWorld(async (world) => {
      const user = await world.addUser()
      const jar = await world.open(user)
      const claim = 'c1a1000000000000000000000000c1a1' as Claim
      const due = { claim, what: 'deleted', above: -1 } as const
      await world.state.directory.change(user.sub, { due })
      await world.state.directory.remove(user.sub, claim)
      for (let turn = 0; turn < 2; turn += 1) {
        assert.equal(await erase(world, user.sub), { status: 204, code: undefined })
      }
      assert.is((await world.send('/refresh', jar)).status, 401)
      const commits = await world.state.store.read(subjectStream(user.sub), 0, 99)
      const types = commits.flatMap(({ events }) => events.map(({ type }) => type))
      assert.equal(types, ['TokenRevoked', 'UserErased'])
    }),

  'is refused under a legal hold, and for the last administrator, and nothing is lost': () =>
    inWorld(async (world) => {
      const admin = aUser({ roles: ['admin'] })
      await world.state.directory.create(admin)
      await world.open(admin)
      assert.equal(await erase(world, admin.sub), { status: 409, code: 'administrator_last' })
      const user = await world.addUser()
      const jar = await world.open(user)
      const hold = {
        ...{ id: '0123456789abcdef', reason: 'a case', at: 1 as EpochMs, isTold: true },
        scope: { user: user.sub, session: null, client: null, since: null, until: null },
        ...{ act: { actor: null, address: null, agent: null }, release: null },
      }
      const add = (register: HoldRegister) => ({ ...register, holds: [...register.holds, hold] })
      await changeHolds(world.state.store, add)
      assert.equal(await erase(world, user.sub), { status: 409, code: 'legal_hold' })
      const owners = [`sub:${user.sub}`, `sub:${admin.sub}`] as const
      for (const owner of owners) assert.is(await world.state.personalKeys.erasure(owner), null)
      assert.is((await world.send('/me', jar, { method: 'GET' })).status, 200)
    }),

  'and a legal hold never both succeed: a hold that was answered keeps what it covers': () =>
    inWorld(async (world) => {
      const nothing = { user: null, session: null, client: null, since: null, until: null }
      for (const isOfUser of [true, false]) {
        const user = await world.addUser()
        const scope = { ...nothing, user: isOfUser ? user.sub : null }
        const place = () => placeHold(world.rooms, { scope, reason: 'a case' })
        const keys = world.rooms.privacy.keys
        const refusals: unknown[] = []
        // As the key goes somebody else places a hold, at another gateway.
        const slowKeys: typeof keys = {
          ...keys,
          erase: async (erasure) => {
            await place().catch((error: unknown) => refusals.push(error))
            return keys.erase(erasure)
          },
        }
        const privacy = { ...world.rooms.privacy, keys: slowKeys }
        await eraseUser({ ...world.rooms, privacy }, user.sub)
        assert.equal(
          refusals.map((error) => isAuthError(error, 'STORE_CONTENDED')),
          [true],
        )
        assert.equal((await holdsInForce(world.rooms)).length, 0)
        const { id } = await place()
        await releaseHold(world.rooms, { id, reason: 'closed' })
        const held = await world.addUser()
        const hold = await placeHold(world.rooms, { scope: nothing, reason: 'a case' })
        assert.equal(await erase(world, held.sub), { status: 409, code: 'legal_hold' })
        assert.is(await keys.erasure(`sub:${held.sub}`), null)
        await releaseHold(world.rooms, { id: hold.id, reason: 'closed' })
        assert.equal(await erase(world, held.sub), { status: 204, code: undefined })
      }
    }),

  'that ended before its key was gone keeps holds out for a minute, and no longer': () =>
    fc.assert(
      fc.property(fc.nat(3 * erasureMaxMs), (ms) => {
        const [sub, at] = [aSub(), 4_000_000_000_000 as EpochMs]
        const scope = { user: sub, session: null, client: null, since: null, until: null }
        const left = withErasure({ erasing: [], holds: [], retentions: {} }, sub, at)
        const later = (at + ms) as EpochMs
        const hold = { id: '0123456789abcdef', scope, reason: 'a case', at: later, act: anAct }
        const place = () => withHold(left, hold).holds.length
        if (ms < erasureMaxMs) assert.throws(place)
        else assert.is(place(), 1)
        assert.is(withHold(withoutErasure(left, sub), hold).holds.length, 1)
        assert.is(withHold(left, { ...hold, scope: { ...scope, user: aSub() } }).holds.length, 1)
      }),
    ),

  'that was cut off behind each of its steps is completed by a gateway': () =>
    inWorld(async (world) => {
      for (const after of ['the key', 'the account', 'the event'] as const) {
        const user = await world.addUser()
        await world.open(user)
        const owner = `sub:${user.sub}` as const
        const at = (world.clock.now() - 60_000) as EpochMs
        await world.state.personalKeys.erase({ owner, at, by: 'administrator:root', open: true })
        if (after !== 'the key') {
          await world.send(`/users/${user.sub}`, newJar(), { method: 'DELETE', headers })
        }
        const { rooms } = world
        if (after === 'the event') await completeErasures(rooms)
        await until(`what is left behind ${after} is done`, async () => {
          return (await world.state.personalKeys.erasure(owner))?.open === false
        })
        assert.is(await world.state.directory.bySub(user.sub), null)
        const commits = await world.state.store.read(subjectStream(user.sub), 0, 99)
        const told = commits.flatMap(({ events }) => events)
        const erased = told.filter(({ type }) => type === 'UserErased')
        assert.equal(
          erased.map(({ data }) => 'actor' in data && data.actor),
          [{ by: 'administrator', id: 'root' }],
        )
      }
    }),

  'of which the log tells holds also in a store that was restored from before it': () =>
    inWorld(async (world) => {
      const user = await world.addUser()
      await world.open(user)
      const owner = `sub:${user.sub}` as const
      const key = await world.state.personalKeys.obtain(owner, 'the key')
      assert.equal(await erase(world, user.sub), { status: 204, code: undefined })
      await until('it is told', async () => {
        return (await eventsOf(world, user.sub)).some(({ type }) => type === 'UserErased')
      })
      // The same log, and a store with the account and the key.
      const restored = await openWorld({ env, keys: world.keys })
      try {
        await restored.state.directory.create(user)
        assert.is(await restored.state.personalKeys.obtain(owner, 'the key'), key)
        const { sessions, personalKeys } = restored.state
        const events = { ring: world.keys.events, unsigned: 'accept' } as const
        const projector = await startProjector({
          ...{ log: world.state.log, view: openMemoryBlacklistView(), sessions, personalKeys },
          ...{ ring: world.keys.mac, events, clock: world.clock, logger },
        })
        try {
          await until('the key is dropped', async () => {
            return (await personalKeys.find([owner]))[0] === null
          })
        } finally {
          await projector.close()
        }
        assert.is((await personalKeys.erasure(owner))?.by, 'service:hr')
        const storeClock = { now: () => (world.clock.now() + 60_000) as EpochMs }
        const late = withContext(restored.rooms, { storeClock: storeClock as never })
        await completeErasures(late)
        assert.is(await restored.state.directory.bySub(user.sub), null)
      } finally {
        await restored.close()
      }
    }),
})
