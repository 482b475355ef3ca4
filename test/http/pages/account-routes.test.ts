import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { type Jar, newJar, tokenIn } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { alice, inPagedWorld, type Seen, visit } from '../../support/worlds/paged-world.ts'

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

const signIn = async (world: World, agent = firefox): Promise<Jar> => {
  const jar = newJar()
  await visit(world, '/sign-in', { jar, form: alice, headers: { 'user-agent': agent } })
  assert.ok(tokenIn(jar, 'access'))
  return jar
}
const refreshOnly = (jar: Jar): Jar => new Map([['refresh', tokenIn(jar, 'refresh') ?? '']])

/** The page once it shows what was just done: lists and events follow the log. */
const shows = async (world: World, jar: Jar, wanted: RegExp): Promise<Seen> => {
  let page = await visit(world, '/account', { jar })
  await until(`the page shows ${wanted}`, async () => {
    page = await visit(world, '/account', { jar })
    return wanted.test(page.text)
  })
  return page
}
const sidsOf = ({ text }: Seen): readonly string[] =>
  [...text.matchAll(/name="sid" value="([0-9a-f]{32})"/g)].map(([, sid = '']) => sid)
const ownSid = async (world: World, jar: Jar): Promise<string> =>
  ((await world.me(jar)).body as { sid: string }).sid

claims('GET /account', {
  'leads to the sign-in and back where nobody is signed in': () =>
    inPagedWorld({}, async (world) => {
      for (const jar of [newJar(), new Map([['access', 'a.b.c']]), new Map([['refresh', '']])]) {
        const { status, location } = await visit(world, '/account', { jar })
        assert.equal([status, location], [303, '/sign-in?return_to=%2Faccount'])
      }
    }),

  'shows where one is signed in, from where and since when, and which of them is this one': () =>
    inPagedWorld({}, async (world) => {
      const jar = await signIn(world)
      await signIn(world, 'curl/8.5.0')
      const page = await shows(world, jar, /curl\/8\.5\.0<\/strong>/)
      assert.is(page.status, 200)
      assert.match(page.text, /<strong>Firefox on Linux<\/strong>\s*<span class="tag">This device/)
      assert.is(page.text.match(/This device/g)?.length, 1)
      assert.match(page.text, 'From 127.0.0.1')
      assert.match(page.text, /Since <time datetime="20\d\d-/)
      assert.is(sidsOf(page).length, 2)
      assert.match(page.text, 'Signed in as alice')
    }),

  'escapes an agent that is markup, in the list and in the history': () =>
    inPagedWorld({}, async (world) => {
      const agent = `"><img src=x onerror=alert(1)>'\`</li>`
      const jar = await signIn(world, agent)
      const page = await shows(world, jar, /<strong>Signed in<\/strong>/)
      assert.not.match(page.text, /<img|onerror=alert\(1\)>/)
      assert.ok(page.text.split('&quot;&gt;&lt;img src=x onerror=alert(1)&gt;&#39;').length >= 3)
    }),

  'tells what happened: sign-ins, wrong passwords, ends; and no rotations': () =>
    inPagedWorld({}, async (world) => {
      const jar = await signIn(world)
      await visit(world, '/sign-in', { form: { ...alice, password: 'wrong' } })
      await world.refresh(jar)
      const { text } = await shows(world, jar, /wrong password<\/strong>/)
      assert.match(text, /<li class="alert"><div><strong>Somebody entered a wrong password/)
      assert.is(text.match(/<strong>Signed in<\/strong>/g)?.length, 1)
    }),

  'leads administrators and auditors to the console, and nobody else': () =>
    inPagedWorld({}, async (world) => {
      for (const [role, leads] of [
        ['admin', true],
        ['audit', true],
        ['editor', false],
      ] as const) {
        const user = await world.addUser()
        await world.state.directory.change(user.sub, { roles: [role] })
        const { text } = await visit(world, '/account', { jar: await world.open(user) })
        assert.is(text.includes('href="/console"'), leads, role)
      }
    }),

  'holds no token': () =>
    inPagedWorld({}, async (world) => {
      const jar = await signIn(world)
      const { text } = await visit(world, '/account', { jar })
      for (const kind of ['access', 'refresh'] as const) {
        for (const part of (tokenIn(jar, kind) ?? '').split('.')) assert.not.match(text, part)
      }
    }),

  'renews a session whose access token is over, without a script, and shows it at once': () =>
    inPagedWorld({ clock: fakeClock() }, async (world) => {
      const jar = await signIn(world)
      const late = refreshOnly(jar)
      const page = await visit(world, '/account', { jar: late })
      assert.is(page.status, 200)
      assert.match(page.text, 'Signed in as alice')
      assert.ok(tokenIn(late, 'access'))
      assert.not.equal(tokenIn(late, 'refresh'), tokenIn(jar, 'refresh'))
      assert.is((await visit(world, '/account', { jar: late })).setCookie.length, 0)
    }),

  'renews it for two tabs at once, and signs nobody out': () =>
    inPagedWorld({}, async (world) => {
      const late = refreshOnly(await signIn(world))
      const tabs = [new Map(late), new Map(late), new Map(late)]
      const pages = await Promise.all(tabs.map((jar) => visit(world, '/account', { jar })))
      assert.equal(
        pages.map(({ status }) => status),
        [200, 200, 200],
      )
      for (const jar of tabs) assert.is((await world.me(jar)).status, 200)
    }),

  'does not renew what ended: its cookies go, and the browser is led to the sign-in': () =>
    inPagedWorld({}, async (world) => {
      const jar = await signIn(world)
      const copy: Jar = new Map(jar)
      await world.logout(copy)
      const { location } = await visit(world, '/account', { jar })
      assert.is(location, '/sign-in?return_to=%2Faccount')
      assert.is(jar.size, 0)
    }),

  'is there where no events are kept, and says so': () =>
    inWorld({}, async (world) => {
      const jar = await world.open(await world.addUser())
      const { status, text } = await visit(world, '/account', { jar })
      assert.is(status, 200)
      assert.match(text, /No history is kept here\.|Nothing yet\./)
    }),
})

claims('POST /account/sessions/end', {
  'ends that session everywhere, says so once, and leaves the others': () =>
    inPagedWorld({}, async (world) => {
      const [jar, other] = [await signIn(world), await signIn(world, 'curl/8.5.0')]
      await shows(world, jar, /curl\/8\.5\.0<\/strong>/)
      const form = { sid: await ownSid(world, other) }
      const answer = await visit(world, '/account/sessions/end', { jar, form })
      assert.equal([answer.status, answer.location], [303, '/account'])
      assert.equal([(await world.me(other)).status, (await world.me(jar)).status], [401, 200])
      const page = await visit(world, '/account', { jar })
      assert.match(page.text, 'role="status">That session has ended. It is refused everywhere.')
      assert.not.match((await visit(world, '/account', { jar })).text, 'role="status"')
      await visit(world, '/account/sessions/end', { jar, form })
      const again = await visit(world, '/account', { jar })
      assert.match(again.text, /That session (has|had) ended/)
    }),

  'of this device signs out': () =>
    inPagedWorld({}, async (world) => {
      const jar = await signIn(world)
      const form = { sid: await ownSid(world, jar) }
      const answer = await visit(world, '/account/sessions/end', { jar, form })
      assert.is(answer.location, '/sign-in')
      assert.is(tokenIn(jar, 'access'), null)
      assert.match((await visit(world, '/sign-in', { jar })).text, 'You are signed out.')
    }),

  'ends nobody else’s session, and does not tell whether it is there': () =>
    inPagedWorld({}, async (world) => {
      const jar = await signIn(world)
      const stranger = await world.open(await world.addUser())
      for (const sid of [await ownSid(world, stranger), 'f'.repeat(32), '<b>', '../me']) {
        const answer = await visit(world, '/account/sessions/end', { jar, form: { sid } })
        assert.is(answer.location, '/account')
        assert.match((await visit(world, '/account', { jar })).text, 'had ended already')
      }
      assert.is((await world.me(stranger)).status, 200)
    }),

  'renews first where the access token is over, and then ends it': () =>
    inPagedWorld({}, async (world) => {
      const [jar, other] = [await signIn(world), await signIn(world)]
      const form = { sid: await ownSid(world, other) }
      const late = refreshOnly(jar)
      const answer = await visit(world, '/account/sessions/end', { jar: late, form })
      assert.is(answer.location, '/account')
      assert.is((await world.me(other)).status, 401)
      assert.is((await world.me(late)).status, 200)
    }),

  // asvs: 3.5.1
  'does nothing for a page of another site': () =>
    inPagedWorld({}, async (world) => {
      const [jar, other] = [await signIn(world), await signIn(world)]
      const form = { sid: await ownSid(world, other) }
      const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
      for (const path of ['/account/sessions/end', '/account/sessions/end-others', '/sign-out']) {
        assert.is((await visit(world, path, { jar, form, headers })).status, 403)
      }
      assert.equal([(await world.me(other)).status, (await world.me(jar)).status], [200, 200])
    }),
})

claims('POST /account/sessions/end-others', {
  'ends all other sessions, and leaves this device signed in': () =>
    inPagedWorld({}, async (world) => {
      const [jar, ...others] = [await signIn(world), await signIn(world), await signIn(world)]
      const form = { a: '' }
      const answer = await visit(world, '/account/sessions/end-others', { jar, form })
      assert.equal([answer.status, answer.location], [303, '/account'])
      for (const other of others) assert.is((await world.me(other)).status, 401)
      const page = await visit(world, '/account', { jar })
      assert.match(page.text, 'Only this device is signed in.')
      assert.is((await world.me(jar)).status, 200)
    }),
})
