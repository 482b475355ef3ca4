import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { type Jar, newJar, tokenIn } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import type { World } from '../../support/worlds/gateway-world.ts'
import { alice, inPagedWorld, visit } from '../../support/worlds/paged-world.ts'

const signIn = async (world: World, password = alice.password): Promise<Jar> => {
  const jar = newJar()
  await visit(world, '/sign-in', { jar, form: { ...alice, password } })
  return jar
}
const next = 'a new correct horse'
const change = (world: World, jar: Jar, form: Readonly<Record<string, string>>) =>
  visit(world, '/account/password', { jar, form })

claims('POST /account/password', {
  'changes it, signs all other devices out, and keeps this one': () =>
    inPagedWorld({}, async (world) => {
      const [jar, other] = [await signIn(world), await signIn(world)]
      const form = { current_password: alice.password, new_password: next }
      const answer = await change(world, jar, form)
      assert.equal([answer.status, answer.location], [303, '/account'])
      assert.equal([(await world.me(other)).status, (await world.me(jar)).status], [401, 200])
      assert.match((await visit(world, '/account', { jar })).text, 'Your password is changed.')
      assert.is(tokenIn(await signIn(world), 'access'), null)
      assert.ok(tokenIn(await signIn(world, next), 'access'))
    }),

  'sets each cookie once, also where it renews the session first': () =>
    inPagedWorld({}, async (world) => {
      const jar = await signIn(world)
      const late: Jar = new Map([['refresh', tokenIn(jar, 'refresh') ?? '']])
      const form = { current_password: alice.password, new_password: next }
      const { setCookie, location } = await change(world, late, form)
      assert.is(location, '/account')
      const names = setCookie.map((line) => line.split('=')[0])
      assert.equal([...names].sort(), ['access', 'curfew-notice', 'refresh'])
      assert.is((await world.me(late)).status, 200)
    }),

  'says at the field what is wrong with it, and changes nothing': () =>
    inPagedWorld({}, async (world) => {
      const jar = await signIn(world)
      const cases: readonly (readonly [string, string, string, string])[] = [
        ['not it', next, 'current_password', 'This is not your current password.'],
        [alice.password, 'short', 'new_password', 'Use at least 8 characters.'],
        [alice.password, 'x'.repeat(5_000), 'new_password', 'This is too long.'],
        [alice.password, 'password1', 'new_password', 'Others use this password too'],
        [alice.password, 'aaaaaaaaaaaa', 'new_password', 'Others use this password too'],
        [alice.password, 'alicealice', 'new_password', 'This is too close to your name'],
        [alice.password, 'curfew-1', 'new_password', 'This is too close to your name'],
      ]
      for (const [current, given, field, told] of cases) {
        const form = { current_password: current, new_password: given }
        const { status, text } = await change(world, jar, form)
        assert.is(status, 400, given)
        const input = new RegExp(`id="${field}"[^>]+aria-describedby="[^"]*${field}-problem"[^>]*>`)
        assert.match(text, input)
        assert.match(text, new RegExp(`role="alert" id="${field}-problem">${told}`))
        assert.match(text, 'aria-invalid="true" autofocus')
        assert.not.match(text, given)
      }
      assert.ok(tokenIn(await signIn(world), 'access'))
    }),

  'counts wrong tries as a login does, and says how long to wait': () =>
    inPagedWorld({ clock: fakeClock() }, async (world) => {
      const jar = await signIn(world)
      const form = { current_password: 'wrong', new_password: next }
      let last = await change(world, jar, form)
      for (let tries = 0; last.status === 400 && tries < 100; tries += 1) {
        last = await change(world, jar, form)
      }
      assert.is(last.status, 429)
      assert.match(last.text, 'Too many attempts. Try again in')
      assert.match(last.text, 'Your account')
    }),
})

claims('GET /account/data', {
  'is a file with the account, the sessions and the events': () =>
    inPagedWorld({}, async (world) => {
      const jar = await signIn(world)
      await until('the sign-in is told', async () => {
        const { text } = await visit(world, '/account/data', { jar })
        return text.includes('TokenIssued')
      })
      const { headers, text, status } = await visit(world, '/account/data', { jar })
      assert.is(status, 200)
      assert.is(headers['content-disposition'], 'attachment; filename="account.json"')
      const data = JSON.parse(text) as Record<string, unknown>
      assert.equal(Object.keys(data), ['account', 'sessions', 'events', 'complete'])
      assert.is((data['account'] as { username: string }).username, 'alice')
      assert.is((data['sessions'] as object[]).length, 1)
      assert.is(data['complete'], true)
      for (const kind of ['access', 'refresh'] as const) {
        assert.not.match(text, tokenIn(jar, kind) ?? '')
      }
    }),

  'is for whoever is signed in': () =>
    inPagedWorld({}, async (world) => {
      assert.is((await visit(world, '/account/data')).location, '/sign-in?return_to=%2Faccount')
    }),
})
