import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createUser } from '../../services/gateway/accounts/create-user.ts'
import type { User } from '../../shared/ports/user-directory.ts'
import { namedBlock } from '../support/documents/code-blocks.ts'
import { ledText } from '../support/documents/led-text.ts'
import { type Jar, newJar, tokenIn } from '../support/processes/browser.ts'
import { findTools } from '../support/processes/tools.ts'
import { filled, leadCurl, printedBy, type Shell } from '../support/requests/page-shell.ts'
import { payloadOf } from '../support/requests/visitor.ts'
import { openFront } from '../support/requests/web-front.ts'
import { type ReceiverServer, readJwt, withReceiver } from '../support/servers/receiver-server.ts'
import { assert, claims } from '../support/suite.ts'
import { inTempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'
import { inWorld, type World } from '../support/worlds/gateway-world.ts'
import { sharedKeys } from '../support/worlds/ssf-desk.ts'

const receivers = 'docs/receivers.md'
const siem = 'https://siem.example/events'
const shop = 'https://shop.example/logout'

type Site = Readonly<{ world: World; shell: Shell }>

/** A gateway at https://auth.example, for a shell whose curl goes there. */
const atAuthExample = async (
  settings: Readonly<Record<string, string>>,
  prove: (site: Site) => Promise<void>,
): Promise<void> => {
  if (!(await findTools('the commands of the pages', 'curl', 'openssl'))) return
  const front = await openFront(true)
  const env = { CURFEW_PUBLIC_URL: 'https://auth.example', ...settings }
  try {
    await inTempFolder('page', async (dir) => {
      leadCurl(dir, { 'auth.example:443': `127.0.0.1:${front.port}` })
      await inWorld({ env, keys: await sharedKeys() }, async (world) => {
        front.targets.set('auth.example', world.url)
        await prove({ world, shell: { dir } })
      })
    })
  } finally {
    await front.close()
  }
}

/** A new session, as a browser holds it behind https. */
const opened = async (world: World, user: User): Promise<Jar> => {
  const jar = await world.open(user)
  const [access, refresh] = [tokenIn(jar, 'access') ?? '', tokenIn(jar, 'refresh') ?? '']
  const named = new Map([
    ['__Host-access', access],
    ['__Secure-refresh', refresh],
  ])
  assert.is((await world.me(named)).status, 200)
  return named
}

const logOut = async (world: World, user: User): Promise<void> => {
  assert.is((await world.logout(await opened(world, user))).status, 200)
}

/** The client of the page, by the shell that reads its line. */
const clientOf = (dir: string): Promise<string> =>
  printedBy({ dir }, `${namedBlock(receivers, 'client')}printf %s "$CURFEW_SERVICE_CLIENTS"`)

const asReceiver = (prove: (site: Site) => Promise<void>): Promise<void> =>
  inTempFolder('client', async (dir) => {
    const CURFEW_SERVICE_CLIENTS = await clientOf(dir)
    await atAuthExample({ CURFEW_SERVICE_CLIENTS, CURFEW_RECEIVERS_PRIVATE: 'true' }, prove)
  })

const typed = ({ shell }: Site, block: string): Promise<string> => printedBy(shell, block)
const linesOf = (block: string, second: string): [string, string] => {
  const at = block.indexOf(second)
  return [block.slice(0, at), block.slice(at)]
}
const eventIn = (token: string): string =>
  Object.keys(readJwt(token).claims['events'] as object)[0]
    ?.split('/')
    .at(-1) ?? ''

const subscribed = async (site: Site, { url }: ReceiverServer): Promise<string> => {
  const block = namedBlock(receivers, 'push').replace(siem, `${url}/events`)
  const [create, verify] = linesOf(
    block,
    'curl -u siem:a-long-enough-secret https://auth.example/ssf/verify',
  )
  const { stream_id: stream } = JSON.parse(await typed(site, create)) as { stream_id: string }
  assert.is(await typed(site, filled(verify, {}, [stream])), '')
  return stream
}

claims('docs/receivers.md, as it is typed', {
  'a stream is pushed: its verification, then a logout, with the header that was asked for': () =>
    asReceiver((site) =>
      withReceiver(async (receiver) => {
        await subscribed(site, receiver)
        await until('it is verified', () => receiver.taken.length === 1)
        assert.is(receiver.heard[0]?.headers['authorization'], 'Bearer what-the-siem-wants')
        const [verification = ''] = receiver.taken
        assert.is(eventIn(verification), 'verification')
        assert.match(JSON.stringify(readJwt(verification).claims), '"state":"hello"')
        await logOut(site.world, await site.world.addUser())
        await until('a logout is told', () => receiver.taken.length === 2)
        assert.is(eventIn(receiver.taken[1] ?? ''), 'session-revoked')
      }),
    ),

  'a subject is removed from it, and nothing of that user is told any more': () =>
    asReceiver((site) =>
      withReceiver(async (receiver) => {
        const { world } = site
        const stream = await subscribed(site, receiver)
        await until('it is verified', () => receiver.taken.length === 1)
        const [removed, other] = [await world.addUser(), await world.addUser()]
        await typed(site, filled(namedBlock(receivers, 'remove'), {}, [stream, removed.sub]))
        const told = ({ sub }: User): number =>
          receiver.taken.filter((token) => JSON.stringify(readJwt(token).claims).includes(sub))
            .length
        // The gateway that pushes hears of a removal within a second.
        await until('only the other is told', async () => {
          const before = [told(removed), told(other)] as const
          for (const user of [removed, other]) await logOut(world, user)
          await until('the other is told', () => told(other) > before[1])
          return told(removed) === before[0]
        })
      }),
    ),

  'a stream is polled': () =>
    asReceiver(async (site) => {
      const { world } = site
      const [create, poll] = linesOf(
        namedBlock(receivers, 'poll'),
        'curl -u siem:a-long-enough-secret https://auth.example/ssf/poll',
      )
      const { stream_id } = JSON.parse(await typed(site, create)) as { stream_id: string }
      await logOut(world, await world.addUser())
      const said = JSON.parse(await typed(site, filled(poll, { stream_id }))) as { sets: object }
      assert.equal(Object.values(said.sets).map(eventIn), ['session-revoked'])
    }),

  'a logout token comes to the address that was put': () =>
    asReceiver((site) =>
      withReceiver(async (receiver) => {
        const { world } = site
        const address = `${receiver.url}/logout`
        await typed(site, namedBlock(receivers, 'logout').replace(shop, address))
        const user = await world.addUser()
        await logOut(world, user)
        await until('it is told', () => receiver.taken.length === 1)
        const token = new URLSearchParams(receiver.taken[0]).get('logout_token') ?? ''
        assert.is(readJwt(token).claims['sub'], user.sub)
      }),
    ),
})

const directory = 'docs/directory.md'

claims('docs/directory.md, as it is typed', {
  'a directory tells of a change, and every session of the user ends': () =>
    atAuthExample(
      { CURFEW_SERVICE_CLIENTS: 'directory:a-secret-of-theirs:revoke' },
      async ({ world, shell }) => {
        const user = await world.addUser()
        const jar = await opened(world, user)
        const asked = { ...shell, env: { SECRET: 'a-secret-of-theirs' } }
        const block = filled(namedBlock(directory, 'changed'), { sub: user.sub })
        const said = JSON.parse(await printedBy(asked, block)) as Record<string, unknown>
        assert.is(said['id'], user.sub)
        assert.is((await world.me(jar)).status, 401)
      },
    ),

  'the claims hook asks the tenants, at a login and at a refresh': () =>
    inTempFolder('hook', (dir) =>
      withReceiver(async (tenants) => {
        const plans = ['trial', 'paid']
        tenants.answer(() => {
          const plan = plans[tenants.heard.length - 1]
          return { status: 200, body: JSON.stringify({ tenant: 'acme', plan, more: 1 }) }
        })
        const path = join(dir, 'claims.mjs')
        writeFileSync(
          path,
          ledText(namedBlock(directory, 'claims-hook'), { 'http://localhost:9000': tenants.url }),
        )
        await inWorld({ env: { CURFEW_CLAIMS_HOOK: path } }, async (world) => {
          await createUser(world.rooms, { username: 'alice', password: 'correct horse', roles: [] })
          const jar = newJar()
          const claimsOf = () => {
            const { tenant, plan, more } = payloadOf(
              tokenIn(jar, 'access') ?? '',
            ) as unknown as Record<string, unknown>
            return [tenant, plan, more]
          }
          await world.login(jar, 'alice', 'correct horse')
          assert.equal(claimsOf(), ['acme', 'trial', undefined])
          await world.refresh(jar)
          assert.equal(claimsOf(), ['acme', 'paid', undefined])
        })
      }),
    ),
})
