import { callerOf } from '../../../../shared/guard/middleware/caller-of.ts'
import type { GuardHttpOptions } from '../../../../shared/guard/middleware/request-judge.ts'
import { Lifecycle } from '../../../../shared/kernel/lifecycle.ts'
import { signAccess } from '../../../../shared/tokens/signing/sign-token.ts'
import { type RawAnswer, rawRequest } from '../../../http/raw-request.ts'
import { firstLog } from '../../../support/fakes/fake-feed.ts'
import { accessClaims, accessRing } from '../../../support/fakes/sample-tokens.ts'
import { assert, claims } from '../../../support/suite.ts'
import { freshGuard, type Guarded } from '../../../support/worlds/guarded.ts'
import { servers } from '../../../support/worlds/guarded-servers.ts'

const claimed = accessClaims()
const token = signAccess(accessRing, claimed)
const authorization = `Bearer ${token}`
const passed = { caller: { claims: claimed, fresh: true } }

type Sent = Parameters<typeof rawRequest>[1] & Readonly<{ path?: string }>
type World = Guarded & Readonly<{ ask: (sent: Sent) => Promise<RawAnswer> }>

/** Of a connection and of the moment, not of the answer. */
const passing = new Set(['date', 'connection', 'keep-alive'])

/** What is compared: the status, each header in the order of names, and the bytes of the body. */
const shown = ({ status, headers, text }: RawAnswer): string =>
  [
    status,
    ...Object.entries(headers)
      .filter(([name]) => !passing.has(name))
      .map(([name, value]) => `${name}: ${value}`)
      .sort(),
    text,
  ].join('\n')

/** One guard before a server of each kind; `ask` asks them all, and they answer the same. */
const inAll = async (
  work: (world: World) => Promise<void>,
  options: GuardHttpOptions = {},
): Promise<void> => {
  const parts = new Lifecycle()
  try {
    const guarded = await freshGuard()
    const urls = new Map<string, string>()
    for (const [name, serve] of Object.entries(servers)) {
      const server = await parts.use(serve(guarded.guard, { cookieName: 'access', ...options }))
      urls.set(name, server.url)
    }
    const ask = async ({ path = '/', ...sent }: Sent): Promise<RawAnswer> => {
      const answers = new Map<string, RawAnswer>()
      for (const [name, url] of urls) {
        answers.set(name, await rawRequest(`${url}${path}`, { method: 'GET', ...sent }))
      }
      const [[, first] = [], ...others] = answers
      if (!first) throw new Error('no server was asked')
      for (const [name, answer] of others) assert.is(shown(answer), shown(first), name)
      return first
    }
    await work({ ...guarded, ask })
  } finally {
    await parts.close()
  }
}

const codeOf = ({ body }: RawAnswer): unknown => body['code'] ?? body['detail']
const messageOf = ({ body }: RawAnswer): unknown =>
  (body['messages'] as { message: string }[] | undefined)?.[0]?.message

claims('the guard before Koa, Express, Fastify and node:http, answers equal in each byte', {
  'a caller is let in by header or cookie, and known behind the guard': () =>
    inAll(async ({ ask }) => {
      for (const headers of [{ authorization }, { cookie: `x=1; access=${token}` }]) {
        const answer = await ask({ headers: headers as Record<string, string> })
        assert.equal([answer.status, answer.body], [200, passed])
        assert.is(answer.headers['vary'], 'Origin, Authorization, Cookie')
        assert.is(answer.headers['curfew-staleness'], '1.000')
      }
    }),

  'who shows nothing, or half a header, is told so with a challenge': () =>
    inAll(async ({ ask }) => {
      const nothing = [{}, { authorization: 'Basic a' }, { cookie: 'access=' }, { cookie: 'a=b' }]
      for (const headers of nothing as Record<string, string>[]) {
        const answer = await ask({ headers })
        assert.equal(
          [answer.status, codeOf(answer)],
          [401, 'Authentication credentials were not provided.'],
        )
        assert.is(answer.headers['www-authenticate'], 'Bearer realm="api"')
      }
      for (const half of ['Bearer', 'Bearer a b']) {
        const answer = await ask({ headers: { authorization: half } })
        assert.equal([answer.status, codeOf(answer)], [401, 'bad_authorization_header'])
      }
    }),

  // asvs: 15.3.7
  'a cookie that comes twice is a 400, in one header or in two': () =>
    inAll(async ({ ask }) => {
      for (const cookie of [`access=${token}; access=b`, [`access=${token}`, 'access=b']]) {
        const answer = await ask({ headers: { cookie } })
        assert.equal([answer.status, codeOf(answer)], [400, 'cookie_duplicated'])
      }
    }),

  'a token that is no good is refused with the reason, a revoked one at once': () =>
    inAll(async ({ ask, feed, clock }) => {
      const headers = { authorization }
      const bad = await ask({ headers: { authorization: `${authorization.slice(0, -4)}AAAA` } })
      assert.equal([bad.status, messageOf(bad)], [401, 'Token is invalid'])
      assert.is((await ask({ headers })).status, 200)
      feed.revoke(`sid:${claimed.sid}`)
      const revoked = await ask({ headers })
      assert.equal([revoked.status, messageOf(revoked)], [401, 'Token is blacklisted'])
      assert.is(revoked.headers['cache-control'], 'no-store')
      clock.jump(901_000)
      const expired = await ask({ headers })
      assert.equal([expired.status, messageOf(expired)], [401, 'Token is expired'])
    }),

  // asvs: 16.5.3
  'a guard that cannot tell answers 503, and when to come again': () =>
    inAll(async ({ ask, clock }) => {
      await clock.advance(60_000)
      const answer = await ask({ headers: { authorization } })
      assert.equal([answer.status, codeOf(answer)], [503, 'guard_stale'])
      assert.equal(
        [answer.headers['retry-after'], answer.headers['www-authenticate']],
        ['1', undefined],
      )
    }),

  'a route may have another policy': () =>
    inAll(
      async ({ ask, clock }) => {
        await clock.advance(60_000)
        const answer = await ask({ headers: { authorization } })
        assert.equal(answer.body, { caller: { claims: claimed, fresh: false } })
      },
      { onStale: 'allow' },
    ),

  'the position of a request is read, and one that is none is a 400': () =>
    inAll(async ({ ask }) => {
      for (const position of ['x', [`${firstLog}:1`, `${firstLog}:1`]]) {
        const answer = await ask({ headers: { authorization, 'revocation-position': position } })
        assert.equal([answer.status, codeOf(answer)], [400, 'input_invalid'])
      }
      const headers = { authorization, 'Revocation-Position': `${firstLog}:1` }
      assert.is((await ask({ headers })).status, 200)
    }),

  // asvs: 4.1.3
  'nobody names the caller but the guard': () =>
    inAll(async ({ ask }) => {
      const spoofed = { caller: '{"claims":{"sub":"root"}}', 'curfew-sub': 'root' }
      const path = '/?caller[claims][sub]=root&caller=root'
      const without = await ask({ path, headers: spoofed })
      assert.is(without.status, 401)
      assert.not.match(without.text, 'root')
      const withToken = await ask({ path, headers: { ...spoofed, authorization } })
      assert.equal(withToken.body, passed)
    }),

  'every method is judged; a HEAD gets the headers of the GET and no body': () =>
    inAll(async ({ ask }) => {
      for (const [headers, status] of [
        [{}, 401],
        [{ authorization }, 200],
      ] as [Record<string, string>, number][]) {
        for (const method of ['OPTIONS', 'POST', 'DELETE']) {
          assert.is((await ask({ method, headers })).status, status, method)
        }
        const [head, get] = [await ask({ method: 'HEAD', headers }), await ask({ headers })]
        assert.equal([head.status, head.text], [status, ''])
        assert.equal(head.headers['content-length'], get.headers['content-length'])
      }
    }),

  // asvs: 1.2.1
  'nothing of a request comes back in a header': () =>
    inAll(async ({ ask }) => {
      const evil = '%0d%0aSet-Cookie: a=b'
      const answers = [
        await ask({ headers: { authorization: `Bearer ${evil.replace(' ', '')}` } }),
        await ask({ headers: { authorization: evil } }),
        await ask({ headers: { cookie: `access=${evil}` } }),
        await ask({ headers: { authorization, 'revocation-position': evil } }),
      ]
      for (const { status, headers } of answers) {
        assert.ok(status === 401 || status === 400)
        assert.not.match(JSON.stringify(headers), /set-cookie/i)
      }
    }),

  // asvs: 1.3.3
  'a realm or a header type that would end the header is refused at once': async () => {
    const { guard } = await freshGuard()
    const wrong = [{ realm: 'a"b' }, { realm: 'a\r\nb' }, { headerTypes: ['Bearer\r\nX: y'] }]
    for (const options of wrong) {
      for (const [name, serve] of Object.entries(servers)) {
        const refused = await Promise.resolve()
          .then(() => serve(guard, options))
          .then(
            () => 'served',
            (error: unknown) => error instanceof TypeError,
          )
        assert.is(refused, true, name)
      }
    }
  },
})

claims('the caller of a request', {
  'is not to be had where no guard stands': () => {
    assert.throws(() => callerOf({}), TypeError)
  },
})
