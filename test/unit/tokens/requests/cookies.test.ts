import {
  cookiePolicy,
  cookiesOfParentPaths,
  cookieValues,
  deleteCookie,
  readCookie,
  serializeCookie,
} from '../../../../shared/tokens/requests/cookies.ts'
import { assert, claims } from '../../../support/suite.ts'

const decide = (url: string, insecure = false, basePath = '/auth') =>
  cookiePolicy({ publicUrl: new URL(url), basePath, insecure })
const policyOf = (url: string, insecure = false) => {
  const decision = decide(url, insecure)
  if (decision.ok) return decision.policy
  throw new Error(decision.mistake)
}
const secure = policyOf('https://auth.example')
const read = (header: string | undefined, name = '__Host-access') => readCookie(header, name)

claims('cookies', {
  // asvs: 3.3.1
  'https gives prefixed names': () => {
    assert.equal(secure, {
      access: { name: '__Host-access', path: '/', sameSite: 'Lax', secure: true },
      refresh: { name: '__Secure-refresh', path: '/auth', sameSite: 'Strict', secure: true },
    })
  },
  // asvs: 3.3.2
  'for pages of other sites they are SameSite=None and partitioned': () => {
    const publicUrl = new URL('https://auth.example')
    const made = cookiePolicy({ publicUrl, basePath: '/', insecure: false, crossSite: true })
    assert.ok(made.ok)
    for (const shape of [made.policy.access, made.policy.refresh]) {
      const attributes = '; Path=/; HttpOnly; SameSite=None; Secure; Partitioned'
      assert.ok(serializeCookie(shape, 'a.b.c', 9).endsWith(`; Max-Age=9${attributes}`))
      assert.ok(deleteCookie(shape).endsWith(attributes))
    }
  },
  'http on loopback gives plain names': () => {
    const hosts = ['localhost:3000', 'app.localhost', '127.0.0.1', '127.1.2.3:80', '[::1]:3000']
    for (const host of hosts) {
      const { access, refresh } = policyOf(`http://${host}`)
      assert.equal([access.name, access.secure], ['access', false])
      assert.equal([refresh.name, refresh.path], ['refresh', '/auth'])
    }
  },
  // asvs: 12.2.1
  'http elsewhere is a mistake, unless it is meant': () => {
    for (const host of ['auth.example', 'localhost.example', '10.0.0.1', '127.0.0.1.example']) {
      const decision = decide(`http://${host}`)
      assert.ok(!decision.ok && decision.mistake.includes('CURFEW_INSECURE_COOKIES'))
      assert.is(policyOf(`http://${host}`, true).access.name, 'access')
    }
  },
  'a base path that would end the header is a mistake': () => {
    for (const path of ['auth', '/a;Domain=x', '/a b', '/a\r\nX: y']) {
      assert.is(decide('https://auth.example', false, path).ok, false)
    }
  },
  'a cookie is written with all its attributes': () => {
    assert.is(
      serializeCookie(secure.access, 'a.b.c', 900.9),
      '__Host-access=a.b.c; Max-Age=900; Path=/; HttpOnly; SameSite=Lax; Secure',
    )
    assert.is(
      serializeCookie(policyOf('http://localhost').refresh, 'a.b.c', null),
      'refresh=a.b.c; Path=/auth; HttpOnly; SameSite=Strict',
    )
  },
  'a deletion repeats name, path and attributes': () => {
    assert.is(
      deleteCookie(secure.refresh),
      '__Secure-refresh=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; ' +
        'Path=/auth; HttpOnly; SameSite=Strict; Secure',
    )
  },
  // asvs: 1.2.1, 1.3.3
  'a value that browsers drop or that splits a header is refused': () => {
    const fits = 4096 - '__Host-access'.length
    serializeCookie(secure.access, 'x'.repeat(fits), 1)
    for (const value of ['x'.repeat(fits + 1), 'a;b', 'a\r\nb', 'a b', '"a"', 'ä']) {
      assert.throws(
        () => serializeCookie(secure.access, value, 1),
        (error: { code: string }) => error.code === 'INPUT_INVALID',
      )
    }
  },
  'a protected cookie is read wherever it stands': () => {
    const value = { kind: 'value', value: 'a.b.c' }
    assert.equal(read('__Host-access=a.b.c'), value)
    assert.equal(read('x=1; __Host-access=a.b.c; y=2'), value)
    assert.equal(read('x=1;__Host-access=a.b.c'), value)
    assert.equal(read('__Host-access=a=b'), { kind: 'value', value: 'a=b' })
    for (const header of [undefined, '', 'x=1', '__Host-access', ';;;']) {
      assert.equal(read(header), { kind: 'absent' })
    }
  },
  'a protected cookie that comes with two values is neither': () => {
    for (const header of ['__Host-access=a; __Host-access=b', '__Host-access=a;__Host-access=']) {
      assert.equal(read(header), { kind: 'duplicated' })
    }
  },
  'the same value from several paths is one': () => {
    for (const header of [
      '__Host-access=a;__Host-access=a',
      'x=1; __Host-access=a; x=2; __Host-access=a',
    ]) {
      assert.equal(read(header), { kind: 'value', value: 'a' })
    }
    assert.equal(cookieValues('r=a; r=b; R=c; r=a; r=', 'r'), ['a', 'b'])
    assert.equal(cookieValues(undefined, 'r'), [])
  },
  'a path has every path above it as an ancestor, and none beside it': () => {
    const above = (path: string): string[] =>
      cookiesOfParentPaths({ ...secure.refresh, path }).map((shape) => shape.path)
    assert.equal(above('/'), [])
    assert.equal(above('/auth'), ['/'])
    assert.equal(above('/a/b/c'), ['/', '/a', '/a/b'])
  },
  'names are compared byte by byte': () => {
    const tossed = ['\u00a0__Host-access', ' \t__Host-access', '__host-access', '__Host-access ']
    for (const name of tossed) {
      assert.equal(read(`x=1; ${name}=evil`), { kind: 'absent' })
      assert.equal(read(`${name}=evil; __Host-access=mine`), { kind: 'value', value: 'mine' })
    }
  },
  'a header of blanks is read in a time that its length bounds': () => {
    // The square of two million would not end within the claim.
    const blanks = ' \t'.repeat(1_000_000)
    const found = read(`other=y${blanks}x; access=${blanks}token${blanks}`, 'access')
    assert.equal(found, { kind: 'value', value: 'token' })
  },

  'a value may stand in quotes and white space, which are not of it': () => {
    for (const value of ['mine', '"mine"', ' mine', 'mine \t', ' "mine" ']) {
      assert.equal(read(`$Version=1; __Host-access=${value}; x=1`), {
        kind: 'value',
        value: 'mine',
      })
    }
    for (const value of ['"mine', 'mine"', '"']) {
      assert.equal(read(`__Host-access=${value}`), { kind: 'value', value })
    }
    assert.equal(read('__Host-access=""'), { kind: 'value', value: '' })
  },
})
