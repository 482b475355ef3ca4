import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { subjectStream } from '../../../shared/kernel/ids.ts'
import type { PendingCutoff } from '../../../shared/ports/user-directory.ts'
import { aClaim } from '../../support/fakes/builders.ts'
import { type Fleet, type Scale, type User, withFleet } from '../../support/processes/fleet.ts'
import { loggedIn, type Visitor } from '../../support/requests/visitor.ts'
import { assert, type Claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

type Site = Readonly<{ gatewayUrl: string; ordersUrl: string }>

const openSite = async (fleet: Fleet, scale: Scale | null): Promise<Site> => {
  if (scale === null) {
    const { url, ordersUrl } = await fleet.everything()
    return { gatewayUrl: url, ordersUrl }
  }
  const gateway = await fleet.gateway()
  return { gatewayUrl: gateway.url, ordersUrl: (await fleet.orders(gateway)).url }
}

/** A command beside the running services; what it printed. */
const curfew = async (fleet: Fleet, args: readonly string[], input = ''): Promise<string> => {
  const command = fleet.command(args, { CURFEW_LOG_LEVEL: 'warn' }, input)
  const { code } = await command.ended
  assert.is(code, 0, `${args.join(' ')}:\n${command.output()}`)
  return command.output()
}
const isRefused = async (fleet: Fleet, args: readonly string[], said: RegExp): Promise<void> => {
  const command = fleet.command(args, {}, 'short')
  const { code } = await command.ended
  assert.is(code, 1, command.output())
  assert.match(command.output(), said)
}

/** Somebody whom the service's guard accepts. */
const accepted = async (fleet: Fleet, site: Site, user: User): Promise<Visitor> => {
  const visitor = await loggedIn(fleet, site.gatewayUrl, user)
  await until('the guard accepts', async () => (await visitor.asks(site.ordersUrl)) === 200)
  return visitor
}
const refusedSoon = ({ ordersUrl }: Site, visitor: Visitor): Promise<void> =>
  until('the guard refuses', async () => (await visitor.asks(ordersUrl)) === 401, 15_000)

const overHttp = async (fleet: Fleet, site: Site, user: User): Promise<void> => {
  const root = await fleet.addUser('root')
  await curfew(fleet, ['users', 'roles', 'root', '--add', 'admin'])
  const admin = await accepted(fleet, site, root)
  let visitor = await accepted(fleet, site, user)
  const url = `${site.gatewayUrl}/users/${visitor.access.sub}`

  const disabled = await admin.patch(url, { active: false })
  assert.is(disabled.status, 200)
  assert.is(disabled.headers.get('revocation-status'), 'acknowledged')
  await refusedSoon(site, visitor)
  await admin.patch(url, { active: true, roles: ['editor', 'reader'] })

  visitor = await accepted(fleet, site, user)
  await admin.patch(url, { roles: ['reader'] })
  await refusedSoon(site, visitor)

  const other = await accepted(fleet, site, user)
  visitor = await accepted(fleet, site, user)
  const before = visitor.copy()
  const next = `${user.password} anew`
  fleet.keepSecret(next)
  const change = { current_password: user.password, new_password: next, keep_this_device: true }
  assert.is((await visitor.post(`${site.gatewayUrl}/password`, change)).status, 200)
  for (const ended of [before, other]) await refusedSoon(site, ended)
  assert.is(await visitor.asks(site.ordersUrl), 200, 'the new session of this device')

  assert.is((await admin.delete(url)).status, 204)
  await refusedSoon(site, visitor)
}

const byCommand = async (fleet: Fleet, site: Site, user: User): Promise<void> => {
  const { username: name, password } = user
  let visitor = await accepted(fleet, site, user)
  await curfew(fleet, ['users', 'disable', name])
  await refusedSoon(site, visitor)
  await curfew(fleet, ['users', 'enable', name])
  visitor = await accepted(fleet, site, user)
  await curfew(fleet, ['users', 'password', name, '--password-stdin'], password)
  await refusedSoon(site, visitor)
  await curfew(fleet, ['users', 'roles', name, '--add', 'editor', '--add', 'reader'])
  visitor = await accepted(fleet, site, user)
  const told = await curfew(fleet, ['users', 'roles', name, '--remove', 'editor'])
  assert.match(told, new RegExp(`${name}: reader; every session ended`))
  await refusedSoon(site, visitor)
  assert.match(
    await curfew(fleet, ['users', 'list']),
    new RegExp(`^${name}\t.*\tactive\treader`, 'm'),
  )
  visitor = await accepted(fleet, site, user)
  await curfew(fleet, ['users', 'delete', name, '--yes'])
  await refusedSoon(site, visitor)
}

const refusals = (fleet: Fleet): Promise<unknown> =>
  Promise.all([
    isRefused(fleet, ['users', 'disable', 'nobody'], /STORE_ABSENT: there is no store/),
    isRefused(fleet, ['users', 'delete', 'nobody'], /required option '--yes'/),
    isRefused(fleet, ['users', 'add', 'x', '--password-stdin'], /INPUT_INVALID.*shorter/),
    isRefused(fleet, ['users', 'add', 'x'], /INPUT_INVALID.*--password-stdin/),
    isRefused(fleet, ['import', 'django-users', 'absent.json'], /INPUT_INVALID: absent.json/),
  ])

/** What a process leaves that ends between the directory's write and the cutoff. */
const unfinished = async (fleet: Fleet, site: Site, user: User): Promise<void> => {
  const backends = await fleet.backends()
  const [directory, store] = [backends.directory(), backends.store()]
  const changes = [
    ['disabled', { active: false }],
    ['roles_narrowed', { active: true, roles: [] }],
    ['deleted', { active: false }],
  ] as const
  for (const [what, change] of changes) {
    const found = await directory.byName(user.username)
    if (!found) throw new Error(`${user.username} is gone before ${what}`)
    await directory.change(found.sub, { active: true, roles: ['editor'] })
    const visitor = await accepted(fleet, site, user)
    const [newest = null] = await store.heads([subjectStream(found.sub)])
    const due: PendingCutoff = { claim: aClaim(), what, above: newest?.id.v ?? -1 }
    await directory.change(found.sub, { ...change, due })
    await refusedSoon(site, visitor)
    // The cutoff is told first, and the account goes after it.
    if (what === 'deleted') {
      await until('the account is gone', async () => (await directory.bySub(found.sub)) === null)
    } else assert.ok(await directory.bySub(found.sub), `${what} keeps the account`)
  }
}

const hash = 'bcrypt$$2b$12$AU6hrPeMTRczLdi9pMSMG.3jL.2wJaPFVSt3ndQee4vX21IEWOySi'
const rows = [
  { pk: 41, fields: { username: 'from-django', password: hash, is_staff: true } },
  { pk: 42, fields: { username: 'sso', password: '!unusable' } },
  { pk: 43, fields: { username: 'odd', password: 'md5$x$y' } },
].map((row) => ({ model: 'auth.user', ...row }))

const imported = async (fleet: Fleet, site: Site): Promise<void> => {
  const [file, report] = [join(fleet.dir, 'users.json'), join(fleet.dir, 'report.json')]
  await writeFile(file, JSON.stringify(rows))
  const command = fleet.command(['import', 'django-users', file, '--report', report])
  const { code } = await command.ended
  assert.is(code, 1, 'one row is refused')
  assert.match(
    command.output(),
    /3 rows: imported 2 \(1 without a password\), skipped 0, refused 1/,
  )
  assert.match(command.output(), /row 3 \("odd"\): fields.password is a hash of an unknown kind/)
  await writeFile(file, JSON.stringify(rows.slice(0, 2)))
  const again = await curfew(fleet, ['import', 'django-users', file])
  assert.match(again, /2 rows: imported 0, skipped 2, refused 0/)
  const user = { username: 'from-django', password: 'pässwörd of Django 1' }
  const visitor = await accepted(fleet, site, user)
  const { body } = await visitor.get(`${site.gatewayUrl}/me`)
  assert.equal([body['user_id'], body['roles']], ['41', ['staff']])
}

type Prove = (fleet: Fleet, site: Site, user: User) => Promise<void>

/** Whoever changes an account, and however: services hear of it within the bound. */
export const accountClaims = (scale: Scale | null): Claims => {
  const claim = (prove: Prove) => () =>
    withFleet(scale, async (fleet) => {
      const site = await openSite(fleet, scale)
      await prove(fleet, site, await fleet.addUser('alice'))
    })
  return {
    'changes over HTTP, by an administrator and by the user, end sessions at services':
      claim(overHttp),
    'changes by command, while the server runs, end them too': claim(byCommand),
  }
}

export const embeddedAccountClaims: Claims = {
  // asvs: 2.3.3
  'what a crash left between directory and cutoff is completed by itself': () =>
    withFleet(null, async (fleet) => {
      await unfinished(fleet, await openSite(fleet, null), await fleet.addUser('alice'))
    }),
  'users come from Django while the server runs, with id, password and roles': () =>
    withFleet(null, async (fleet) => imported(fleet, await openSite(fleet, null))),
  'a command that cannot be done ends with 1 and says why': () =>
    withFleet(null, async (fleet) => {
      await refusals(fleet)
      await fleet.addUser('somebody')
      await isRefused(fleet, ['users', 'disable', 'nobody'], /USER_UNKNOWN: there is no user/)
    }),
}
