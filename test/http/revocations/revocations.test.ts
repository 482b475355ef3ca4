import type { User } from '../../../shared/ports/user-directory.ts'
import { aUser } from '../../support/fakes/builders.ts'
import { copyOf, type Jar, newJar, tokenIn } from '../../support/processes/browser.ts'
import { payloadOf } from '../../support/requests/visitor.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { lmdbBacking } from '../../support/worlds/world-backing.ts'

type Known = Readonly<{ user: User; jar: Jar }>
const someone = async (world: World, over: Partial<User> = {}): Promise<Known> => {
  const user = aUser(over)
  await world.state.directory.create(user)
  return { user, jar: await world.open(user) }
}
const admin = (world: World): Promise<Known> => someone(world, { roles: ['admin'] })

const revoke = (world: World, jar: Jar, json: object, headers: Record<string, string> = {}) =>
  world.send('/revocations', jar, { json, headers })
const accessOf = (jar: Jar): string => tokenIn(jar, 'access') ?? ''
const sidOf = (jar: Jar): string => payloadOf(accessOf(jar)).sid
const lives = async (world: World, jar: Jar): Promise<boolean> =>
  (await world.me(copyOf(jar))).status === 200

claims('ending sessions over HTTP', {
  // asvs: 10.4.9
  'a person ends one own session, on another device': () =>
    inWorld({ backing: lmdbBacking }, async (world) => {
      const { user, jar } = await someone(world)
      const phone = await world.open(user)
      const answer = await world.send(`/sessions/${sidOf(phone)}`, jar, { method: 'DELETE' })
      assert.is(answer.status, 200)
      assert.is(answer.headers['revocation-status'], 'acknowledged')
      const { position } = answer.body as { position: string }
      assert.is(answer.headers['revocation-position'], position)
      assert.equal([await lives(world, phone), await lives(world, jar)], [false, true])
      const again = await world.send(`/sessions/${sidOf(phone)}`, jar, { method: 'DELETE' })
      assert.equal([again.status, again.headers['revocation-status']], [200, 'acknowledged'])
    }),

  'who ends the session of this request loses its cookies': () =>
    inWorld({}, async (world) => {
      const { jar } = await someone(world)
      const answer = await world.send(`/sessions/${sidOf(jar)}`, jar, { method: 'DELETE' })
      assert.equal([answer.status, jar.size], [200, 0])
    }),

  // asvs: 8.2.2
  'the session of somebody else is none for a person, and one for an administrator': () =>
    inWorld({}, async (world) => {
      const [mine, hers, root] = [await someone(world), await someone(world), await admin(world)]
      const path = `/sessions/${sidOf(hers.jar)}`
      for (const wrong of [path, `/sessions/${'f'.repeat(32)}`, '/sessions/x']) {
        assert.is((await world.send(wrong, mine.jar, { method: 'DELETE' })).status, 404)
      }
      assert.is(await lives(world, hers.jar), true)
      assert.is((await world.send(path, root.jar, { method: 'DELETE' })).status, 200)
      assert.equal([await lives(world, hers.jar), await lives(world, root.jar)], [false, true])
    }),

  // asvs: 10.4.9
  'a person ends everything that is their own, by themselves or by id': () =>
    inWorld({}, async (world) => {
      const { user, jar } = await someone(world)
      for (const body of [{ scope: 'subject' }, { scope: 'subject', id: user.sub }]) {
        const [phone, laptop] = [await world.open(user), await world.open(user)]
        assert.is((await revoke(world, phone, body)).status, 200)
        assert.equal([await lives(world, laptop), phone.size], [false, 0])
      }
      assert.is(await lives(world, jar), false)
    }),

  'others: every other session ends, and the caller goes on in a new one': () =>
    inWorld({ backing: lmdbBacking }, async (world) => {
      const { user, jar } = await someone(world)
      const [before, phone] = [copyOf(jar), await world.open(user)]
      const answer = await revoke(world, jar, { scope: 'others' })
      assert.is(answer.status, 200)
      assert.equal(Object.keys(answer.body as object).sort(), ['position', 'status'])
      assert.equal([await lives(world, phone), await lives(world, before)], [false, false])
      assert.is(await lives(world, jar), true)
      const [old, now] = [payloadOf(accessOf(before)), payloadOf(accessOf(jar))]
      assert.is.not(old.sid, now.sid)
      const [head] = await world.state.store.heads([`u/${user.sub}`])
      assert.equal(now.epoch, { ...old.epoch, sub: head?.cutoff })
      assert.is((await world.refresh(jar)).status, 200)
      // Exactly that cutoff: whatever comes after ends it like any other.
      assert.is((await revoke(world, jar, { scope: 'subject' })).status, 200)
    }),

  'others: what ended the user meanwhile ends the new session too': () =>
    inWorld({}, async (world) => {
      const { user, jar } = await someone(world)
      const answers = await Promise.all([
        revoke(world, jar, { scope: 'others' }),
        revoke(world, newJar(), { scope: 'subject', id: user.sub }, world.serviceHeaders),
      ])
      const wins = answers.map(({ status }) => status)
      assert.is(wins[1], 200)
      if (wins[0] !== 200) return
      const kept = payloadOf(accessOf(jar)).epoch.sub
      const [head] = await world.state.store.heads([`u/${user.sub}`])
      assert.is(await lives(world, jar), kept === head?.cutoff)
    }),

  'others: a caller without cookies is answered tokens in the body, and no cookie': () =>
    inWorld({}, async (world) => {
      const { jar } = await someone(world)
      const authorization = `Bearer ${accessOf(jar)}`
      const answer = await revoke(world, newJar(), { scope: 'others' }, { authorization })
      const { access, refresh } = answer.body as { access: string; refresh: string }
      assert.equal([answer.status, answer.setCookie], [200, []])
      assert.is(await lives(world, new Map([['access', access]])), true)
      assert.is((await world.refresh(new Map([['refresh', refresh]]))).status, 200)
      assert.is(await lives(world, jar), false)
    }),

  'one token, by itself: an own one, any for an administrator; by jti for those alone': () =>
    inWorld({}, async (world) => {
      const [mine, hers, root] = [await someone(world), await someone(world), await admin(world)]
      const token = accessOf(hers.jar)
      const { jti } = payloadOf(token)
      for (const id of [token, jti]) {
        assert.is((await revoke(world, mine.jar, { scope: 'token', id })).status, 403)
      }
      assert.is(await lives(world, hers.jar), true)
      assert.is((await revoke(world, root.jar, { scope: 'token', id: jti })).status, 200)
      assert.is(await lives(world, hers.jar), false)
      assert.is((await world.refresh(hers.jar)).status, 200, 'its session goes on')
      const own = accessOf(mine.jar)
      assert.is((await revoke(world, mine.jar, { scope: 'token', id: own })).status, 200)
      assert.is(await lives(world, mine.jar), false)
    }),

  // asvs: 7.4.5, 8.2.1
  'a client and everyone are for administrators and services': () =>
    inWorld({}, async (world) => {
      for (const body of [{ scope: 'client', id: 'curfew' }, { scope: 'all' }]) {
        const [mine, root] = [await someone(world), await admin(world)]
        const refused = await revoke(world, mine.jar, body)
        assert.equal([refused.status, await lives(world, mine.jar)], [403, true])
        assert.is((await revoke(world, root.jar, body)).status, 200)
        assert.equal([await lives(world, mine.jar), root.jar.size], [false, 0])
      }
      const { jar } = await someone(world)
      const service = world.serviceHeaders
      assert.is((await revoke(world, newJar(), { scope: 'others' }, service)).status, 403)
      assert.is((await revoke(world, newJar(), { scope: 'all' }, service)).status, 200)
      assert.is(await lives(world, jar), false)
    }),

  // asvs: 8.2.2
  'another user’s everything is not a person’s; bad targets are 400 with the field': () =>
    inWorld({}, async (world) => {
      const [mine, hers] = [await someone(world), await someone(world)]
      const body = { scope: 'subject', id: hers.user.sub }
      assert.is((await revoke(world, mine.jar, body)).status, 403)
      assert.is(await lives(world, hers.jar), true)
      const bad: [object, string][] = [
        [{}, 'scope'],
        [{ scope: 'everybody' }, 'scope'],
        [{ scope: 'session' }, 'id'],
        [{ scope: 'session', id: 3.5 }, 'id'],
        [{ scope: 'token', id: null }, 'id'],
      ]
      for (const [json, name] of bad) {
        const answer = await revoke(world, mine.jar, json)
        assert.is(answer.status, 400, JSON.stringify(json))
        assert.match(JSON.stringify(answer.body), name)
      }
      assert.is((await revoke(world, newJar(), { scope: 'subject' })).status, 401)
      assert.is(await lives(world, mine.jar), true)
    }),

  // asvs: 2.3.3
  'each is one commit, however many sessions there are': () =>
    inWorld({}, async (world) => {
      const { user, jar } = await someone(world)
      for (let count = 0; count < 20; count += 1) await world.open(user)
      const before = (await world.state.store.heads([`u/${user.sub}`]))[0]?.id.v ?? -1
      assert.is((await revoke(world, jar, { scope: 'subject' })).status, 200)
      assert.is((await world.state.store.heads([`u/${user.sub}`]))[0]?.id.v, before + 1)
    }),
})
