import { type Jar, newJar, tokenIn } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld } from '../../support/worlds/gateway-world.ts'
import { ledBy, visit } from '../../support/worlds/paged-world.ts'

claims('/sign-out', {
  'asks first: a link signs nobody out': () =>
    inWorld({}, async (world) => {
      const user = await world.addUser()
      const jar = await world.open(user)
      const { status, text } = await visit(world, '/sign-out?return_to=/bye', { jar })
      assert.is(status, 200)
      assert.match(text, `You are signed in as ${user.username}.`)
      assert.match(text, 'name="return_to" value="/bye"')
      assert.is((await world.me(jar)).status, 200)
    }),

  'ends the session, clears the cookies, and says so once': () =>
    inWorld({}, async (world) => {
      const jar = await world.open(await world.addUser())
      const stolen: Jar = new Map(jar)
      const answer = await visit(world, '/sign-out', { jar, form: { a: '' } })
      assert.equal([answer.status, answer.location], [303, '/sign-in'])
      assert.is(tokenIn(jar, 'access'), null)
      assert.is((await world.me(stolen)).status, 401)
      const form = await visit(world, '/sign-in', { jar })
      assert.match(form.text, /role="status">You are signed out\./)
      assert.not.match((await visit(world, '/sign-in', { jar })).text, 'You are signed out.')
    }),

  'leads to return_to, if that is allowed': () =>
    inWorld({ env: { CURFEW_RETURN_ORIGINS: 'https://app.example' } }, async (world) => {
      const leave = async (to: string, jar?: Jar) => {
        const own = jar ?? (await world.open(await world.addUser()))
        return visit(world, '/sign-out', { jar: own, form: { return_to: to } })
      }
      const bye = 'https://app.example/bye'
      assert.is(ledBy(await leave(bye)), bye)
      assert.is(ledBy(await leave(bye, newJar())), `/sign-out?return_to=${encodeURIComponent(bye)}`)
      assert.is((await leave('https://evil.example/bye')).location, '/sign-in')
    }),

  'does not say that it signed anybody out who was not signed in': () =>
    inWorld({}, async (world) => {
      const jar = newJar()
      const answer = await visit(world, '/sign-out', { jar, form: { a: '' } })
      assert.equal([answer.location, answer.setCookie], ['/sign-out', []])
      assert.is((await visit(world, '/sign-out', { jar })).location, '/sign-in')
      assert.match((await visit(world, '/sign-in', { jar })).text, 'You were not signed in.')
      assert.is((await visit(world, '/sign-out')).location, '/sign-in')
    }),

  'says nothing that a link or a forged cookie wants it to say': () =>
    inWorld({}, async (world) => {
      for (const value of ['<b>', 'call_us', 'password', 'signed_out%20']) {
        const jar: Jar = new Map([['curfew-notice', value]])
        const { text, status } = await visit(world, '/sign-in?notice=signed_out', { jar })
        assert.is(status, 200)
        assert.not.match(text, 'role="status"')
        assert.is(jar.size, 0)
      }
    }),
})
