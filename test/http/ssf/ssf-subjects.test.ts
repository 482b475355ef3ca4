import { noOrigin } from '../../../shared/events/event.ts'
import type { SubjectId } from '../../../shared/kernel/ids.ts'
import type { User } from '../../../shared/ports/user-directory.ts'
import { tokenIn } from '../../support/processes/browser.ts'
import { readJwt, withReceiver } from '../../support/servers/receiver-server.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { appendAndDeliverCutoff } from '../../support/worlds/delivered-changes.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import {
  call,
  crm,
  env,
  heardSids,
  poll,
  sharedKeys,
  sidIn,
  subscribe,
  subscribePolling,
  typeOf,
} from '../../support/worlds/ssf-desk.ts'

const keys = await sharedKeys()
const iss = 'http://localhost:8080'
const userOf = (sub: string): object => ({ format: 'iss_sub', iss, sub })

const asked = (world: World, what: 'add' | 'remove', stream_id: string, subject: object) =>
  call(world, 'POST', `/ssf/subjects/${what}`, { stream_id, subject })

/** A session of `user` that began and ended; its id. */
const ended = async (world: World, user: User): Promise<string> => {
  const jar = await world.open(user)
  const { sid } = readJwt(tokenIn(jar, 'access') ?? '').claims
  await world.logout(jar)
  return String(sid)
}

/** Polls and acknowledges until the session `last` came; the sessions of all that came. */
const fetched = async (world: World, id: string, last: string): Promise<unknown[]> => {
  const sids: unknown[] = []
  let ack: string[] = []
  await until('the last one came', async () => {
    const { sets } = await poll(world, id, { ack })
    ack = Object.keys(sets)
    sids.push(...Object.values(sets).map(sidIn))
    return sids.includes(last)
  })
  await poll(world, id, { ack, maxEvents: 0 })
  return sids
}

claims('subjects of SSF streams', {
  'that are removed get nothing, pushed or fetched, and get it again when they are added': () =>
    inWorld({ env, keys }, (world) =>
      withReceiver(async (receiver) => {
        const pushed = await subscribe(world, receiver)
        const polled = await subscribePolling(world)
        const [ann, bob] = [await world.addUser(), await world.addUser()]
        for (const id of [pushed, polled]) {
          const removed = await asked(world, 'remove', id, userOf(ann.sub))
          assert.equal([removed.status, removed.text], [204, ''])
        }
        const stored = async () => (await world.state.receivers.get(pushed))?.lease?.until ?? 0
        // Who pushes hears of it with the next look at its lease.
        const before = await stored()
        await until('it was looked at', async () => (await stored()) !== before)
        await ended(world, ann)
        const told = await ended(world, bob)
        assert.equal(await fetched(world, polled, told), [told])
        await until('it was pushed', () => heardSids(receiver).includes(told))
        assert.equal(heardSids(receiver), [told])
        for (const stream_id of [pushed, polled]) {
          await call(world, 'POST', '/ssf/verify', { stream_id, state: 'still' })
          const added = await asked(world, 'add', stream_id, userOf(ann.sub))
          assert.equal([added.status, added.text], [200, ''])
        }
        await until('it was verified', () => receiver.taken.map(typeOf).includes('verification'))
        const { sets } = await poll(world, polled)
        assert.equal(Object.values(sets).map(typeOf), ['verification'])
        await until('the rule is gone', async () => {
          const both = await world.state.receivers.list()
          return both.every(({ subjects }) => subjects.rules.length === 0)
        })
        const again = await ended(world, ann)
        assert.ok((await fetched(world, polled, again)).includes(again))
        await until('it was pushed', () => heardSids(receiver).includes(again))
      }),
    ),

  'of a stream that begins with nobody are those that were added': () =>
    inWorld({ env: { ...env, CURFEW_RECEIVERS_SUBJECTS: 'NONE' }, keys }, async (world) => {
      const { body } = await call(world, 'GET', '/.well-known/ssf-configuration', null, {})
      assert.is(body['default_subjects'], 'NONE')
      assert.is(body['add_subject_endpoint'], `${iss}/ssf/subjects/add`)
      assert.is(body['remove_subject_endpoint'], `${iss}/ssf/subjects/remove`)
      const id = await subscribePolling(world)
      const [ann, bob] = [await world.addUser(), await world.addUser()]
      const jar = await world.open(ann)
      const sid = String(readJwt(tokenIn(jar, 'access') ?? '').claims['sid'])
      const session = { format: 'opaque', id: sid }
      await asked(world, 'add', id, { format: 'complex', user: userOf(ann.sub), session })
      await ended(world, ann)
      await ended(world, bob)
      await world.logout(jar)
      assert.equal(await fetched(world, id, sid), [sid])
      await asked(world, 'remove', id, { format: 'complex', user: userOf(ann.sub), session })
      await asked(world, 'add', id, userOf(bob.sub))
      await ended(world, ann)
      const told = await ended(world, bob)
      assert.equal(await fetched(world, id, told), [told])
      // What ends for everybody ends for who was added, too.
      const reason = 'revoked'
      await appendAndDeliverCutoff(world.rooms, {
        target: { scope: 'all' },
        reason,
        origin: noOrigin,
      })
      await until('it came', async () => Object.keys((await poll(world, id)).sets).length === 1)
    }),

  'that are removed while a receiver is away are not told of what it missed': () =>
    inWorld({ env, keys }, (world) =>
      withReceiver(async (receiver) => {
        receiver.answer(() => ({ status: 503 }))
        const id = await subscribe(world, receiver)
        const [ann, bob] = [await world.addUser(), await world.addUser()]
        const missed = await ended(world, ann)
        await until('it was tried', () => receiver.heard.length > 0)
        await asked(world, 'remove', id, userOf(ann.sub))
        const told = await ended(world, bob)
        const heard = () => receiver.heard.map(({ body }) => sidIn(body))
        await until('the next one is tried', () => heard().includes(told))
        receiver.answer(() => ({ status: 202 }))
        await until('it arrived', () => heardSids(receiver).includes(told))
        assert.is(heardSids(receiver).includes(missed), false)
      }),
    ),

  'that are of no use here are refused, and so is one too many': () =>
    inWorld({ env, keys }, async (world) => {
      const id = await subscribePolling(world)
      const bad = [{ format: 'email', email: 'a@b' }, { format: 'iss_sub', iss }, {}, 7, null]
      const more = [
        { format: 'complex' },
        { format: 'iss_sub', iss: 'https://other.example', sub: 'ann' },
        { format: 'complex', user: userOf('ann'), device: { format: 'opaque', id: 'd' } },
      ]
      for (const subject of [...bad, ...more]) {
        const { status, body } = await asked(world, 'remove', id, subject as object)
        assert.equal([status, body['error']], [400, 'invalid_request'], JSON.stringify(subject))
      }
      const foreign = { stream_id: id, subject: userOf('ann') }
      assert.is((await call(world, 'POST', '/ssf/subjects/add', foreign, crm)).status, 404)
      const stored = await world.state.receivers.get(id)
      assert.ok(stored)
      assert.equal(stored.subjects, { all: true, rules: [] })
      const rules = Array.from({ length: 256 }, (_, index) => ({
        user: `u${index}` as SubjectId,
        session: null,
        told: false,
      }))
      await world.state.receivers.replace({ ...stored, subjects: { all: true, rules } })
      assert.is((await asked(world, 'remove', id, userOf('one more'))).status, 409)
      assert.is((await asked(world, 'add', id, userOf('u7'))).status, 200)
      assert.is((await asked(world, 'remove', id, userOf('one more'))).status, 204)
    }),
})
