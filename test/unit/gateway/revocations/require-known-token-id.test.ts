import { StoreClock } from '../../../../services/gateway/publication/store-clock.ts'
import {
  agreeOnTokenIds,
  requireKnownTokenId,
} from '../../../../services/gateway/revocations/require-known-token-id.ts'
import { openMemoryEventStore } from '../../../../shared/adapters/memory/event-store.ts'
import type { TokenId } from '../../../../shared/kernel/ids.ts'
import type { SessionPolicy } from '../../../../shared/session/session-policy.ts'
import { aCutoffCommit, aJti, noon } from '../../../support/fakes/builders.ts'
import { type FakeClock, fakeClock } from '../../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../../support/suite.ts'

const dayMs = 86_400_000
const sessionMs = 30 * dayMs
const madeUp = 'f'.repeat(32) as TokenId
type Parts = Parameters<typeof requireKnownTokenId>[0]
type World = Readonly<{ clock: FakeClock; parts: Parts }>

const opened = (over: Partial<SessionPolicy> = {}): World => {
  const clock = fakeClock(noon)
  const policy = { sessionMaxLifetimeMs: sessionMs, ...over } as SessionPolicy
  const store = openMemoryEventStore({ clock })
  const context = { store, storeClock: new StoreClock(clock) }
  return { clock, parts: { context, policy } }
}
/** A store that a gateway has prepared. */
const ofOlderGateways = async (over?: Partial<SessionPolicy>): Promise<World> => {
  const world = opened(over)
  await world.parts.context.store.append(aCutoffCommit({ s: 'all' }))
  return world
}
const codeOf = (parts: Parts, jti: TokenId): Promise<string> =>
  requireKnownTokenId(parts, jti).then(
    () => 'taken',
    ({ code }: { code: string }) => code,
  )

claims('the ids of tokens', {
  'are checked at once in a store that begins with a gateway that checks them': async () => {
    const { parts } = opened()
    await agreeOnTokenIds(parts)
    assert.is(await codeOf(parts, madeUp), 'TOKEN_UNKNOWN')
    assert.is(await codeOf(parts, aJti()), 'taken')
  },

  'are taken in a store of older gateways while a session of theirs may live': async () => {
    const { clock, parts } = await ofOlderGateways()
    await agreeOnTokenIds(parts)
    assert.is(await codeOf(parts, madeUp), 'taken')
    await clock.advance(sessionMs + dayMs)
    // Another gateway that starts later begins nothing anew.
    await agreeOnTokenIds(parts)
    assert.is(await codeOf(parts, madeUp), 'taken')
    await clock.advance(1)
    assert.is(await codeOf(parts, madeUp), 'TOKEN_UNKNOWN')
    assert.is(await codeOf(parts, aJti()), 'taken')
  },

  'are taken by a command that comes before the first such gateway': async () => {
    const { parts } = await ofOlderGateways()
    assert.is(await codeOf(parts, madeUp), 'taken')
    await agreeOnTokenIds(parts)
    assert.is(await codeOf(parts, madeUp), 'taken')
  },

  'are another issuer’s to choose, where its tokens are accepted': async () => {
    const { parts } = opened({ foreignLifetimeMs: dayMs })
    await agreeOnTokenIds(parts)
    assert.is(await codeOf(parts, madeUp), 'taken')
  },
})
