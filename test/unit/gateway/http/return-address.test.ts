import fc from 'fast-check'
import { returnAddress } from '../../../../services/gateway/http/return-address.ts'
import { originsOf } from '../../../../services/gateway/http/trusted-origins.ts'
import { assert, claims } from '../../../support/suite.ts'

const own = 'https://auth.example'
const rules = {
  ownOrigin: own,
  origins: originsOf(new URL(own), ['https://app.example', 'https://*.shop.example']),
}
const lead = (given: unknown): string | null => returnAddress(given, rules)

/** Where a browser goes that gets this in `Location`. */
const landing = (location: string): URL => new URL(location, `${own}/sign-in`)
const mayLand = ({ origin, username }: URL): boolean =>
  username === '' &&
  /^https:\/\/(auth\.example|app\.example|[a-z0-9-]+\.shop\.example)$/.test(origin)

const pieces = [
  ...['/', '//', '///', '\\', '/\\', '%5c', '%5C', '%2f', '%2F', '%252f', '%255c', '.', '..', './'],
  ...[
    'http:',
    'https:',
    'HTTPS:',
    'javascript:',
    'data:',
    'blob:',
    'file:',
    ':',
    '//',
    '@',
    '?',
    '#',
  ],
  ...['evil.example', 'auth.example', 'app.example', 'a.shop.example', 'user:pw@', '%40', '%09'],
  ...[
    '\t',
    '\n',
    '\r',
    '\0',
    ' ',
    '%0d%0aSet-Cookie:a=b',
    '%00',
    '\u2028',
    '\u3002',
    '。',
    '／',
    '＼',
  ],
  ...['account', 'orders?page=2', '&', '=', ';', '[::1]', '127.0.0.1', ':443', ':8443', 'alert(1)'],
]
const attempts = fc
  .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 7 })
  .map((drawn) => drawn.join(''))

const decodings = (path: string, depth = 3): readonly string[] => {
  if (depth === 0) return [path]
  try {
    return [path, ...decodings(decodeURIComponent(path), depth - 1)]
  } catch {
    return [path]
  }
}

claims('return_to', {
  // asvs: 3.7.2
  'never leads elsewhere than to the own origin and those of the settings, in drawn cases': () => {
    let led = 0
    const nowhereElse = fc.property(attempts, (given) => {
      const address = lead(given)
      if (address === null) return
      led += 1
      const at = landing(address)
      assert.ok(mayLand(at), `${JSON.stringify(given)} leads to ${address}`)
      // What a proxy that decodes a path would make of it.
      for (const path of decodings(at.pathname)) {
        assert.not.match(path, /^[/\\]{2}|[\0-\x1f\\]/, `${JSON.stringify(given)}: ${path}`)
      }
      assert.match(address, /^[\x21-\x7e]+$/)
    })
    fc.assert(nowhereElse, { numRuns: 20_000 })
    assert.ok(led > 100, `only ${led} of the cases led anywhere`)
  },

  'refuses what is known to have worked somewhere': () => {
    const attacks = [
      ...['//evil.example', '///evil.example', '/\\evil.example', '\\\\evil.example', '\\/evil'],
      ...['/%5cevil.example', '/%2fevil.example', '/%252fevil.example', '/.//evil.example'],
      ...['/a/..//evil.example', '/\t/evil.example', '/\n/evil.example', '\t//evil.example'],
      ...[
        'javascript:alert(1)',
        'JaVaScRiPt:alert(1)',
        'java\nscript:alert(1)',
        'data:text/html,x',
      ],
      ...[
        'https://evil.example',
        'https:evil.example',
        'https:/evil.example',
        'http://auth.example',
      ],
      ...['https://auth.example@evil.example', 'https://auth.example:pw@evil.example/'],
      ...[
        'https://user@auth.example/',
        'https://user:pw@app.example/',
        'https://auth.example.evil',
      ],
      ...[
        'https://auth.example:8443/',
        'https://app.example.evil.example',
        'https://evilapp.example',
      ],
      ...[
        'https://shop.example',
        'https://a.b.shop.example',
        'https://auth.example\\@evil.example',
      ],
      ...['https://auth.example//evil.example', '/a\r\nSet-Cookie: a=b', '/%0d%0aSet-Cookie:a=b'],
      ...[
        '',
        ' ',
        ' /account',
        '/account ',
        'account',
        '?a',
        '#a',

        `/${'a'.repeat(2_048)}`,
      ],
      ...[undefined, null, 7, ['/account'], {}],
    ]
    for (const attack of attacks) assert.is(lead(attack), null, JSON.stringify(attack))
  },

  'leads to paths of the own origin, with query and fragment, as they are written': () => {
    for (const path of [
      '/',
      '/account',
      '/orders?page=2&q=%20a',
      '/a/b#c',
      '/%ED%95%9C',
      '/a//b',
      '/100%25',
      '/100%',
    ]) {
      assert.is(lead(path), path)
    }
    assert.is(lead('https://auth.example/orders?page=2'), '/orders?page=2')
    assert.is(lead('/a/../b'), '/b')
  },

  'leads to origins of the settings': () => {
    assert.is(lead('https://app.example'), 'https://app.example/')
    assert.is(lead('https://a.shop.example/x?y#z'), 'https://a.shop.example/x?y#z')
  },

  'knows every loopback name of a gateway on loopback': () => {
    const local = 'http://localhost:3000'
    const { origins } = { origins: originsOf(new URL(local), []) }
    const at = (given: string) => returnAddress(given, { ownOrigin: local, origins })
    assert.is(at('http://127.0.0.1:3000/account'), '/account')
    assert.is(at('http://127.0.0.1:3001/account'), null)
  },
})
