import { setPassword } from '../../../services/gateway/accounts/change-account.ts'
import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import { completePendingCutoff } from '../../../services/gateway/accounts/pending-cutoff.ts'
import { completePendingCutoffs } from '../../../services/gateway/lifecycle/housekeeping.ts'
import type { Rooms } from '../../../services/gateway/rooms.ts'
import type { NewCommit } from '../../../shared/events/commit.ts'
import { type EventType, noOrigin } from '../../../shared/events/event.ts'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import { subjectStream } from '../../../shared/kernel/ids.ts'
import type { User } from '../../../shared/ports/user-directory.ts'
import { failingOnce, replacing } from '../../support/fakes/faulty-stores.ts'
import { withAccounts, withContext } from '../../support/other-rooms.ts'
import { copyOf, type Jar } from '../../support/processes/browser.ts'
import { assert, type Claims, claims } from '../../support/suite.ts'
import { race, until } from '../../support/until.ts'
import { loggedEvents } from '../../support/views/logged-events.ts'
import { appendAndDeliverCutoff } from '../../support/worlds/delivered-changes.ts'
import { inWorld, type World, type WorldOptions } from '../../support/worlds/gateway-world.ts'
import type { OpenBacking } from '../../support/worlds/world-backing.ts'
import { afterChange, newPassword, oldPassword, quickLogin } from './races-rounds.ts'

const isOfSubject = (commit: unknown): boolean => (commit as NewCommit).id.s.startsWith('u/')

/** Where a process ends between hash, cutoff and the note that nothing is due any more. */
const crashes: Readonly<Record<string, (parts: Rooms) => Rooms>> = {
  'before the cutoff': (parts) =>
    withContext(parts, {
      store: failingOnce(parts.context.store, 'append', 'before', isOfSubject),
    }),
  'when the cutoff was appended and its answer lost': (parts) =>
    withContext(parts, { store: failingOnce(parts.context.store, 'append', 'after', isOfSubject) }),
  'before the due was cleared': (parts) =>
    withAccounts(parts, { directory: failingOnce(parts.accounts.directory, 'settle', 'before') }),
}

/** Who meets what is due, and completes it. */
const completers: Readonly<Record<string, (world: World, user: User, old: Jar) => Promise<void>>> =
  {
    'the next login': async (world, user) => {
      assert.ok(await quickLogin(world, user, newPassword))
    },
    'a refresh of an old session': async (world, _user, old) => {
      const jar = copyOf(old)
      assert.is((await world.refresh(jar)).status, 401)
      assert.is(jar.size, 0)
    },
    'the keeper': async ({ quickRooms, state }) =>
      completePendingCutoffs(withAccounts(quickRooms, { directory: state.directory })),
  }

/** How often an event of a subject was appended, and under how many ids it lies in the log. */
const told = async (
  world: World,
  { sub }: Pick<User, 'sub'>,
  type: EventType,
): Promise<number[]> => {
  const commits = await world.state.store.read(subjectStream(sub), 0, 1_000)
  const appended = commits.flatMap(({ events }) => events).filter((event) => event.type === type)
  const concerns = ({ event }: Awaited<ReturnType<typeof loggedEvents>>[number]): boolean =>
    event.type === type && 'sub' in event.data && event.data.sub === sub
  const logged = (await loggedEvents(world.state.log)).filter(concerns)
  return [appended.length, logged.length]
}

const toldOnce = async (world: World, user: Pick<User, 'sub'>, type: EventType): Promise<void> => {
  await until(`${type} is in the log`, async () => (await told(world, user, type))[1] !== 0)
  assert.equal(await told(world, user, type), [1, 1])
}

const fails = async (work: Promise<unknown>): Promise<void> => {
  const outcome = await work.then(
    () => 'succeeded',
    (error: unknown) => isAuthError(error, 'STORE_UNAVAILABLE'),
  )
  assert.is(outcome, true)
}

type Unfinished = Readonly<{ user: User; old: Jar }>

/** A session of the old password, and a change of it that ended half-way. */
const changeUnfinished = async (world: World, crash: string): Promise<Unfinished> => {
  const user = await world.addUser(oldPassword)
  const old = await world.open(user)
  const crashed = crashes[crash]?.(world.quickRooms) ?? world.quickRooms
  await fails(setPassword(crashed, user.sub, newPassword))
  const left = await world.state.directory.bySub(user.sub)
  assert.is(left?.due?.what, 'password_changed')
  return { user: left ?? user, old }
}

const completed = (options: WorldOptions): Claims =>
  Object.fromEntries(
    Object.keys(crashes).flatMap((crash) =>
      Object.entries(completers).map(([who, complete]) => [
        `${crash}: ${who} completes it`,
        () =>
          inWorld(options, async (world) => {
            const { user, old } = await changeUnfinished(world, crash)
            await complete(world, user, old)
            assert.is((await world.state.directory.bySub(user.sub))?.due, null)
            assert.equal(await afterChange(world, user, [old]), [])
            await toldOnce(world, user, 'PasswordChanged')
          }),
      ]),
    ),
  )

/** Two complete the same change, and a cutoff of somebody else comes between their commits. */
const metTwice = async (world: World): Promise<void> => {
  const { user, old } = await changeUnfinished(world, 'before the cutoff')
  const { quickRooms } = world
  let isFirst = true
  const store = replacing(quickRooms.context.store, {
    append: async (commit: NewCommit) => {
      if (isFirst) {
        isFirst = false
        await completePendingCutoff(quickRooms, user)
        const target = { scope: 'subject', sub: user.sub } as const
        await appendAndDeliverCutoff(quickRooms, { target, reason: 'logout_all', origin: noOrigin })
      }
      return quickRooms.context.store.append(commit)
    },
  })
  await completePendingCutoff(withContext(quickRooms, { store }), user)
  assert.equal(await afterChange(world, user, [old]), [])
  await toldOnce(world, user, 'PasswordChanged')
}

/** A login that has read the cutoffs is overtaken by another one, which completes the change. */
const overtaken = async (world: World): Promise<void> => {
  const { user } = await changeUnfinished(world, 'before the cutoff')
  const { quickRooms } = world
  let isFirst = true
  const store = replacing(quickRooms.context.store, {
    heads: async (streams) => {
      const heads = await quickRooms.context.store.heads(streams)
      if (isFirst) {
        isFirst = false
        assert.ok(await quickLogin(world, user, newPassword))
      }
      return heads
    },
  })
  const slow = { quickRooms: withContext(quickRooms, { store }) }
  const jar = await quickLogin(slow, user, newPassword)
  assert.is(isFirst, false)
  assert.is(jar && (await world.me(jar)).status, 200)
}

/**
 * I7 and I4 on one store: what a crash leaves half-done is completed, once, by whoever meets it.
 */
export const unfinishedClaims = (name: string, backing: OpenBacking): void => {
  // The gateway's own keeper would be first now and then; a claim says who completes.
  const options: WorldOptions = {
    backing,
    wrap: (ports) => ({
      ...ports,
      directory: replacing(ports.directory, { withDue: async () => [] }),
    }),
  }
  claims(`a change of the password that crashed, ${name}`, {
    ...completed(options),
    'ten logins that meet it at once tell it once': () =>
      inWorld({ ...options, gateways: 2 }, async (world) => {
        const { user, old } = await changeUnfinished(world, 'before the cutoff')
        const jars = await race(10, (index) =>
          quickLogin(world.gateways[index % 2] ?? world, user, newPassword),
        )
        for (const jar of jars) assert.is(jar && (await world.me(jar)).status, 200)
        assert.equal(await afterChange(world, user, [old]), [])
        await toldOnce(world, user, 'PasswordChanged')
      }),
    'a login that another one overtakes in completing it opens a session that lives': () =>
      inWorld(options, overtaken),
    'two who complete it, with another cutoff between them, tell it once': () =>
      inWorld(options, metTwice),
  })
  claims(`a user whose creation crashed, ${name}`, {
    ...Object.fromEntries(
      Object.entries(crashes).map(([crash, crashing]) => [
        `${crash}: the first login completes it, and it is told once`,
        () =>
          inWorld(options, async (world) => {
            const username = 'ann'
            const account = { username, password: newPassword, roles: ['user'] }
            await fails(createUser(crashing(world.quickRooms), account))
            const user = await world.state.directory.byName(username)
            if (!user) throw new Error('the user is not there')
            assert.ok(await quickLogin(world, user, newPassword))
            await toldOnce(world, user, 'UserCreated')
          }),
      ]),
    ),
  })
}
