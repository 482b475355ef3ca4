import { epochMs } from '../../shared/kernel/ids.ts'
import type { UserDirectory } from '../../shared/ports/user-directory.ts'
import { contract } from '../support/contract.ts'
import { aClaim, anAct, aSub, aUser } from '../support/fakes/builders.ts'
import { assert } from '../support/suite.ts'
import { race } from '../support/until.ts'

const aDue = () => ({ claim: aClaim(), what: 'password_changed', above: 3, by: anAct }) as const

export const userDirectoryContract = contract<UserDirectory>('user directory', {
  'a user is found by name and by subject as created': async (directory) => {
    const user = aUser({ roles: ['admin', 'user'], knownAddresses: ['a1', 'b2'], due: aDue() })
    assert.is(await directory.create(user), 'created')
    assert.equal(await directory.byName(user.username), user)
    assert.equal(await directory.bySub(user.sub), user)
    assert.is(await directory.byName('nobody'), null)
    assert.is(await directory.bySub(aSub()), null)
  },

  'of 50 who create one name, one does, and the others change nothing': async (directory) => {
    const users = Array.from({ length: 50 }, () => aUser({ username: 'ann' }))
    const outcomes = await Promise.all(users.map((user) => directory.create(user)))
    assert.is(outcomes.filter((outcome) => outcome === 'created').length, 1)
    assert.equal(await directory.byName('ann'), users[outcomes.indexOf('created')])
    const losers = users.filter((_, index) => outcomes[index] === 'exists')
    for (const { sub } of losers.slice(0, 5)) assert.is(await directory.bySub(sub), null)
    assert.is(await directory.count(), 1)
  },

  'names are compared exactly': async (directory) => {
    const names = ['ann', 'Ann', 'ann ', 'änn', 'a\u0308nn']
    for (const username of names) {
      assert.is(await directory.create(aUser({ username })), 'created')
    }
    for (const username of names) {
      assert.is((await directory.byName(username))?.username, username)
    }
  },

  'an address finds one user, is unique, and is free again once that one is gone': async (
    directory,
  ) => {
    const [email, due] = ['ann@example.org', aDue()]
    const user = aUser({ username: 'ann', email, due })
    assert.is(await directory.create(user), 'created')
    assert.equal(await directory.byEmail(email), user)
    for (const other of ['Ann@example.org', 'ann', 'x'.repeat(2_000)]) {
      assert.is(await directory.byEmail(other), null)
    }
    assert.is(await directory.byName(email), null)
    const raced = Array.from({ length: 20 }, () => directory.create(aUser({ email: 'one@x.org' })))
    const created = (await Promise.all(raced)).filter((outcome) => outcome === 'created')
    assert.equal([await directory.create(aUser({ email })), created.length], ['exists', 1])
    for (let count = 0; count < 2; count += 1) await directory.create(aUser())
    assert.equal([(await directory.list(null, 9)).length, await directory.count()], [4, 4])
    await directory.remove(user.sub, due.claim)
    assert.is(await directory.byEmail(email), null)
    assert.is(await directory.create(aUser({ email })), 'created')
  },

  'a change writes what it names and nothing else': async (directory) => {
    const user = aUser()
    await directory.create(user)
    const due = aDue()
    const change = { passwordHash: 'new', due }
    assert.is(await directory.change(user.sub, change), 'changed')
    assert.equal(await directory.bySub(user.sub), { ...user, ...change })
    await directory.change(user.sub, { active: false, roles: [], due: null })
    const after = { ...user, passwordHash: 'new', active: false, roles: [], due: null }
    assert.equal(await directory.byName(user.username), after)
    assert.is(await directory.change(aSub(), { active: false }), 'absent')
    assert.is(await directory.count(), 1)
  },

  'the instant of a login is written over an earlier one, and alone': async (directory) => {
    const user = aUser()
    await directory.create(user)
    for (const lastLoginAt of [1_000, 2_500].map(epochMs)) {
      assert.is(await directory.change(user.sub, { lastLoginAt }), 'changed')
      assert.equal(await directory.bySub(user.sub), { ...user, lastLoginAt })
    }
    assert.is((await directory.list(null, 1))[0]?.lastLoginAt, 2_500)
  },

  'unlessDue changes nothing while other work is due': async (directory) => {
    const user = aUser({ due: aDue() })
    await directory.create(user)
    const refused = await directory.change(
      user.sub,
      { passwordHash: 'new', due: aDue() },
      { unlessDue: true },
    )
    assert.is(refused, 'due')
    assert.equal(await directory.bySub(user.sub), user)
    assert.is(await directory.change(user.sub, { active: false }), 'changed')
    assert.is(await directory.change(aSub(), {}, { unlessDue: true }), 'absent')
  },

  'ifPasswordHash changes nothing once the hash is another one': async (directory) => {
    const user = aUser({ passwordHash: 'old' })
    await directory.create(user)
    const upgrade = (passwordHash: string) =>
      directory.change(user.sub, { passwordHash }, { ifPasswordHash: 'old' })
    assert.is(await upgrade('upgraded'), 'changed')
    assert.is(await upgrade('late'), 'stale')
    assert.is((await directory.bySub(user.sub))?.passwordHash, 'upgraded')
    assert.is(await directory.change(aSub(), {}, { ifPasswordHash: 'old' }), 'absent')
  },

  'ifRoles changes nothing once the roles are others': async (directory) => {
    const user = aUser({ roles: ['admin', 'staff'] })
    await directory.create(user)
    const narrow = (ifRoles: readonly string[], roles: readonly string[]) =>
      directory.change(user.sub, { roles }, { ifRoles, unlessDue: true })
    assert.is(await narrow(['admin'], []), 'stale')
    assert.is(await narrow([], ['x']), 'stale')
    assert.is(await narrow(['admin', 'staff'], ['staff']), 'changed')
    assert.is(await narrow(['admin', 'staff'], ['admin']), 'stale')
    assert.is(await narrow(['staff'], []), 'changed')
    assert.is(await narrow([], ['user']), 'changed')
    assert.equal((await directory.bySub(user.sub))?.roles, ['user'])
    assert.is(await directory.change(aSub(), {}, { ifRoles: [] }), 'absent')
  },

  'an initial password has an end, which goes with the password': async (directory) => {
    const user = aUser({ passwordUntil: epochMs(4_000_000_000_000) })
    await directory.create(user)
    assert.equal(await directory.bySub(user.sub), user)
    await directory.change(user.sub, { roles: ['x'] })
    assert.is((await directory.byName(user.username))?.passwordUntil, user.passwordUntil)
    await directory.change(user.sub, { passwordHash: 'new', passwordUntil: null })
    const after = await directory.bySub(user.sub)
    assert.equal([after?.passwordHash, after?.passwordUntil ?? null], ['new', null])
  },

  'of 50 changes that race with unlessDue, one is written whole': async (directory) => {
    const user = aUser()
    await directory.create(user)
    const changes = Array.from({ length: 50 }, (_, index) => ({
      passwordHash: `hash ${index}`,
      due: aDue(),
    }))
    const outcomes = await race(50, (index) =>
      directory.change(user.sub, changes[index] ?? {}, { unlessDue: true }),
    )
    assert.is(outcomes.filter((outcome) => outcome === 'changed').length, 1)
    assert.is(outcomes.filter((outcome) => outcome === 'due').length, 49)
    const won = changes[outcomes.indexOf('changed')]
    assert.equal(await directory.bySub(user.sub), { ...user, ...won })
  },

  'racing changes of different fields keep each other': async (directory) => {
    const user = aUser()
    await directory.create(user)
    await Promise.all([
      directory.change(user.sub, { passwordHash: 'new' }),
      directory.change(user.sub, { roles: ['admin'] }),
      directory.change(user.sub, { active: false }),
      directory.change(user.sub, { knownAddresses: ['x'] }),
    ])
    assert.equal(await directory.bySub(user.sub), {
      ...user,
      passwordHash: 'new',
      roles: ['admin'],
      active: false,
      knownAddresses: ['x'],
    })
  },

  'settle clears only the work that it names': async (directory) => {
    const due = aDue()
    const user = aUser({ due })
    await directory.create(user)
    await directory.settle(user.sub, aClaim())
    assert.equal((await directory.bySub(user.sub))?.due, due)
    await directory.settle(user.sub, due.claim)
    assert.equal(await directory.bySub(user.sub), { ...user, due: null })
    await directory.settle(user.sub, due.claim)
    await directory.settle(aSub(), due.claim)
    assert.equal(await directory.bySub(user.sub), { ...user, due: null })
  },

  'a settlement that races with newer work leaves the newer': async (directory) => {
    const [older, newer] = [aDue(), aDue()]
    const user = aUser({ due: older })
    await directory.create(user)
    await Promise.all([
      directory.settle(user.sub, older.claim),
      directory.change(user.sub, { due: newer }),
      directory.settle(user.sub, older.claim),
    ])
    assert.equal((await directory.bySub(user.sub))?.due, newer)
  },

  'a user is removed only by the work that it names, and whole': async (directory) => {
    const due = aDue()
    const user = aUser({ due })
    const other = aUser({ due })
    for (const one of [user, other]) await directory.create(one)
    await directory.remove(user.sub, aClaim())
    await directory.remove(aSub(), due.claim)
    assert.equal(await directory.bySub(user.sub), user)
    await directory.remove(user.sub, due.claim)
    await directory.remove(user.sub, due.claim)
    assert.is(await directory.bySub(user.sub), null)
    assert.is(await directory.byName(user.username), null)
    assert.is(await directory.change(user.sub, { active: true }), 'absent')
    assert.equal(await directory.withDue(10), [other])
    assert.equal(await directory.list(null, 10), [other])
    assert.is(await directory.count(), 1)
  },

  'the name of a removed user is free for another subject': async (directory) => {
    const due = aDue()
    const user = aUser({ due })
    await directory.create(user)
    await directory.remove(user.sub, due.claim)
    const heir = aUser({ username: user.username })
    assert.is(await directory.create(heir), 'created')
    await directory.remove(user.sub, due.claim)
    assert.equal(await directory.byName(user.username), heir)
    assert.is(await directory.bySub(user.sub), null)
  },

  'those with work due are listed, no others, at most as many as asked': async (directory) => {
    const due = [aUser({ due: aDue() }), aUser({ due: aDue() }), aUser()]
    for (const user of [...due, aUser()]) await directory.create(user)
    const late = due[2]
    assert.ok(late)
    await directory.change(late.sub, { due: aDue() })
    const subs = (await directory.withDue(10)).map(({ sub }) => sub)
    assert.equal(subs.sort(), due.map(({ sub }) => sub).sort())
    assert.is((await directory.withDue(2)).length, 2)
    const first = due[0]
    if (first?.due) await directory.settle(first.sub, first.due.claim)
    assert.is((await directory.withDue(10)).length, 2)
  },

  'users are listed in order of name, page by page': async (directory) => {
    const names = ['dan', 'ann', 'eve', 'bob', 'cid']
    for (const username of names) await directory.create(aUser({ username }))
    const page = async (after: string | null) =>
      (await directory.list(after, 2)).map(({ username }) => username)
    assert.equal(await page(null), ['ann', 'bob'])
    assert.equal(await page('bob'), ['cid', 'dan'])
    assert.equal(await page('dan'), ['eve'])
    assert.equal(await page('eve'), [])
    assert.is(await directory.count(), 5)
  },
})
