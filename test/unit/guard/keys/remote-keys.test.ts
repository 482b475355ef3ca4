import type { GuardAlarm } from '../../../../shared/guard/api/alarm.ts'
import type { Fetch } from '../../../../shared/guard/http-client/guard-fetch.ts'
import { remoteKeys } from '../../../../shared/guard/keys/remote-keys.ts'
import { createRing } from '../../../../shared/tokens/key-rings/key-ring.ts'
import { publicJwks } from '../../../../shared/tokens/key-rings/public-jwks.ts'
import { signAccess } from '../../../../shared/tokens/signing/sign-token.ts'
import { fakeClock } from '../../../support/fakes/fake-clock.ts'
import { accessClaims, accessRing, instant } from '../../../support/fakes/sample-tokens.ts'
import { seededEntropy } from '../../../support/fakes/seeded-entropy.ts'
import { assert, claims } from '../../../support/suite.ts'
import { race } from '../../../support/until.ts'
import { freshGuard, guarded, verdictOf } from '../../../support/worlds/guarded.ts'

const url = new URL('https://auth.example/.well-known/jwks.json')
const json = { 'content-type': 'application/jwk-set+json; charset=utf-8' }
const setOf = (ring: typeof accessRing): string => JSON.stringify(publicJwks(ring, instant))
const good = (): Response => new Response(setOf(accessRing), { headers: json })
const entropy = seededEntropy('jwks')
const otherRing = createRing('access', { alg: 'ES256', entropy })

type Answer = (init: RequestInit | undefined) => Response | Promise<Response>
/** Remote keys whose answers the test chooses. */
const remote = (answer: Answer) => {
  const clock = fakeClock()
  const alarms: GuardAlarm[] = []
  const state = { answer, fetched: 0 }
  const fetch: Fetch = async (_, init) => {
    state.fetched += 1
    return state.answer(init)
  }
  const keys = remoteKeys({ url, clock, fetch, onAlarm: (alarm) => alarms.push(alarm) })
  return { keys, clock, alarms, state, knows: () => keys.get(accessRing.active.kid) !== undefined }
}

const never = (): Promise<Response> => new Promise(() => {})
const endless = (): Response => {
  const pull = (controller: ReadableStreamDefaultController): void =>
    controller.enqueue(new Uint8Array(32 * 1024))
  return new Response(new ReadableStream({ pull }), { headers: json })
}

claims('remote keys', {
  'the set is fetched once and then known': async () => {
    const { keys, state, knows } = remote(good)
    assert.is(keys.ready(), false)
    await keys.refresh()
    assert.equal([keys.ready(), knows(), state.fetched], [true, true, 1])
    assert.is(keys.get('nobody'), undefined)
  },
  'callers at once share one request, and all have its keys': async () => {
    const { keys, state, knows } = remote(good)
    const known = await race(50, () => keys.refresh().then(knows))
    assert.equal([state.fetched, known.every(Boolean)], [1, true])
  },
  'a storm of unknown keys is one request in 30 s': async () => {
    const { keys, state, clock } = remote(good)
    await keys.refresh()
    for (let second = 1; second <= 90; second += 1) {
      await clock.advance(1_000)
      await keys.refresh()
    }
    assert.is(state.fetched, 4)
  },
  'without any key it asks again after a second': async () => {
    const { keys, state, clock } = remote(() => new Response('', { status: 503 }))
    await keys.refresh()
    await keys.refresh()
    assert.is(state.fetched, 1)
    await clock.advance(1_000)
    state.answer = good
    await keys.refresh()
    assert.equal([keys.ready(), state.fetched], [true, 2])
  },
  'bad answers change nothing and raise an alarm': async () => {
    const d = accessRing.active.signer.export({ format: 'jwk' })
    const answers: [string, Answer][] = [
      ['an error', () => new Response(setOf(otherRing), { status: 500, headers: json })],
      ['html', () => new Response(setOf(otherRing), { headers: { 'content-type': 'text/html' } })],
      ['no set', () => new Response('{}', { headers: json })],
      ['an empty set', () => new Response('{"keys":[]}', { headers: json })],
      ['a private key', () => new Response(JSON.stringify({ keys: [d] }), { headers: json })],
      ['more than 64 KiB', endless],
      ['a refused connection', () => Promise.reject(new TypeError('fetch failed'))],
    ]
    for (const [what, answer] of answers) {
      const { keys, state, clock, knows, alarms } = remote(good)
      await keys.refresh()
      state.answer = answer
      await clock.advance(30_000)
      await keys.refresh()
      assert.equal([state.fetched, knows(), keys.get(otherRing.active.kid)], [2, true, undefined])
      assert.equal(
        alarms.map(({ kind }) => kind),
        ['keys_failed'],
        what,
      )
    }
  },
  'a set that holds one id twice, or more than 32 keys, changes nothing': async () => {
    const [key] = publicJwks(accessRing, instant).keys
    const many = Array.from({ length: 33 }, (_, index) => ({ ...key, kid: `k${index}` }))
    for (const listed of [[key, key], many]) {
      const { keys, state, clock, knows } = remote(good)
      await keys.refresh()
      state.answer = () => new Response(JSON.stringify({ keys: listed }), { headers: json })
      await clock.advance(30_000)
      await keys.refresh()
      assert.equal([state.fetched, knows(), keys.get('k1')], [2, true, undefined])
    }
  },
  'a key that is shown again is the same object, and another under its id is not': async () => {
    const { keys, state, clock } = remote(good)
    await keys.refresh()
    const { kid } = accessRing.active
    const first = keys.get(kid)
    await clock.advance(30_000)
    await keys.refresh()
    assert.equal([state.fetched, keys.get(kid) === first], [2, true])
    const [other] = publicJwks(otherRing, instant).keys
    state.answer = () =>
      new Response(JSON.stringify({ keys: [{ ...other, kid }] }), { headers: json })
    await clock.advance(30_000)
    await keys.refresh()
    assert.equal([keys.get(kid) === first, keys.get(kid)?.kid], [false, kid])
  },
  // asvs: 9.1.3, 15.3.2
  'a redirect is not followed': async () => {
    const seen: (string | undefined)[] = []
    const { keys } = remote((init) => {
      seen.push(init?.redirect)
      return good()
    })
    await keys.refresh()
    assert.equal(seen, ['error'])
  },
  'a late answer is given up, and its request ended': async () => {
    const signals: (AbortSignal | null | undefined)[] = []
    const { keys, clock, alarms } = remote((init) => {
      signals.push(init?.signal)
      return never()
    })
    const refreshed = keys.refresh()
    await clock.advance(2_000)
    await refreshed
    assert.is(keys.ready(), false)
    assert.match(alarms[0]?.detail ?? '', /2000 ms/)
    assert.is(signals[0]?.aborted, true)
    assert.is(clock.sleeping(), 0)
  },
  'a key that was taken out stops to count after 5 minutes': async () => {
    const { keys, state, clock, knows } = remote(good)
    await keys.refresh()
    state.answer = () => new Response(setOf(otherRing), { headers: json })
    await clock.advance(300_001)
    knows()
    await clock.advance(0)
    assert.equal([knows(), state.fetched], [false, 2])
  },
})

const token = signAccess(accessRing, accessClaims())

claims('a guard with remote keys', {
  'a key it has not seen is fetched, and the token accepted': async () => {
    const { keys, state, clock } = remote(() => new Response(setOf(otherRing), { headers: json }))
    const { guard, feed } = await guarded({ keys, clock })
    feed.closeTime(clock.now())
    feed.caughtUp()
    assert.is(await verdictOf(guard, token), 'refused: invalid')
    state.answer = good
    await clock.advance(30_000)
    feed.closeTime(clock.now())
    assert.is(await verdictOf(guard, token), 'accepted')
  },
  'a token that it verified before is refused once its key is gone': async () => {
    const { keys, state, clock } = remote(good)
    const { guard, feed } = await freshGuard({ keys, clock })
    assert.is(await verdictOf(guard, token), 'accepted')
    state.answer = () => new Response(setOf(otherRing), { headers: json })
    await clock.advance(300_001)
    feed.closeTime(clock.now())
    await guard.check(token) // Asks for the set anew, behind this answer.
    await clock.advance(0)
    assert.is(await verdictOf(guard, token), 'refused: invalid')
  },
  'without keys it is not ready, and nobody needs to call it to become so': async () => {
    const { keys, state, clock } = remote(() => new Response('', { status: 503 }))
    const { guard } = await freshGuard({ keys, clock })
    assert.is(await verdictOf(guard, token), 'unavailable: not_ready')
    assert.is(guard.status().keysReady, false)
    state.answer = good
    await clock.advance(1_000)
    assert.is(guard.status().keysReady, true)
    await guard.close()
    assert.is(clock.sleeping(), 0)
  },
})
