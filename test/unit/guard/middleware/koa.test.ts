import Koa from 'koa'
import { createOrdersApp } from '../../../../services/orders/app.ts'
import type { GuardFreshness, Verdict } from '../../../../shared/guard/api/verdict.ts'
import { guardKoa } from '../../../../shared/guard/middleware/koa.ts'
import { listen } from '../../../../shared/http/listen.ts'
import { signAccess } from '../../../../shared/tokens/signing/sign-token.ts'
import { firstLog } from '../../../support/fakes/fake-feed.ts'
import { accessClaims, accessRing } from '../../../support/fakes/sample-tokens.ts'
import { assert, claims } from '../../../support/suite.ts'
import { freshGuard, guarded } from '../../../support/worlds/guarded.ts'

const claimed = accessClaims()
const token = signAccess(accessRing, claimed)

type Answer = Readonly<{ status: number; body: unknown; header: (name: string) => string | null }>
const request = async (
  app: Koa,
  headers: Record<string, string> = {},
  path = '/',
): Promise<Answer> => {
  const server = await listen(app.callback(), { port: 0, host: '127.0.0.1' })
  try {
    const response = await fetch(`${server.url}${path}`, {
      headers: { ...headers, connection: 'close' },
    })
    const text = await response.text()
    return {
      status: response.status,
      body: text === '' ? null : JSON.parse(text),
      header: (name) => response.headers.get(name),
    }
  } finally {
    await server.close()
  }
}

/** An app behind a guard that says `verdict` of every token, and notes the tokens. */
const judged = (verdict: Verdict = { outcome: 'accepted', claims: claimed, fresh: true }) => {
  const tokens: string[] = []
  const check = async (given: string): Promise<Verdict> => {
    tokens.push(given)
    return verdict
  }
  const app = new Koa()
  app.use(guardKoa({ check, freshness }, { cookieName: 'access' }))
  app.use((ctx) => {
    ctx.body = ctx.state['caller']
  })
  return { app, tokens }
}

const freshness = (): GuardFreshness => ({
  closedTime: null,
  stalenessMs: null,
  fresh: false,
  logId: null,
  caughtUp: false,
  blockedAt: null,
})

const notProvided = { detail: 'Authentication credentials were not provided.' }
const badHeader = {
  detail: 'Authorization header must contain two space-delimited values',
  code: 'bad_authorization_header',
}
const notValid = (message: string): object => ({
  detail: 'Given token not valid for any token type',
  code: 'token_not_valid',
  messages: [{ token_class: 'AccessToken', token_type: 'access', message }],
})

claims('guard for Koa', {
  'the caller is known behind it, by header or cookie': async () => {
    const { app, tokens } = judged()
    for (const headers of [
      { authorization: 'Bearer a.b.c' },
      { cookie: 'x=1; access=a.b.c' },
    ] as Record<string, string>[]) {
      const { status, body, header } = await request(app, headers)
      assert.equal([status, body], [200, { claims: claimed, fresh: true }])
      assert.is(header('vary'), 'Authorization, Cookie')
    }
    assert.equal(tokens, ['a.b.c', 'a.b.c'])
  },
  'the header comes before the cookie': async () => {
    const { app, tokens } = judged()
    await request(app, { authorization: 'Bearer header', cookie: 'access=cookie' })
    assert.equal(tokens, ['header'])
  },
  'a header of another scheme leaves the cookie to speak': async () => {
    const { app, tokens } = judged()
    for (const authorization of ['Basic a', 'Negotiate a', 'JWT a.b.c', 'bearer a.b.c', '']) {
      const { status } = await request(app, { authorization, cookie: 'access=cookie' })
      assert.is(status, 200)
    }
    assert.equal(tokens, Array(5).fill('cookie'))
  },
  'requests without credentials get Simple-JWT’s answer': async () => {
    const { app, tokens } = judged()
    const without: Record<string, string>[] = [
      {},
      { authorization: '' },
      { authorization: 'bearer a.b.c' },
      { authorization: 'JWT a.b.c' },
      { authorization: 'Basic a', cookie: 'access=' },
      { cookie: 'access=' },
      { cookie: 'refresh=a.b.c' },
      { cookie: '__Host-access=a.b.c' },
    ]
    for (const headers of without) {
      const { status, body, header } = await request(app, headers)
      assert.equal([status, body], [401, notProvided])
      assert.is(header('www-authenticate'), 'Bearer realm="api"')
    }
    for (const authorization of ['Bearer', 'Bearer a b']) {
      const { status, body } = await request(app, { authorization })
      assert.equal([status, body], [401, badHeader])
    }
    assert.equal(tokens, [])
  },
  'a cookie that comes twice is a 400': async () => {
    const { app, tokens } = judged()
    const { status, body, header } = await request(app, { cookie: 'access=a; access=b' })
    assert.equal([status, header('www-authenticate')], [400, null])
    assert.is((body as { code: string }).code, 'cookie_duplicated')
    assert.equal(tokens, [])
  },
  'each refusal has Simple-JWT’s body': async () => {
    const messages = {
      invalid: 'Token is invalid',
      expired: 'Token is expired',
      wrong_type: 'Token has wrong type',
      revoked: 'Token is blacklisted',
    } as const
    for (const [reason, message] of Object.entries(messages)) {
      const { app } = judged({ outcome: 'refused', reason: reason as keyof typeof messages })
      const { status, body, header } = await request(app, { authorization: 'Bearer a' })
      assert.equal([status, body], [401, notValid(message)])
      assert.is(header('www-authenticate'), 'Bearer realm="api"')
      assert.is(header('cache-control'), 'no-store')
    }
  },
  'what cannot be told is a 503 with Retry-After': async () => {
    const { app } = judged({ outcome: 'unavailable', reason: 'stale' })
    const { status, header } = await request(app, { authorization: 'Bearer a' })
    assert.equal([status, header('retry-after'), header('www-authenticate')], [503, '1', null])
  },
  'a position that is none is a 400, and one in the header reaches the guard': async () => {
    const { guard, feed } = await freshGuard()
    const app = new Koa()
    app.use(guardKoa(guard))
    app.use((ctx) => {
      ctx.body = {}
    })
    const authorization = `Bearer ${token}`
    for (const position of ['', 'x', `${firstLog}:1, ${firstLog}:1`]) {
      const { status, body } = await request(app, {
        authorization,
        'revocation-position': position,
      })
      assert.is(status, 400, position)
      assert.is((body as { code: string }).code, 'input_invalid')
    }
    const asked = request(app, { authorization, 'Revocation-Position': `${firstLog}:2` })
    feed.revoke(`sid:${claimed.sid}`)
    assert.is((await asked).status, 401)
  },
  'answers say how old the guard’s knowledge was at most, unless told not to': async () => {
    const { guard, clock } = await freshGuard()
    await clock.advance(250)
    const authorization = `Bearer ${token}`
    for (const stalenessHeader of [true, false]) {
      const app = new Koa()
      app.use(guardKoa(guard, { stalenessHeader }))
      app.use((ctx) => {
        ctx.body = {}
      })
      const { status, header } = await request(app, { authorization })
      assert.equal([status, header('curfew-staleness')], [200, stalenessHeader ? '1.250' : null])
    }
  },
  'a route may have a policy and a position header of its own': async () => {
    const asked: unknown[] = []
    const check = async (_: string, options: unknown): Promise<Verdict> => {
      asked.push(options)
      return { outcome: 'refused', reason: 'revoked' }
    }
    const app = new Koa()
    app.use(guardKoa({ check, freshness }, { onStale: 'deny', positionHeader: 'X-Seen' }))
    await request(app, { authorization: 'Bearer a.b.c', 'x-seen': 't:1' })
    assert.equal(asked, [{ minPosition: 't:1', onStale: 'deny' }])
  },
  'a realm that would end the header is refused at once': () => {
    const check = async (): Promise<Verdict> => ({ outcome: 'refused', reason: 'invalid' })
    for (const realm of ['a"b', 'a\r\nb', 'ä']) {
      assert.throws(() => guardKoa({ check, freshness }, { realm }), TypeError)
    }
  },
})

const names = { http: { cookieName: 'access' }, userIdClaim: 'user_id' }

claims('orders', {
  // asvs: 10.3.2
  'orders are the caller’s, until the session ends': async () => {
    const { guard, feed } = await freshGuard()
    const app = createOrdersApp({ guard, ...names })
    const cookie = { cookie: `access=${token}` }
    const { status, body } = await request(app, cookie, '/orders')
    assert.is(status, 200)
    const { user_id: userId, orders } = body as { user_id: string; orders: unknown[] }
    assert.equal([userId, orders.length > 0], ['1', true])
    feed.revoke(`sid:${claimed.sid}`)
    const after = await request(app, cookie, '/orders')
    assert.equal([after.status, after.body], [401, notValid('Token is blacklisted')])
  },
  'readiness names the part that is not ready': async () => {
    const { guard, feed, clock } = await guarded()
    const app = createOrdersApp({ guard, ...names })
    assert.is((await request(app, {}, '/healthz')).status, 200)
    const before = await request(app, {}, '/readyz')
    assert.is(before.status, 503)
    assert.equal((before.body as { notReady: string[] }).notReady, ['log', 'revocations'])
    feed.closeTime(clock.now())
    feed.caughtUp()
    assert.is((await request(app, {}, '/readyz')).status, 200)
  },
})
