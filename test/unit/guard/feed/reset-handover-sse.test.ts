import { createGuard } from '../../../../shared/guard/create-guard.ts'
import { fixedKeys } from '../../../../shared/guard/keys/key-source.ts'
import { systemClock as clock } from '../../../../shared/kernel/clock.ts'
import { signAccess } from '../../../../shared/tokens/signing/sign-token.ts'
import { aClosedTimeRecord, aLogId, aRevocationRecord } from '../../../support/fakes/builders.ts'
import { accessClaims, accessRing, audience, issuer } from '../../../support/fakes/sample-tokens.ts'
import { assert, claims } from '../../../support/suite.ts'
import { until } from '../../../support/until.ts'
import { openFeedWorld } from '../../../support/worlds/feed-world.ts'
import { verdictOf } from '../../../support/worlds/guarded.ts'

const logId = aLogId()
const revoked = 'refused: revoked'
const aToken = () => {
  const now = Math.floor(clock.now() / 1_000)
  const claimed = accessClaims({ iat: now, exp: now + 600 })
  return { sid: claimed.sid, token: signAccess(accessRing, claimed) }
}

claims('a guard over server-sent events, switched from one server to another that lags', {
  'refuses what it refused, then goes on with the other server alone': async () => {
    const [ahead, behind] = [await openFeedWorld(), await openFeedWorld()]
    const { ring } = ahead
    const kinds: string[] = []
    let url = ahead.url
    const guard = createGuard({
      issuer,
      audience,
      keys: fixedKeys(accessRing),
      clock,
      onStale: 'deny',
      maxStalenessMs: 60_000,
      feed: ahead.feedAt({ fetch: (_, init) => fetch(new URL('/feed', url), init) }),
      onAlarm: ({ kind }) => kinds.push(kind),
    })
    try {
      const [gone, good, next] = [aToken(), aToken(), aToken()]
      const revocation = aRevocationRecord(ring, gone.sid)
      const began = aClosedTimeRecord(ring, clock.now(), logId)
      for (const { log } of [ahead, behind]) await log.publish([began])
      // The second is a mark: only who keeps the former set knows of it.
      await ahead.log.publish([revocation, aRevocationRecord(ring)])
      await until('both have read', () => behind.hub.content.closed !== null)
      await guard.start()
      await until('it is ready', () => guard.ready())
      await until('it refuses', async () => (await verdictOf(guard, gone.token)) === revoked)
      await until('it has the mark', () => guard.status().entries === 2)
      url = behind.url
      await ahead.close()
      await until('it has begun anew', () => kinds.includes('feed_reset'))
      // Told by the lagging server alone: so its snapshot has been read.
      await behind.log.publish([aRevocationRecord(ring, next.sid)])
      await until('it hears', async () => (await verdictOf(guard, next.token)) === revoked)
      assert.is(await verdictOf(guard, gone.token), revoked)
      assert.is(await verdictOf(guard, good.token), 'accepted')
      assert.is(guard.status().entries, 3)
      await behind.log.publish([revocation])
      await until('the former set is given up', async () => {
        await behind.log.publish([aClosedTimeRecord(ring, clock.now(), logId)])
        assert.is(await verdictOf(guard, gone.token), revoked)
        return guard.status().entries === 2
      })
    } finally {
      await guard.close()
      await behind.close()
      for (const { log } of [ahead, behind]) await log.close()
    }
  },
})
