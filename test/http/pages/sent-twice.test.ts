import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import { type FakeClock, fakeClock } from '../../support/fakes/fake-clock.ts'
import { absorb, copyOf, type Jar, tokenIn } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import type { World } from '../../support/worlds/gateway-world.ts'
import { alice, inPagedWorld, type Seen, visit } from '../../support/worlds/paged-world.ts'

let users = 0
const word = 'a new correct horse'
/** Two sessions of one new user. */
const twoSessions = async (world: World): Promise<readonly [Jar, Jar]> => {
  users += 1
  const user = await createUser(world.rooms, {
    username: `user${users}`,
    password: word,
    roles: [],
  })
  return [await world.open(user), await world.open(user)]
}
const refreshOnly = (jar: Jar): Jar => new Map([['refresh', tokenIn(jar, 'refresh') ?? '']])

type Sessions = readonly Readonly<{ sid: string; status: string }>[]
const aliveOf = async (world: World, jar: Jar): Promise<readonly string[]> => {
  const { body } = await world.send('/sessions', jar, { method: 'GET' })
  const { sessions } = body as { sessions: Sessions }
  return sessions.filter(({ status }) => status === 'alive').map(({ sid }) => sid)
}
const sidOf = async (world: World, jar: Jar): Promise<string> =>
  ((await world.me(jar)).body as { sid: string }).sid

type Form = Readonly<Record<string, string>>
const password: Form = { current_password: word, new_password: word }
/** What signed-in people may send twice, and stay signed in; `other` is a session of theirs. */
const forms: Readonly<Record<string, (other: string) => Form>> = {
  '/account/sessions/end-others': () => ({ a: '' }),
  '/account/sessions/end': (sid) => ({ sid }),
  '/account/password': () => password,
}
/** Which answers the browser got, in which order. */
const gots: readonly (readonly number[])[] = [[0, 1], [1, 0], [1], [0]]

type Case = Readonly<{ path: string; atOnce: boolean; late: boolean; got: readonly number[] }>
const cases: readonly Case[] = Object.keys(forms).flatMap((path) =>
  [true, false].flatMap((atOnce) =>
    [true, false].flatMap((late) => gots.map((got) => ({ path, atOnce, late, got }))),
  ),
)

const sendTwice = async (
  world: World,
  path: string,
  { jar, form, atOnce }: Readonly<{ jar: Jar; form: Form; atOnce: boolean }>,
): Promise<readonly Seen[]> => {
  const send = (): Promise<Seen> => visit(world, path, { jar: copyOf(jar), form })
  if (atOnce) return Promise.all([send(), send()])
  return [await send(), await send()]
}

/** The session ends; and then the form comes that the browser still shows. */
const sendAfterwards = async (
  world: World,
  clock: FakeClock,
  { path, jar, form }: Readonly<{ path: string; jar: Jar; form: Form }>,
): Promise<Seen> => {
  await visit(world, '/account/sessions/end-others', { jar: copyOf(jar), form: { a: '' } })
  await clock.advance(11_000)
  return visit(world, path, { jar: copyOf(jar), form })
}

claims('a form that is sent twice', {
  'does its work once and leaves this device signed in, with no session beside it': () =>
    inPagedWorld({ clock: fakeClock() }, async (world) => {
      for (const { path, atOnce, late, got } of cases) {
        const [jar, other] = await twoSessions(world)
        const form = forms[path]?.(await sidOf(world, other)) ?? {}
        const before = late ? refreshOnly(jar) : jar
        const answers = await sendTwice(world, path, { jar: before, form, atOnce })
        const now = copyOf(before)
        for (const index of got) absorb(now, answers[index]?.setCookie ?? [])
        const about = JSON.stringify({ path, atOnce, late, got })
        for (const { status, location } of answers) {
          assert.equal([status, location], [303, '/account'], about)
        }
        assert.is((await visit(world, '/account', { jar: now })).status, 200, about)
        const own = await sidOf(world, now)
        await until(`nothing but ${own} is alive: ${about}`, async () => {
          return String(await aliveOf(world, now)) === own
        })
      }
    }),

  'after a while, with cookies of a session that ended, touches no cookies of the browser': () =>
    inPagedWorld({ clock: fakeClock() }, async (world) => {
      const clock = world.clock as FakeClock
      for (const path of [...Object.keys(forms), '/sign-out']) {
        for (const late of [true, false]) {
          const [signedIn] = await twoSessions(world)
          const jar = late ? refreshOnly(signedIn) : signedIn
          const form = forms[path]?.(await sidOf(world, signedIn)) ?? { a: '' }
          const { status, location, setCookie } = await sendAfterwards(world, clock, {
            ...{ path, jar, form },
          })
          const judge = path === '/sign-out' ? path : '/account'
          assert.equal([status, location, setCookie], [303, judge, []], `${path} ${late}`)
        }
      }
    }),

  'as a sign-out signs out once, and says so': () =>
    inPagedWorld({}, async (world) => {
      for (const atOnce of [true, false]) {
        const [jar] = await twoSessions(world)
        const answers = await sendTwice(world, '/sign-out', { jar, form: { a: '' }, atOnce })
        for (const { setCookie } of answers) absorb(jar, setCookie)
        assert.is(tokenIn(jar, 'access'), null)
        let seen = answers[1]
        for (let step = 0; step < 3 && seen?.location; step += 1) {
          seen = await visit(world, seen.location, { jar })
        }
        assert.match(seen?.text ?? '', 'You are signed out.')
      }
    }),

  'from elsewhere, or with another token, is not the same one': () =>
    inPagedWorld({}, async (world) => {
      const [jar] = await twoSessions(world)
      const path = '/account/sessions/end-others'
      await visit(world, path, { jar: copyOf(jar), form: { a: '' } })
      const headers = { 'user-agent': 'somebody else' }
      const thief = await visit(world, path, { jar: copyOf(jar), form: { a: '' }, headers })
      assert.equal(thief.setCookie, [])
      const access: Jar = new Map([['access', tokenIn(jar, 'access') ?? '']])
      assert.equal((await visit(world, path, { jar: access, form: { a: '' } })).setCookie, [])
    }),
})

/** The form of a page that was just opened, with what it is known by. */
const drawn = async (world: World): Promise<Form> => {
  const { text } = await visit(world, '/sign-in')
  return { ...alice, once: /name="once" value="([\w-]{22})"/.exec(text)?.[1] ?? '' }
}
const sessionsOf = async (world: World, jar: Jar): Promise<number> =>
  (await aliveOf(world, jar)).length

claims('a sign-in that is sent twice', {
  'opens one session, whichever answer the browser takes': () =>
    inPagedWorld({ clock: fakeClock() }, async (world) => {
      let opened = 0
      for (const atOnce of [true, false]) {
        for (const got of gots) {
          const form = await drawn(world)
          const answers = await sendTwice(world, '/sign-in', { jar: new Map(), form, atOnce })
          opened += 1
          const jar: Jar = new Map()
          for (const index of got) absorb(jar, answers[index]?.setCookie ?? [])
          const about = JSON.stringify({ atOnce, got })
          for (const { location } of answers) assert.is(location, '/account', about)
          assert.is((await visit(world, '/account', { jar })).status, 200, about)
          await until(`${opened} are open: ${about}`, async () => {
            return (await sessionsOf(world, jar)) === opened
          })
        }
      }
    }),

  'opens another one for another page, another password, or a session that ended since': () =>
    inPagedWorld({ clock: fakeClock() }, async (world) => {
      const form = await drawn(world)
      const first: Jar = new Map()
      await visit(world, '/sign-in', { jar: first, form })
      const other: Jar = new Map()
      await visit(world, '/sign-in', { jar: other, form: await drawn(world) })
      assert.is.not(await sidOf(world, other), await sidOf(world, first))
      const wrong = await visit(world, '/sign-in', { form: { ...form, password: 'guessed' } })
      assert.equal([wrong.status, wrong.setCookie], [401, []])
      await visit(world, '/sign-out', { jar: first, form: { a: '' } })
      const again: Jar = new Map()
      assert.is((await visit(world, '/sign-in', { jar: again, form })).location, '/account')
      assert.is((await visit(world, '/account', { jar: again })).status, 200)
    }),

  'keeps the cookies of nobody for longer than ten seconds': () =>
    inPagedWorld({ clock: fakeClock() }, async (world) => {
      const { signIns } = world.rooms.pages
      await visit(world, '/sign-in', { form: await drawn(world) })
      assert.is(signIns.size, 1)
      await (world.clock as FakeClock).advance(10_000)
      await until('they are gone', async () => signIns.size === 0)
    }),
})

claims('two requests at once that end all sessions but their own', {
  'keep the session that one of them opened; the other one is refused': () =>
    inPagedWorld({}, async (world) => {
      const others = ['/revocations', { scope: 'others' }] as const
      const change = ['/password', { ...password, keep_this_device: true }] as const
      for (const [path, json] of [others, change]) {
        const [jar] = await twoSessions(world)
        const answers = await Promise.all(
          [1, 2, 3].map(() => world.send(path, copyOf(jar), { json })),
        )
        const statuses = answers.map(({ status }) => status).sort()
        assert.equal(statuses.slice(1), [401, 401], `${path} ${statuses}`)
        const kept = answers.find(({ setCookie }) => setCookie.length > 0)
        for (const answer of answers) {
          if (answer !== kept) assert.equal(answer.setCookie, [])
        }
        absorb(jar, kept?.setCookie ?? [])
        assert.is((await world.me(jar)).status, 200, path)
      }
    }),
})
