import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { replacing } from '../../support/fakes/faulty-stores.ts'
import { type Jar, newJar, tokenIn } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World, type WorldOptions } from '../../support/worlds/gateway-world.ts'
import { alice, inPagedWorld, ledBy, type Seen, visit } from '../../support/worlds/paged-world.ts'

const me = async (world: World, jar: Jar): Promise<number> => (await world.me(jar)).status

claims('GET /sign-in', {
  'is a form that a manager of passwords fills in and a screen reader reads': () =>
    inWorld({}, async (world) => {
      const { status, headers, text } = await visit(world, '/sign-in')
      assert.is(status, 200)
      assert.is(headers['content-type'], 'text/html; charset=utf-8')
      assert.match(text, /<html lang="en" dir="ltr">/)
      assert.match(text, /<label for="username">[^<]+<\/label>\s*<input type="text" id="username"/)
      assert.match(text, /autocomplete="username"/)
      assert.match(text, /<label for="password">[^<]+<\/label>\s*<input type="password"/)
      assert.match(text, /autocomplete="current-password"/)
      assert.not.match(text, /<script|<link rel="style|src="|https?:\/\//)
    }),

  'lets nothing load, frame or remember it': () =>
    inWorld({}, async (world) => {
      const { headers, text } = await visit(world, '/sign-in')
      const policy = String(headers['content-security-policy'])
      assert.match(policy, /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'none';/)
      assert.match(policy, "form-action 'self'; object-src 'none'; base-uri 'none'")
      assert.match(policy, "frame-ancestors 'none'")
      assert.is(headers['cache-control'], 'no-store')
      assert.is(headers['referrer-policy'], 'same-origin')
      assert.is(headers['x-content-type-options'], 'nosniff')
      assert.match(text, '<meta name="robots" content="noindex">')
    }),

  'speaks the language of the browser, and says which': () =>
    inWorld({}, async (world) => {
      const headers = { 'accept-language': 'ko-KR,ko;q=0.9,en;q=0.8' }
      const korean = await visit(world, '/sign-in', { headers })
      assert.match(korean.text, /<html lang="ko"/)
      assert.match(korean.text, '로그인')
      assert.is(korean.headers['content-language'], 'ko')
      assert.match(String(korean.headers['vary']), 'Accept-Language')
      const other = await visit(world, '/sign-in', { headers: { 'accept-language': 'fi' } })
      assert.match(other.text, /<html lang="en"/)
    }),

  'keeps a good return_to in the form, drops a bad one, and takes what a mail adds': () =>
    inWorld({}, async (world) => {
      const good = await visit(world, '/sign-in?return_to=%2Forders%3Fa%3D%22%3E&utm_source=mail')
      assert.match(good.text, 'name="return_to" value="/orders?a=%22%3E"')
      for (const bad of ['//evil.example', 'javascript:alert(1)', '/%5cevil.example']) {
        const page = await visit(world, `/sign-in?return_to=${encodeURIComponent(bad)}`)
        assert.is(page.status, 200)
        assert.not.match(page.text, 'return_to')
      }
      const twice = await visit(world, '/sign-in?return_to=/a&return_to=/b')
      assert.not.match(twice.text, 'return_to')
    }),

  'leads on who is signed in, also by the refresh cookie alone': () =>
    inWorld({}, async (world) => {
      const jar = await world.open(await world.addUser())
      assert.is((await visit(world, '/sign-in', { jar })).location, '/account')
      const led = await visit(world, '/sign-in?return_to=/orders', { jar })
      assert.equal([led.status, led.location], [303, '/orders'])
      const late: Jar = new Map([['refresh', tokenIn(jar, 'refresh') ?? '']])
      assert.is(
        (await visit(world, '/sign-in?return_to=/orders', { jar: late })).location,
        '/orders',
      )
      assert.is(await me(world, late), 200)
    }),

  'leads a browser from another site through a page of its own, where it finds its cookies': () =>
    inWorld({}, async (world) => {
      const headers = { 'sec-fetch-site': 'cross-site' }
      const page = await visit(world, '/sign-in?return_to=/orders', { headers })
      assert.is(page.status, 200)
      assert.is(page.headers['refresh'], '0; url=/sign-in?return_to=%2Forders')
      assert.not.match(page.text, '<form')
      const then = await visit(world, '/sign-in?return_to=/orders')
      assert.is(then.headers['refresh'], undefined)
      assert.match(then.text, '<form')
    }),
})

claims('POST /sign-in', {
  'does what POST /login does: cookies, no token in the page, one session': () =>
    inPagedWorld({}, async (world) => {
      const jar = newJar()
      const answer = await visit(world, '/sign-in', { jar, form: alice })
      assert.equal([answer.status, answer.location, answer.text], [303, '/account', ''])
      assert.is(await me(world, jar), 200)
      assert.ok(tokenIn(jar, 'refresh'))
      const again = await visit(world, '/sign-in', {
        jar,
        form: { ...alice, return_to: '/orders' },
      })
      assert.is(ledBy(again), '/orders')
      assert.is(await me(world, jar), 200)
    }),

  'redirects to Curfew’s own pages alone, and leads elsewhere by a page': () =>
    inPagedWorld({ env: { CURFEW_BASE_PATH: '/auth' } }, async (world) => {
      const led = (to: string): Promise<Seen> =>
        visit(world, '/auth/sign-in', { form: { ...alice, return_to: to } })
      const own = [
        '/auth/account',
        '/auth/account?after=x',
        '/auth/console',
        '/auth/console/keys#a',
      ]
      for (const to of own) {
        const { status, location } = await led(to)
        assert.equal([status, location], [303, to])
      }
      const others = ['/', '/consoles', '/account', '/auth/accounts', '/auth/sign-out?return_to=/x']
      for (const to of others) {
        const seen = await led(to)
        assert.equal([ledBy(seen), seen.location], [to, null])
        assert.match(seen.text, `href="${to}"`)
        assert.is(seen.setCookie.length, 2)
      }
    }),

  'sets cookies that go with the browser, unless it is to remember': () =>
    inPagedWorld({}, async (world) => {
      const plain = await visit(world, '/sign-in', { form: alice })
      assert.is(plain.setCookie.length, 2)
      assert.not.match(plain.setCookie.join(), 'Max-Age')
      const form = { ...alice, remember: 'true' }
      const kept = await visit(world, '/sign-in', { form })
      assert.ok(kept.setCookie.every((line) => /Max-Age=[1-9]/.test(line)))
    }),

  'opens a session that can be used where sliding tokens alone are taken': () =>
    inPagedWorld({ env: { CURFEW_AUTH_TOKEN_CLASSES: 'sliding' } }, async (world) => {
      const jar = newJar()
      assert.is((await visit(world, '/sign-in', { jar, form: alice })).location, '/account')
      assert.is((await visit(world, '/account', { jar })).status, 200)
      assert.is(tokenIn(jar, 'refresh'), null)
    }),

  'tells a wrong password in words, keeps the name, and never the password': () =>
    inPagedWorld({}, async (world) => {
      const form = { username: 'alice', password: 'wrong-<b>', remember: 'true', return_to: '/o' }
      const { status, text, setCookie } = await visit(world, '/sign-in', { form })
      assert.is(status, 401)
      assert.match(text, /role="alert" id="problem">The name or the password is wrong\./)
      assert.match(text, /id="username" name="username" value="alice"/)
      assert.match(text, /aria-invalid="true" aria-describedby="problem"/)
      assert.match(text, /required autofocus aria-invalid/)
      assert.match(text, 'name="return_to" value="/o"')
      assert.match(text, ' checked')
      assert.not.match(text, 'wrong-')
      assert.equal(setCookie, [])
    }),

  'escapes a name that is markup': () =>
    inPagedWorld({}, async (world) => {
      const form = { username: '"><script>alert(1)</script>', password: 'x' }
      const { text } = await visit(world, '/sign-in', { form })
      assert.not.match(text, '<script')
      assert.match(text, 'value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"')
    }),

  'asks for what was left empty': () =>
    inPagedWorld({}, async (world) => {
      for (const form of [{ username: '', password: 'x' }, { username: 'alice' }, {}]) {
        const { status, text } = await visit(world, '/sign-in', { form: { a: '', ...form } })
        assert.is(status, 400)
        assert.match(text, 'Enter your name and your password.')
      }
    }),

  'says how long to wait where there were too many tries, by the limits of POST /login': () =>
    inPagedWorld({ clock: fakeClock() }, async (world) => {
      const form = { username: 'alice', password: 'wrong' }
      const statuses: number[] = []
      let last = await visit(world, '/sign-in', { form })
      for (let tries = 0; last.status === 401 && tries < 100; tries += 1) {
        statuses.push(last.status)
        last = await visit(world, '/sign-in', { form })
      }
      assert.is(last.status, 429)
      assert.match(last.text, /Too many attempts\. Try again in \d+ (second|minute|hour|day)s?\./)
      assert.ok(Number(last.headers['retry-after']) > 0)
      assert.is((await world.login(newJar(), 'alice', alice.password)).status, 429)
    }),

  'says that nothing was changed where the store is away, and keeps the name': () => {
    let isDown = false
    const wrap: WorldOptions['wrap'] = (ports) => ({
      ...ports,
      store: replacing<EventStore>(ports.store, {
        heads: async (streams) => {
          if (isDown) throw new AuthError('STORE_UNAVAILABLE', 'down')
          return ports.store.heads(streams)
        },
      }),
    })
    return inPagedWorld({ wrap }, async (world) => {
      isDown = true
      const { status, text, headers } = await visit(world, '/sign-in', { form: alice })
      isDown = false
      assert.is(status, 503)
      assert.match(text, 'cannot be reached at the moment. Nothing was changed. Try again.')
      assert.match(text, 'value="alice"')
      assert.ok(headers['retry-after'])
    })
  },

  // asvs: 3.5.1
  'signs nobody in for a page of another site, and says so in words': () =>
    inPagedWorld({}, async (world) => {
      for (const headers of [
        { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
        { 'sec-fetch-site': 'same-site', origin: 'http://localhost:1' },
        { 'sec-fetch-site': '', origin: 'null' },
      ]) {
        const { status, setCookie, text } = await visit(world, '/sign-in', { form: alice, headers })
        assert.equal([status, setCookie], [403, []])
        assert.match(text, 'a page of another site')
      }
    }),

  'takes a form, and nothing that a script sends': () =>
    inPagedWorld({}, async (world) => {
      const answer = await world.send('/sign-in', newJar(), { json: alice })
      assert.equal([answer.status, answer.setCookie], [415, []])
    }),

  'works below a base path': () =>
    inPagedWorld({ env: { CURFEW_BASE_PATH: '/auth' } }, async (world) => {
      const jar = newJar()
      assert.match((await visit(world, '/auth/sign-in')).text, 'action="/auth/sign-in"')
      const answer = await visit(world, '/auth/sign-in', { jar, form: alice })
      assert.is(answer.location, '/auth/account')
      assert.is((await visit(world, '/auth/account', { jar })).status, 200)
      assert.is((await visit(world, '/sign-in')).status, 404)
    }),
})
