import type { IncomingMessage } from 'node:http'
import fc from 'fast-check'
import { answerHeaders, requestHeaders } from '../../../../services/console/alone/passed-headers.ts'
import { assert, claims } from '../../../support/suite.ts'

const gateway = new URL('https://auth.example/auth')

const requestWith = (headers: Readonly<Record<string, string>>, remoteAddress = '192.0.2.7') =>
  ({ headers, socket: { remoteAddress } }) as unknown as IncomingMessage

const hops = ['Connection', 'Keep-Alive', 'TE', 'Trailer', 'Transfer-Encoding', 'Upgrade']
const names = fc.constantFrom(...hops, 'X-One', 'x-one', 'Set-Cookie', 'Content-Type', 'Vary')
const lines = fc.array(fc.tuple(names, fc.constantFrom('a', 'close', 'x-one, Vary', 'x')), {
  maxLength: 12,
})

claims('headers that a console alone passes on', {
  'of a request: those that the gateway reads, and no credentials but cookies': () => {
    const given = {
      ...{ cookie: 'access=a', authorization: 'Bearer x', 'proxy-authorization': 'Basic x' },
      ...{ host: 'console.example', connection: 'x-one', 'x-one': '1', te: 'trailers' },
      ...{ 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', forwarded: 'for=x' },
      ...{ origin: 'https://console.example', 'sec-fetch-site': 'same-origin' },
      ...{ 'last-event-id': '7', 'content-type': 'application/json', 'content-length': '9' },
    }
    assert.equal(requestHeaders(requestWith(given)), {
      cookie: 'access=a',
      'content-type': 'application/json',
      'last-event-id': '7',
      origin: 'https://console.example',
      'sec-fetch-site': 'same-origin',
      'x-forwarded-for': '192.0.2.7',
      via: '1.1 curfew-console',
    })
  },

  'the address that asks stands last, whatever was claimed before it': () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 3_000 }), (claimed) => {
        const sent = requestHeaders(requestWith({ 'x-forwarded-for': claimed }))
        const chain = String(sent['x-forwarded-for'])
        assert.is(chain.split(',').at(-1)?.trim(), '192.0.2.7')
        assert.ok(chain.length < 1_100)
      }),
    )
  },

  'of an answer: all but those of its connection, each with all its values': () => {
    fc.assert(
      fc.property(lines, (drawn) => {
        const named = drawn
          .filter(([name]) => name === 'Connection')
          .flatMap(([, value]) => value.toLowerCase().split(/, /))
        const gone = new Set([...hops.map((name) => name.toLowerCase()), ...named])
        const wanted = new Map<string, string[]>()
        for (const [name, value] of drawn) {
          const key = name.toLowerCase()
          if (!gone.has(key)) wanted.set(key, [...(wanted.get(key) ?? []), value])
        }
        assert.equal([...answerHeaders({ rawHeaders: drawn.flat() }, gateway)], [...wanted])
      }),
    )
  },

  'a redirect to the gateway leads to the same path of the console': () => {
    const led = (location: string) =>
      answerHeaders({ rawHeaders: ['Location', location] }, gateway)
        .get('location')
        ?.join()
    assert.is(led('https://auth.example/auth/account?a=1#b'), '/auth/account?a=1#b')
    assert.is(
      led('/auth/sign-in?return_to=%2Fauth%2Fconsole'),
      '/auth/sign-in?return_to=%2Fauth%2Fconsole',
    )
    assert.is(led('https://app.example/x'), 'https://app.example/x')
    // As a path of the console it would be another host.
    assert.is(led('https://auth.example//evil.example/x'), 'https://auth.example//evil.example/x')
    assert.is(led('http://auth.example/x'), 'http://auth.example/x')
  },
})
