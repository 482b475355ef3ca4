import { newJar } from '../support/processes/browser.ts'
import { assert, claims } from '../support/suite.ts'
import { inWorld } from '../support/worlds/gateway-world.ts'

claims('request ids', {
  'what the caller gives is kept where it has the form of an id, else one is made': () =>
    inWorld({}, async (world) => {
      const sent = async (headers: Readonly<Record<string, string>>): Promise<string> => {
        const answer = await world.send('/me', newJar(), { method: 'GET', headers })
        return String(answer.headers['x-request-id'])
      }
      for (const good of ['a', 'req-1:2.3_4', 'Root=1-67891233-abcdef012345678912345678']) {
        assert.is(await sent({ 'x-request-id': good }), good)
      }
      const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
      assert.is(await sent({ traceparent: `00-${trace}-00f067aa0ba902b7-01` }), trace)
      assert.is(await sent({ 'x-request-id': 'x', traceparent: `00-${trace}-0-01` }), 'x')
      const made = /^[0-9a-f]{32}$/
      for (const bad of [
        'x'.repeat(65),
        'two words',
        '"quoted"',
        'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
      ]) {
        assert.match(await sent({ 'x-request-id': bad }), made, bad)
      }
      assert.match(await sent({ traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` }), made)
      assert.is.not(await sent({}), await sent({}))
    }),

  'every answer has one, whatever it is': () =>
    inWorld({}, async (world) => {
      for (const [method, path] of [
        ['GET', '/nowhere'],
        ['GET', '/readyz'],
        ['DELETE', '/login'],
        ['POST', '/login'],
        ['GET', '/.well-known/jwks.json'],
      ] as const) {
        const { headers } = await world.send(path, newJar(), { method })
        assert.match(String(headers['x-request-id']), /^[0-9a-f]{32}$/, path)
      }
    }),
})
