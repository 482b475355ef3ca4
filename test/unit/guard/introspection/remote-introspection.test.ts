import type { Fetch } from '../../../../shared/guard/http-client/guard-fetch.ts'
import {
  type Introspect,
  remoteIntrospection,
} from '../../../../shared/guard/introspection/remote-introspection.ts'
import { isAuthError } from '../../../../shared/kernel/errors.ts'
import { signAccess } from '../../../../shared/tokens/signing/sign-token.ts'
import { fakeClock } from '../../../support/fakes/fake-clock.ts'
import { accessClaims, accessRing } from '../../../support/fakes/sample-tokens.ts'
import { assert, claims } from '../../../support/suite.ts'
import { race } from '../../../support/until.ts'
import { freshGuard, guarded, verdictOf } from '../../../support/worlds/guarded.ts'

const claimed = accessClaims()
const token = signAccess(accessRing, claimed)
const sister = signAccess(accessRing, accessClaims({ sid: claimed.sid }))
const url = new URL('https://auth.example/introspect')

/** A stale guard whose introspection answers what the test chooses. */
const staleGuard = async (answer: Introspect) => {
  const state = { answer, asked: 0 }
  const introspect: Introspect = (text, given) => {
    state.asked += 1
    return state.answer(text, given)
  }
  const parts = await freshGuard({ onStale: 'introspect', introspect })
  await parts.clock.advance(60_000)
  return { ...parts, state }
}
const active: Introspect = async () => ({ active: true })
const inactive: Introspect = async () => ({ active: false })

claims('a stale guard that introspects', {
  'asks nobody while it is fresh': async () => {
    const { guard, feed, clock, state } = await staleGuard(active)
    feed.closeTime(clock.now())
    assert.is(await verdictOf(guard, token), 'accepted')
    assert.is(state.asked, 0)
  },
  'accepts and refuses what the authority says': async () => {
    const yes = await staleGuard(active)
    assert.is(await verdictOf(yes.guard, token), 'accepted')
    const no = await staleGuard(inactive)
    assert.is(await verdictOf(no.guard, token), 'refused: revoked')
  },
  'introspects before the log was read, too': async () => {
    const { guard } = await guarded({ onStale: 'introspect', introspect: active })
    assert.is(await verdictOf(guard, token), 'accepted')
    assert.is(guard.ready(), false)
  },
  'answers unavailable when the introspection fails, and asks again': async () => {
    const { guard, state, kinds } = await staleGuard(() => Promise.reject(new Error('down')))
    assert.is(await verdictOf(guard, token), 'unavailable: introspection_failed')
    state.answer = active
    assert.is(await verdictOf(guard, token), 'accepted')
    assert.equal(kinds(), ['introspection_failed'])
  },
  'asks once for callers at once, and keeps the answer as long as it may be stale': async () => {
    const { guard, clock, state } = await staleGuard(active)
    await race(50, () => guard.check(token))
    await clock.advance(4_999)
    assert.is(await verdictOf(guard, token), 'accepted')
    assert.is(state.asked, 1)
    state.answer = inactive
    await clock.advance(1)
    assert.is(await verdictOf(guard, token), 'refused: revoked')
    assert.is(state.asked, 2)
  },
  'keeps an answer for as long as it is told to, or asks for each check': async () => {
    for (const [introspectionKeptMs, asked] of [
      [1_000, 2],
      [0, 4],
    ] as const) {
      const state = { asked: 0 }
      const introspect: Introspect = async () => {
        state.asked += 1
        return { active: true }
      }
      const { guard, clock } = await freshGuard({
        onStale: 'introspect',
        introspect,
        introspectionKeptMs,
      })
      await clock.advance(60_000)
      for (const afterMs of [0, 999, 1, 0]) {
        await clock.advance(afterMs)
        assert.is(await verdictOf(guard, token), 'accepted')
      }
      assert.is(state.asked, asked)
    }
  },
  'an answer’s age begins when it was asked for': async () => {
    const { guard, clock, state } = await staleGuard(async () => {
      await clock.sleep(3_000)
      return { active: true }
    })
    const first = guard.check(token)
    await clock.advance(3_000)
    assert.is((await first).outcome, 'accepted')
    state.answer = inactive
    await clock.advance(2_000)
    assert.is(await verdictOf(guard, token), 'refused: revoked')
  },
  'a token revoked alone does not borrow its sister’s answer': async () => {
    const { guard } = await staleGuard(async (text) => ({ active: text === token }))
    assert.is(await verdictOf(guard, token), 'accepted')
    assert.is(await verdictOf(guard, sister), 'refused: revoked')
    assert.is(await verdictOf(guard, token), 'accepted')
  },
  'a revocation that arrives meanwhile wins': async () => {
    const { guard, feed, clock } = await staleGuard(async () => {
      await clock.sleep(100)
      return { active: true }
    })
    const verdict = guard.check(token)
    feed.revoke(`sid:${claimed.sid}`)
    await clock.advance(100)
    assert.equal(await verdict, { outcome: 'refused', reason: 'revoked' })
  },
})

type Call = Readonly<{ url: string; init: RequestInit | undefined }>
const asked = async (answer: () => Response | Promise<Response>) => {
  const calls: Call[] = []
  const fetch: Fetch = async (input, init) => {
    calls.push({ url: String(input), init })
    return answer()
  }
  const clock = fakeClock()
  const ask = remoteIntrospection({ url, clientId: 'or:ders', secret: 'a b%', clock, fetch })
  const result = ask(token, claimed).catch((error: unknown) =>
    isAuthError(error, 'GUARD_STALE') ? error.message : `thrown: ${error}`,
  )
  await clock.advance(1_000)
  const settled = await result
  const problem = typeof settled === 'string' ? settled : 'none'
  return { result: settled, problem, calls, clock }
}
const answering = (body: string, status = 200) => asked(() => new Response(body, { status }))

claims('remote introspection', {
  'a request is RFC 7662 with encoded Basic credentials, and is not redirected': async () => {
    const { calls, result } = await answering('{"active":true,"sub":"x"}')
    assert.equal(result, { active: true })
    const [call] = calls
    assert.is(call?.url, url.href)
    assert.is(call?.init?.method, 'POST')
    assert.is(call?.init?.redirect, 'error')
    assert.is(call?.init?.body, `token=${token}&token_type_hint=access_token`)
    const authorization = new Headers(call?.init?.headers).get('authorization') ?? ''
    const sent = Buffer.from(authorization.slice('Basic '.length), 'base64').toString()
    assert.is(sent, 'or%3Aders:a+b%25')
  },
  'whatever is no clear answer is a failure': async () => {
    for (const body of ['', '{}', '{"active":"true"}', '{"active":1}', '[]', 'null']) {
      assert.match((await answering(body)).problem, /without `active`/)
    }
    assert.match((await answering('{"active":true,"active":false}')).problem, /without `active`/)
    for (const status of [401, 403, 429, 500, 503]) {
      assert.match((await answering('{"active":true}', status)).problem, String(status))
    }
    assert.match((await answering(' '.repeat(20_000))).problem, /more than/)
  },
  'a late answer is a failure, and leaves no timer': async () => {
    const { problem, clock } = await asked(() => new Promise(() => {}))
    assert.match(problem, /1000 ms/)
    assert.is(clock.sleeping(), 0)
  },
})
