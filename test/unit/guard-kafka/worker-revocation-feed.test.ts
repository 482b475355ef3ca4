import { createGuard } from '../../../shared/guard/create-guard.ts'
import { fixedKeys } from '../../../shared/guard/keys/key-source.ts'
import { workerRevocationFeed } from '../../../shared/guard-kafka/worker-revocation-feed.ts'
import { systemClock } from '../../../shared/kernel/clock.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { heardSink } from '../../contracts/revocation-feed.ts'
import {
  aClosedTimeRecord,
  aLogId,
  aRevocationRecord,
  aRing,
} from '../../support/fakes/builders.ts'
import { accessRing, audience, issuer } from '../../support/fakes/sample-tokens.ts'
import type { Fault } from '../../support/fakes/told-feed-worker.ts'
import { toldWorker } from '../../support/fakes/told-worker.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

/** What kafkajs, or a defect of ours, could do to its process. */
const survives = (fault: Fault) => async (): Promise<void> => {
  const { feed, ring, begun, publish, fail, hangUp } = toldWorker()
  const sink = heardSink()
  const before = [aRevocationRecord(ring), aRevocationRecord(ring)]
  await publish(before)
  await feed.open(sink)
  await until('it caught up', () => sink.caughtUp.length === 1)
  fail(fault)
  await until('the thread is gone, and was trusted no more', () => sink.resets.length === 1)
  const meanwhile = aRevocationRecord(ring)
  await publish([meanwhile])
  await until('another one caught up', () => sink.caughtUp.length === 2)
  await until('what came meanwhile is told', () => sink.keys().includes(meanwhile.key))
  assert.equal(
    sink.keys(),
    [...before, meanwhile].map(({ key }) => key),
  )
  assert.equal([begun(), sink.troubles.length], [2, 1])
  await feed.close()
  hangUp()
}

claims('a feed in a thread', {
  'a rejection that nobody handles ends the thread alone': survives('rejection'),
  'an exception that nobody catches ends the thread alone': survives('exception'),
  'an exit ends the thread alone': survives('exit'),
  'a thread that hangs is ended, and another one begins': survives('hang'),
  'a thread without memory ends alone': survives('memory'),

  'while the thread is away the guard goes on with what it knew, and that ages': async () => {
    const { feed, ring, publish, fail, hangUp } = toldWorker()
    const clock = systemClock
    const keys = fixedKeys(accessRing)
    const kinds: string[] = []
    const onAlarm = ({ kind }: { kind: string }): void => void kinds.push(kind)
    const guard = createGuard({ issuer, audience, keys, feed, clock, onStale: 'deny', onAlarm })
    const logId = aLogId()
    const first = clock.now()
    await publish([aRevocationRecord(ring), aClosedTimeRecord(ring, first, logId)])
    await guard.start()
    await until('it is ready', () => guard.ready())
    fail('rejection')
    await until('the thread is given up', () => kinds.includes('feed_reset'))
    assert.equal([guard.status().closedTime, guard.status().entries], [first, 1])
    const later = clock.now()
    await publish([aClosedTimeRecord(ring, later, logId)])
    await until('the next thread has read on', () => guard.status().closedTime === later)
    assert.equal([guard.ready(), guard.status().entries], [true, 1])
    await guard.close()
    hangUp()
  },

  'a thread that cannot begin makes the opening fail': async () => {
    const entry = new URL('./no-such-file.ts', import.meta.url)
    const feed = workerRevocationFeed({ entry, settings: {}, ring: aRing() })
    const failure = await feed.open(heardSink()).catch((error: unknown) => error)
    assert.instance(failure, AuthError)
    await feed.close()
  },
})
