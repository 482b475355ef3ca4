import { setImmediate as turn } from 'node:timers/promises'
import { relayStep } from '../../../../services/gateway/publication/relay.ts'
import { UnpublishedAppends } from '../../../../services/gateway/publication/unpublished-appends.ts'
import type { NewCommit } from '../../../../shared/events/commit.ts'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import {
  aCommit,
  aCutoffCommit,
  aLogId,
  aRevocationCommit,
} from '../../../support/fakes/builders.ts'
import { assert, claims } from '../../../support/suite.ts'
import { publisherWorld, startedWorld } from '../../../support/worlds/publisher-world.ts'

const kinds = [() => aCommit(), () => aRevocationCommit(), () => aCutoffCommit()]

claims('what the log is told with the append', {
  'is nothing before the log is verified, and each kind of commit after': async () => {
    const cold = publisherWorld()
    for (const make of kinds) assert.is(cold.publisher.prepare(make()), null)
    const { publisher } = await startedWorld()
    for (const make of kinds) {
      const telling = publisher.prepare(make())
      assert.ok(telling && telling.records.length > 0)
      assert.is(telling.revocation === null, telling.records.length === 1)
    }
  },

  'is nothing while the log is down, and what waits for the relay is not passed': async () => {
    const made = await startedWorld()
    made.refuse(() => new AuthError('LOG_UNAVAILABLE', 'down'))
    const waiting = aCutoffCommit()
    await made.store.append(waiting)
    await made.publisher.publish(waiting).catch(() => {})
    for (const make of kinds) {
      const commit = make()
      assert.is(made.publisher.prepare(commit), null)
      made.publisher.appended(commit)
    }
    await turn()
    made.refuse(() => null)
    await relayStep(made.relay)
    for (const make of kinds) assert.ok(made.publisher.prepare(make()))
  },

  'never passes an earlier commit of its stream, and a cutoff passes nothing': async () => {
    const made = await startedWorld()
    made.refuse(() => 'never')
    const first = aCommit()
    await made.store.append(first)
    void made.publisher.publish(first)
    const next: NewCommit = { ...aCommit(), id: { s: first.id.s, v: 1 } }
    assert.is(made.publisher.prepare(next), null, 'its own stream')
    assert.is(made.publisher.prepare(aCutoffCommit()), null, 'a cutoff')
    assert.ok(made.publisher.prepare(aCommit()), 'another stream')
    assert.ok(made.publisher.prepare(aRevocationCommit()), 'the end of another session')
  },

  'passes no commit whose append is not answered yet, though others can read it': async () => {
    const { publisher } = publisherWorld()
    const [cutoff, session] = [aCutoffCommit(), aCommit()]
    for (const untold of [cutoff, session]) assert.is(publisher.prepare(untold), null)
    const made = await startedWorld()
    const behind = new UnpublishedAppends()
    behind.note(session)
    const next: NewCommit = { ...aCommit(), id: { s: session.id.s, v: 1 } }
    assert.ok(behind.mustPrecede(next), 'of its stream')
    assert.ok(behind.mustPrecede(cutoff), 'a cutoff')
    assert.not.ok(behind.mustPrecede(aCommit()), 'of another stream')
    behind.over(session)
    assert.ok(behind.mustPrecede(next), 'until whoever publishes it has done so')
    await turn()
    assert.not.ok(behind.mustPrecede(next))
    assert.not.ok(behind.mustPrecede(cutoff))
    assert.ok(made.publisher.prepare(next))
  },

  'is not published again by who waits for it, and listeners hear of it once': async () => {
    const made = await startedWorld()
    const commit = aRevocationCommit()
    const telling = made.publisher.prepare(commit)
    if (!telling) return assert.unreachable()
    const before = made.requests()
    made.publisher.told(commit, telling, [41, 7])
    const at = { logId: telling.logId, offset: 41 }
    assert.equal(await made.publisher.publish(commit), at)
    assert.equal(await made.publisher.publish(commit), at)
    made.publisher.enqueue(commit)
    await made.publisher.drain()
    assert.is(made.requests(), before)
    assert.not.equal(at.logId, aLogId())
  },
})
