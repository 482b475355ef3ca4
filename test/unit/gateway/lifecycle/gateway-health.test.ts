import { GatewayCallHealth } from '../../../../services/gateway/lifecycle/gateway-call-health.ts'
import { healthOf } from '../../../../services/gateway/lifecycle/gateway-health.ts'
import { openMemoryEventLog } from '../../../../shared/adapters/memory/event-log.ts'
import type { Health, PartHealth } from '../../../../shared/http/health.ts'
import { logFailureText } from '../../../../shared/http/log-health.ts'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import { type FakeClock, fakeClock } from '../../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../../support/suite.ts'

const publisher = { trouble: () => null }

type Seen = Readonly<{
  clock: FakeClock
  evidence: GatewayCallHealth
  troubles: { store: Error | null; keys: Error | null }
  health: () => Health
  part: (name: string) => PartHealth | undefined
}>

const known = {
  context: { storeClock: { errorMs: () => 1 } },
  tokens: { issuer: { foreign: null } },
  publisher,
} as never as Pick<Parameters<typeof healthOf>[0], 'context' | 'tokens' | 'publisher'>

/** A gateway that was prepared, with a log that answers, and what is noted of it. */
const seeing = async (prove: (seen: Seen) => Promise<void> | void): Promise<void> => {
  const clock = fakeClock()
  const evidence = new GatewayCallHealth(clock, 5_000)
  const log = openMemoryEventLog()
  const troubles: Seen['troubles'] = { store: null, keys: null }
  const health = (): Health =>
    healthOf({
      ...known,
      log,
      progress: { prepared: true, foreign: null },
      evidence,
      troubles: { store: () => troubles.store, keys: () => troubles.keys },
    })
  evidence.store.succeeded()
  evidence.relay.succeeded()
  try {
    await prove({ clock, evidence, troubles, health, part: (name) => health()[name] })
  } finally {
    await log.close()
  }
}

const down = new AuthError('STORE_UNAVAILABLE', 'MongoDB: no answer; wait (at db.example:27017)')
const denied = new AuthError('STORE_DENIED', 'MongoDB: may not insert; grant it (at db.example)')

claims('what a gateway says of itself', {
  'it is well when everything answered lately': () =>
    seeing(({ health }) => {
      for (const { standing } of Object.values(health())) assert.is(standing, 'ok')
    }),

  'it is not ready before the first complete run of the relay, with the reason': () =>
    seeing(({ clock }) => {
      const evidence = new GatewayCallHealth(clock, 5_000)
      evidence.store.succeeded()
      const cause = Object.assign(new Error('no'), { name: 'KafkaJSSASLAuthenticationError' })
      evidence.relay.failed(new AuthError('LOG_UNAVAILABLE', 'no', { cause }))
      const { relay } = healthOf({
        ...known,
        log: openMemoryEventLog(),
        progress: { prepared: true, foreign: null },
        evidence,
        troubles: { store: () => null, keys: () => null },
      })
      assert.is(relay?.standing, 'unready')
      assert.match(relay?.state ?? '', 'refuses our credentials')
    }),

  'a store that is silent for too long is not ready, whatever failed in between': () =>
    seeing(async ({ clock, evidence, part }) => {
      await clock.advance(4_000)
      evidence.store.failed(down)
      assert.is(part('store')?.standing, 'ok')
      await clock.advance(1_001)
      assert.is(part('store')?.standing, 'unready')
      assert.match(part('store')?.state ?? '', 'MongoDB: no answer; wait')
      assert.not.match(part('store')?.state ?? '', 'db.example')
      evidence.store.succeeded()
      assert.is(part('store')?.standing, 'unready', 'it settles')
      await clock.advance(1_000)
      evidence.store.succeeded()
      assert.is(part('store')?.standing, 'ok')
    }),

  'a log that fails is degraded, and so is a relay that hangs': () =>
    seeing(async ({ clock, evidence, part }) => {
      evidence.relay.failed(
        new AuthError('LOG_UNAVAILABLE', 'no', {
          cause: Object.assign(new Error('no'), { code: 'ECONNREFUSED' }),
        }),
      )
      assert.is(part('log')?.standing, 'degraded')
      assert.match(part('log')?.state ?? '', 'is down: the connection is refused')
      assert.is(part('relay')?.standing, 'degraded')
      evidence.relay.succeeded()
      assert.is(part('log')?.standing, 'ok')
      await clock.advance(5_001)
      assert.is(part('relay')?.standing, 'degraded')
    }),

  'indexes that are refused, and users or commits that are denied, are not ready': () =>
    seeing(async ({ clock, evidence, troubles, part }) => {
      troubles.store = denied
      assert.match(part('store')?.state ?? '', 'grant it')
      troubles.store = null
      evidence.users.failed(denied)
      assert.is(part('store')?.standing, 'unready')
      evidence.users.succeeded()
      evidence.appends.failed(down)
      evidence.appends.failed(down)
      assert.is(part('store')?.standing, 'ok')
      evidence.appends.failed(down)
      assert.is(part('store')?.standing, 'unready')
      await clock.advance(15_001)
      evidence.store.succeeded()
      await clock.advance(1_000)
      evidence.store.succeeded()
      assert.is(part('store')?.standing, 'ok', 'without traffic it is tried again')
    }),

  'hashing that stands still is not ready, and too many logins are degraded': () =>
    seeing(async ({ clock, evidence, part }) => {
      let release: (same: boolean) => void = () => {}
      const held = new Promise<boolean>((resolve) => {
        release = resolve
      })
      const full = new AuthError('OVERLOADED', 'too many')
      const passwords = evidence.observingPasswords({
        hash: () => Promise.reject(full),
        verify: () => held,
        isCurrent: () => true,
      })
      const verifying = passwords.verify(null, 'x')
      await clock.advance(5_001)
      assert.is(part('passwords')?.standing, 'unready')
      release(true)
      assert.ok(await verifying)
      assert.is(part('passwords')?.standing, 'ok')
      await passwords.hash('x').catch(() => {})
      assert.is(part('passwords')?.standing, 'degraded')
      await clock.advance(5_001)
      assert.is(part('passwords')?.standing, 'ok')
    }),

  'keys that cannot be read anew, and a process that stood still, are degraded': () =>
    seeing(async ({ clock, evidence, troubles, part }) => {
      troubles.keys = new Error('mode')
      assert.is(part('keys')?.standing, 'degraded')
      const stop = new AbortController()
      const idle = { store: { relayScan: async () => {} }, directory: {}, ownDirectory: null }
      const running = evidence.run(idle as never, stop.signal)
      await clock.advance(300)
      assert.is(part('process')?.standing, 'ok')
      await clock.leap(3_000)
      assert.is(part('process')?.standing, 'degraded')
      await clock.advance(11_000)
      assert.is(part('process')?.standing, 'ok')
      stop.abort()
      await running
    }),

  'a directory that fails is not ready until it answers, and one that nobody asks is well': () =>
    seeing(async ({ clock, evidence, part }) => {
      let isDown = false
      const away = new AuthError('DIRECTORY_UNAVAILABLE', 'no')
      const bySub = async () => {
        if (isDown) throw away
        return { state: 'absent' } as const
      }
      const { ownDirectory } = evidence.observing({
        store: { relayScan: async () => {} },
        directory: {},
        ownDirectory: { bySub },
      } as never) as unknown as { ownDirectory: { bySub: typeof bySub } }
      assert.is(part('directory')?.standing, 'ok')
      const stop = new AbortController()
      const ports = { store: { relayScan: async () => {} }, directory: {}, ownDirectory }
      const running = evidence.run(ports as never, stop.signal)
      await clock.advance(10_000)
      assert.is(part('directory')?.standing, 'ok')
      isDown = true
      await clock.advance(10_000)
      assert.is(part('directory')?.standing, 'unready')
      isDown = false
      await clock.advance(2_000)
      assert.is(part('directory')?.standing, 'ok')
      stop.abort()
      await running
    }),

  // asvs: 16.5.1
  'the log says why, without an address': () => {
    const denial = Object.assign(new Error('no'), { type: 'TOPIC_AUTHORIZATION_FAILED' })
    assert.match(logFailureText(denial), /denies us what we need \(TOPIC_AUTHORIZATION_FAILED\)/)
    const wrong = new AuthError('LOG_TOPIC_WRONG', 'auth.revocations has two partitions')
    assert.match(
      logFailureText(new AuthError('LOG_UNAVAILABLE', 'x', { cause: wrong })),
      'two part',
    )
    assert.is(logFailureText(null), 'does not answer')
  },
})
