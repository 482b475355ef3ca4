import { once } from 'node:events'
import { connect } from 'node:net'
import fc from 'fast-check'
import { assert, claims } from '../support/suite.ts'
import { inWorld } from '../support/worlds/gateway-world.ts'

/** What a server answers to these bytes before it closes. */
const raw = async (url: string, lines: readonly string[]): Promise<string> => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.setEncoding('utf8')
  let text = ''
  socket.on('data', (chunk: string) => {
    text += chunk
  })
  socket.write([...lines, '', ''].join('\r\n'))
  await once(socket, 'close')
  return text
}
const ask = (url: string, hosts: readonly string[], version = '1.1'): Promise<string> =>
  raw(url, [`GET /healthz HTTP/${version}`, ...hosts, 'Connection: close'])
const statusOf = (answer: string): number => Number(answer.split(' ')[1])

const spelled = fc.constantFrom('Host', 'host', 'HOST', 'hOsT')
const value = fc.constantFrom('a.example', 'b.example', '127.0.0.1:3000', '[::1]', '')
const two = fc.array(
  fc.tuple(spelled, value).map(([name, of]) => `${name}: ${of}`),
  { minLength: 2, maxLength: 3 },
)

claims('the Host header', {
  // asvs: 15.3.7
  'comes once: several are 400, equal ones too, in whatever letters and order': () =>
    inWorld({}, async ({ url }) => {
      await fc.assert(
        fc.asyncProperty(two, fc.constantFrom('1.0', '1.1'), async (hosts, version) => {
          const between = hosts.flatMap((host) => [host, 'X-Other: 1'])
          const answer = await ask(url, between, version)
          assert.is(statusOf(answer), 400, answer)
          assert.match(answer, '"code":"host_invalid"')
        }),
        { numRuns: 40 },
      )
    }),

  'is a host: a list, a path, a user or a blank in it is 400, and so is none at all': () =>
    inWorld({}, async ({ url }) => {
      for (const bad of [
        'a.example, b.example',
        'a.example,b.example',
        'a.example b.example',
        'me@a.example',
        'a.example/x',
        'http://a.example',
        'a.example:80:90',
        'a.example:x',
        '[::1',
        'a\tb',
        'a<b>',
      ]) {
        assert.is(statusOf(await ask(url, [`Host: ${bad}`])), 400, bad)
      }
      assert.is(statusOf(await ask(url, [])), 400)
    }),

  'is taken as every client sends it': () =>
    inWorld({}, async ({ url }) => {
      for (const good of [
        'a.example',
        'A.Example:3000',
        'my_service:3000',
        '10.0.0.1',
        '[::1]:3000',
        '[::ffff:10.0.0.1]',
        'xn--bcher-kva.example',
        'a.example.',
        'a.example:',
      ]) {
        assert.is(statusOf(await ask(url, [`Host: ${good}`])), 200, good)
      }
      assert.is(statusOf(await ask(url, [], '1.0')), 200)
    }),
})
