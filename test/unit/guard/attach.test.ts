import type { GuardAlarm } from '../../../shared/guard/api/alarm.ts'
import { attachGuard } from '../../../shared/guard/attach.ts'
import { encodeFeedEvent, feedVersion } from '../../../shared/guard/feed-protocol/feed-messages.ts'
import type { Fetch } from '../../../shared/guard/http-client/guard-fetch.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { publicJwks } from '../../../shared/tokens/key-rings/public-jwks.ts'
import { signAccess } from '../../../shared/tokens/signing/sign-token.ts'
import { aLogId } from '../../support/fakes/builders.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { accessClaims, accessRing, instant } from '../../support/fakes/sample-tokens.ts'
import { assert, claims } from '../../support/suite.ts'
import { verdictOf } from '../../support/worlds/guarded.ts'

const gateway = 'https://auth.example/base'
const metadata = {
  issuer: gateway,
  jwks_uri: `${gateway}/.well-known/jwks.json`,
  introspection_endpoint: `${gateway}/introspect`,
}

/** What the network answers, and what was asked of it. */
const network = (answer: unknown, status = 200) => {
  const requested: string[] = []
  const fetch = (async (input: URL) => {
    requested.push(input.href)
    const isMetadata = input.pathname.includes('oauth-authorization-server')
    const text = typeof answer === 'string' ? answer : JSON.stringify(answer)
    return isMetadata ? new Response(text, { status }) : new Response('', { status: 404 })
  }) as unknown as Fetch
  return { fetch, requested }
}

const asked = { gateway, clientId: 'orders', secret: 'a secret' }
const codeOf = async (answer: unknown, over: object = {}, status = 200): Promise<string> => {
  const { fetch } = network(answer, status)
  return attachGuard({ ...asked, fetch, ...over }).then(
    async (guard) => {
      await guard.close()
      return 'attached'
    },
    (error: unknown) => (isAuthError(error) ? error.code : String(error)),
  )
}

/** A gateway and its feed, which the test brings up, and what was said of them until then. */
const laterNetwork = (clock: Clock = fakeClock()) => {
  const state = { isUp: false, feedStatus: 200, metadata: metadata as object }
  const counts = { metadata: 0 }
  const fetch = (async (input: URL) => {
    const isMetadata = input.pathname.includes('oauth-authorization-server')
    if (isMetadata) counts.metadata += 1
    if (!state.isUp) throw new TypeError('connection refused')
    if (isMetadata) return new Response(JSON.stringify(state.metadata))
    if (input.pathname.endsWith('/feed')) {
      const headers = { 'content-type': 'text/event-stream' }
      return new Response(snapshotAt(clock.now()), { status: state.feedStatus, headers })
    }
    const headers = { 'content-type': 'application/jwk-set+json' }
    return new Response(JSON.stringify(publicJwks(accessRing, instant)), { headers })
  }) as unknown as Fetch
  return { state, counts, fetch }
}

/** All that a feed says of a log in which nothing is dead. */
const snapshotAt = (t: EpochMs): string =>
  [
    encodeFeedEvent('hello', 0, { v: feedVersion, heartbeatMs: 60_000 }),
    encodeFeedEvent('reset', 1, { reason: 'start' }, ''),
    encodeFeedEvent('closed', 2, { t, logId: aLogId(), offset: 0 }),
    encodeFeedEvent('caught_up', 3),
  ].join('')

claims('attaching a guard', {
  'looks for the metadata where RFC 8414 has it, then for keys and feed': async () => {
    const { fetch, requested } = network(metadata)
    const feed = 'https://projector.example/feed'
    const guard = await attachGuard({ ...asked, feed, fetch })
    await guard.close()
    assert.equal(requested, [
      'https://auth.example/.well-known/oauth-authorization-server/base',
      metadata.jwks_uri,
      feed,
      metadata.introspection_endpoint,
    ])
  },

  'metadata without an issuer are refused, and what names no https': async () => {
    for (const wrong of [
      { ...metadata, issuer: undefined },
      { ...metadata, issuer: '' },
      { ...metadata, jwks_uri: 'http://auth.example/jwks' },
      { ...metadata, introspection_endpoint: 'http://auth.example/introspect' },
      { ...metadata, introspection_endpoint: undefined },
    ]) {
      assert.is(await codeOf(wrong), 'CONFIG_INVALID', JSON.stringify(wrong))
    }
  },

  // asvs: 1.2.2, 12.3.3
  'addresses that are none, or not safe, are refused before anybody is asked': async () => {
    for (const wrong of [{ gateway: 'auth' }, { gateway: 'http://auth.example' }, { feed: 'x' }]) {
      assert.is(await codeOf(metadata, wrong), 'CONFIG_INVALID', JSON.stringify(wrong))
    }
    const insecure = { feed: 'http://projector.example/feed' }
    assert.is(await codeOf(metadata, insecure), 'CONFIG_INVALID')
    assert.is(await codeOf(metadata, { ...insecure, insecure: true }), 'attached')
  },

  'options that no guard can have, and credentials that the feed refuses, are too': async () => {
    assert.is(await codeOf(metadata, { maxStalenessMs: 1 }), 'CONFIG_INVALID')
    for (const feedStatus of [401, 403]) {
      const { state, fetch } = laterNetwork()
      Object.assign(state, { isUp: true, feedStatus })
      assert.is(await codeOf(metadata, { fetch }), 'CONFIG_INVALID')
    }
  },
})

claims('attaching while the gateway is down', {
  'resolves, answers 503 whatever the policy, and recovers by itself': async () => {
    for (const onStale of ['deny', 'introspect', 'allow'] as const) {
      const clock = fakeClock()
      const { state, counts, fetch } = laterNetwork(clock)
      const alarms: string[] = []
      const onAlarm = ({ kind }: GuardAlarm): void => void alarms.push(kind)
      const guard = await attachGuard({ ...asked, fetch, clock, onStale, onAlarm })
      const token = signAccess(accessRing, accessClaims({ iss: gateway, aud: gateway }))
      assert.equal([guard.ready(), alarms], [false, ['keys_failed', 'feed_trouble']])
      for (let count = 0; count < 20; count += 1) {
        assert.is(await verdictOf(guard, token), 'unavailable: not_ready', onStale)
      }
      assert.is(counts.metadata, 1, 'a storm of tokens is none of requests')
      await clock.advance(5_000)
      assert.ok(counts.metadata > 2 && counts.metadata <= 7)
      state.isUp = true
      await clock.advance(2_000)
      assert.is(guard.ready(), true)
      assert.is(await verdictOf(guard, token), 'accepted')
      const seen = counts.metadata
      await clock.advance(2_000)
      assert.is(counts.metadata, seen, 'who was found is not looked for')
      await guard.close()
    }
  },

  // asvs: 10.5.3
  'goes on looking when the gateway answers something else, or calls itself otherwise':
    async () => {
      const clock = fakeClock()
      const { state, fetch } = laterNetwork(clock)
      const details: string[] = []
      const onAlarm = ({ detail }: GuardAlarm): void => void details.push(detail)
      const guard = await attachGuard({ ...asked, issuer: gateway, fetch, clock, onAlarm })
      state.isUp = true
      state.metadata = { ...metadata, issuer: 'https://other.example' }
      await clock.advance(2_000)
      assert.is(guard.ready(), false)
      const told = `issuer is "${gateway}" here and "https://other.example" at the gateway`
      assert.match(details.join('\n'), told)
      state.metadata = metadata
      await clock.advance(2_000)
      assert.is(guard.ready(), true)
      await guard.close()
    },

  'does not end where metadata are none now, or the feed does not open': async () => {
    for (const answer of ['', '<html>', '[]', '"x"']) assert.is(await codeOf(answer), 'attached')
    assert.is(await codeOf(metadata, {}, 500), 'attached')
    assert.is(await codeOf(metadata), 'attached')
  },

  'closed meanwhile, it asks nobody any more': async () => {
    const clock = fakeClock()
    const { counts, fetch } = laterNetwork(clock)
    const guard = await attachGuard({ ...asked, fetch, clock })
    await guard.close()
    const seen = counts.metadata
    await clock.advance(10_000)
    assert.is(counts.metadata, seen)
  },
})
