import { freshStoreInstant } from '../../../../services/gateway/publication/fresh-store-instant.ts'
import { relayStep } from '../../../../services/gateway/publication/relay.ts'
import type { NewCommit } from '../../../../shared/events/commit.ts'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import type { EventStore } from '../../../../shared/ports/event-store.ts'
import {
  aCommit,
  aCutoffCommit,
  aRevocationCommit,
  aSub,
  later,
} from '../../../support/fakes/builders.ts'
import { assert, claims } from '../../../support/suite.ts'
import {
  type PublisherWorld,
  type Refusal,
  startedWorld,
} from '../../../support/worlds/publisher-world.ts'

const minuteMs = 60_000

const down: Refusal = () => new AuthError('LOG_UNAVAILABLE', 'down')
const tooLargeIn =
  (commit: NewCommit, topic: string): Refusal =>
  (record) =>
    record.topic === topic && record.headers['ce_id']?.startsWith(`${commit.id.s}:`)
      ? new AuthError('LOG_RECORD_TOO_LARGE', `${topic} refuses: raise max.message.bytes`)
      : null

const outcomeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'fulfilled',
    (error: AuthError) => error.code,
  )

const pending = async ({ store }: PublisherWorld): Promise<number> =>
  (await store.relayScan(10_000)).revocations.length

const appended = async ({ store }: PublisherWorld, count: number): Promise<NewCommit[]> => {
  const commits = Array.from({ length: count }, (_, index) =>
    aRevocationCommit({ at: later(index) }),
  )
  for (const commit of commits) await store.append(commit)
  return commits
}

claims('the publisher', {
  'of a log that is down nothing is kept in memory, and nobody waits for it': async () => {
    const made = await startedWorld()
    made.refuse(down)
    const [first] = await appended(made, 1)
    if (!first) return assert.unreachable()
    assert.is(await outcomeOf(made.publisher.publish(first)), 'LOG_UNAVAILABLE')
    made.refuse(() => 'never')
    const probe = made.publisher.publish(aRevocationCommit())
    const others = Array.from({ length: 20_000 }, () => made.publisher.publish(aRevocationCommit()))
    assert.is(made.publisher.heldCommits, 1)
    for (const other of others) assert.is(await outcomeOf(other), 'LOG_UNAVAILABLE')
    assert.ok(probe instanceof Promise)
  },

  'a request that takes long keeps nobody waiting behind it': async () => {
    const made = await startedWorld()
    made.refuse(() => 'never')
    const first = made.publisher.publish(aRevocationCommit())
    await Promise.resolve()
    await made.clock.advance(1_001)
    assert.is(await outcomeOf(made.publisher.publish(aRevocationCommit())), 'LOG_UNAVAILABLE')
    assert.is(made.publisher.heldCommits, 1)
    assert.ok(first instanceof Promise)
  },

  'what waited in an outage is published in the order of its append': async () => {
    const made = await startedWorld()
    made.refuse(down)
    const commits = await appended(made, 1_203)
    assert.is(await outcomeOf(relayStep(made.relay)), 'LOG_UNAVAILABLE')
    assert.is(await outcomeOf(relayStep(made.relay)), 'LOG_UNAVAILABLE')
    made.refuse(() => null)
    let run = await relayStep(made.relay)
    while (run.more) run = await relayStep(made.relay)
    const wanted = commits.map(({ id }) => `sid:${id.s.slice(2)}`)
    assert.equal(
      made.keys.filter((key) => key.startsWith('sid:')),
      wanted,
    )
    assert.is.not(run.closed, null)
    assert.is(await pending(made), 0)
  },

  'an outage costs one commit a run, not a page': async () => {
    const made = await startedWorld()
    made.refuse(down)
    await appended(made, 700)
    await outcomeOf(relayStep(made.relay))
    const asked: number[] = []
    const store: EventStore = {
      ...made.store,
      relayScan: (limit) => {
        asked.push(limit)
        return made.store.relayScan(limit)
      },
    }
    await outcomeOf(relayStep({ ...made.relay, store }))
    assert.equal(asked, [1])
  },

  'a cutoff never passes an earlier one of its subject that waits for the relay': async () => {
    const made = await startedWorld()
    made.refuse(down)
    const s = `u/${aSub()}` as const
    const cuts = [0, 1].map((v) => aCutoffCommit({ s, v, at: later(v) }))
    const [earlier, newer] = cuts
    if (!earlier || !newer) return assert.unreachable()
    await made.store.append(earlier)
    assert.is(await outcomeOf(made.publisher.publish(earlier)), 'LOG_UNAVAILABLE')
    made.refuse(() => null)
    await made.publisher.publish(aRevocationCommit())
    await made.store.append(newer)
    assert.is(await outcomeOf(made.publisher.publish(newer)), 'LOG_UNAVAILABLE')
    await relayStep(made.relay)
    const third = aCutoffCommit({ s, v: 2, at: later(2) })
    await made.store.append(third)
    await made.publisher.publish(third)
    await made.publisher.allMarked()
    assert.equal(
      made.ids.filter((id) => id.startsWith(s)),
      [0, 1, 2].map((v) => `${s}:${v}:0`),
    )
    assert.is(await pending(made), 0)
  },

  'pending logouts share the ticks that they wait for': async () => {
    const { store } = await startedWorld()
    let ticks = 0
    const scan = store.relayScan
    Object.assign(store, {
      relayScan: (limit: number) => {
        ticks += 1
        return scan(limit)
      },
    })
    await Promise.all(Array.from({ length: 500 }, () => freshStoreInstant(store)))
    assert.is(ticks, 2)
  },
})

claims('a commit that is too large for the log', {
  'stops no other, and no closed time when it is of auth.events': async () => {
    const made = await startedWorld()
    const large = aCommit({ at: later(0) })
    const others = [aCommit({ at: later(1) }), aCommit({ at: later(2) })]
    for (const commit of [large, ...others]) await made.store.append(commit)
    made.refuse(tooLargeIn(large, 'auth.events'))
    await made.clock.leap(later(10_000) - made.clock.now())
    assert.is.not((await relayStep(made.relay)).closed, null)
    const left = await made.store.unpublishedOthers(later(9_000), 10)
    assert.equal(
      left.map(({ id }) => id.s),
      [large.id.s],
    )
    assert.match(made.publisher.trouble()?.message ?? '', /max\.message\.bytes/)
  },

  'is tried again once a minute, not at every run': async () => {
    const made = await startedWorld()
    const large = aCommit({ at: later(0) })
    await made.store.append(large)
    made.refuse(tooLargeIn(large, 'auth.events'))
    await made.clock.leap(later(10_000) - made.clock.now())
    await relayStep(made.relay)
    const before = made.requests()
    made.refuse(() => null)
    await relayStep(made.relay)
    assert.is(made.requests(), before)
    await made.clock.leap(minuteMs)
    await relayStep(made.relay)
    assert.equal(await made.store.unpublishedOthers(later(99_000), 10), [])
    assert.is(made.publisher.trouble(), null)
  },

  'is acknowledged as a revocation when only its event is refused': async () => {
    const made = await startedWorld()
    const [large] = await appended(made, 1)
    if (!large) return assert.unreachable()
    made.refuse(tooLargeIn(large, 'auth.events'))
    assert.type((await made.publisher.publish(large)).offset, 'number')
    assert.is.not((await relayStep(made.relay)).closed, null)
    assert.equal(made.keys.filter((key) => key.startsWith('sid:')).length, 1)
  },

  'stops closed time when the revocation itself is refused, and the others are told': async () => {
    const made = await startedWorld()
    const [large, ...others] = await appended(made, 40)
    if (!large) return assert.unreachable()
    made.refuse(tooLargeIn(large, 'auth.revocations'))
    const closed = (): number => made.keys.filter((key) => !key.startsWith('sid:')).length
    const before = closed()
    assert.is(await outcomeOf(relayStep(made.relay)), 'LOG_RECORD_TOO_LARGE')
    assert.is(await outcomeOf(relayStep(made.relay)), 'LOG_RECORD_TOO_LARGE')
    assert.is(closed(), before)
    const told = made.keys.filter((key) => key.startsWith('sid:'))
    assert.equal(
      told,
      others.map(({ id }) => `sid:${id.s.slice(2)}`),
    )
    made.refuse(() => null)
    await made.clock.leap(minuteMs)
    assert.is.not((await relayStep(made.relay)).closed, null)
  },

  'a page of nothing but refused commits leaves the relay its rest': async () => {
    const made = await startedWorld()
    made.refuse(({ topic }) =>
      topic === 'auth.events' ? new AuthError('LOG_RECORD_TOO_LARGE', 'too large') : null,
    )
    for (let index = 0; index < 1_400; index += 1) {
      await made.store.append(aCommit({ at: later(index) }))
    }
    await made.clock.leap(later(10_000) - made.clock.now())
    let last = { more: true }
    for (let run = 0; run < 8; run += 1) {
      last = await relayStep(made.relay)
      await made.clock.advance(250)
    }
    assert.is(last.more, false)
  },
})
