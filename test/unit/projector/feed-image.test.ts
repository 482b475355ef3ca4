import { Writable } from 'node:stream'
import fc from 'fast-check'
import { FeedConnection } from '../../../services/projector/feed/feed-connection.ts'
import { FeedHub } from '../../../services/projector/feed/feed-hub.ts'
import type { RevocationItem } from '../../../shared/events/revocation-record.ts'
import { ImageLoader } from '../../../shared/guard/feed/image-loader.ts'
import { imageRowBytes } from '../../../shared/guard/feed-protocol/index.ts'
import { FeedMessageSequence } from '../../../shared/guard/feed-protocol/message-sequence.ts'
import { readerRing } from '../../../shared/guard/feed-protocol/revocation-image.ts'
import { EventStreamParser } from '../../../shared/guard/feed-protocol/sse-parser.ts'
import type { RevocationSet } from '../../../shared/guard/revocation-set/revocation-set.ts'
import type { EpochMs, EventId, RevocationKey } from '../../../shared/kernel/ids.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import type { FeedSink } from '../../../shared/ports/revocation-feed.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { aRevocation, fakeFeed, firstLog } from '../../support/fakes/fake-feed.ts'
import { MapRevocationSet } from '../../support/fakes/map-revocation-set.ts'
import { accessClaims, instant } from '../../support/fakes/sample-tokens.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

const seed = 20_261_130
const minuteMs = 60_000
const times = { heartbeatMs: 1_000, patienceMs: 5_000 }
const ring = readerRing('a secret of a guard')
const name = 'a'.repeat(32)

const idOf = (index: number): string => index.toString(16).padStart(32, '0')
// Few, so that one comes again: also ids that no row holds, and events that no row can say.
const id = fc.oneof(fc.nat({ max: 9 }).map(idOf), fc.constantFrom('short', `${idOf(1)}x`))
const scope = fc.constantFrom('sid', 'jti', 'sub', 'client')
const event = fc.constantFrom('1:0', '9:3', '70000:0', '1:300', 'odd')

const revoked = fc
  .record({
    scope,
    id,
    event,
    minutes: fc.integer({ min: 0, max: 9 }),
    ms: fc.nat({ max: 59_999 }),
    cutoff: fc.nat({ max: 5 }),
    reason: fc.constantFrom('logout', 'password_changed', 'reuse'),
  })
  .map((drawn) => ({ ...drawn, closes: 0 }))
const closing = fc.integer({ min: 1, max: 4 }).map((closes) => ({ closes }))
type Step = Partial<typeof revoked extends fc.Arbitrary<infer Drawn> ? Drawn : never> &
  Readonly<{ closes: number }>
const history = fc.array(
  fc.oneof({ weight: 5, arbitrary: revoked }, { weight: 1, arbitrary: closing }),
  { maxLength: 40 },
)

/** The steps as the log tells them; the time goes on by what is closed. */
const itemsOf = (steps: readonly Step[]): readonly RevocationItem[] => {
  let t = instant as number
  return steps.map((step, offset): RevocationItem => {
    if (step.closes > 0) {
      t += step.closes * 20_000
      return { kind: 'closed', offset, closed: { t: t as EpochMs, logId: firstLog, low: 0 } }
    }
    const { scope: of = 'sid', id: named = '', event: at = '', minutes = 0, ms = 0 } = step
    const isExact = of === 'sid' || of === 'jti'
    const revocation = {
      key: `${of}:${named}` as RevocationKey,
      cutoff: isExact ? null : (step.cutoff ?? 0),
      expiresAt: (instant + minutes * minuteMs + ms) as EpochMs,
      reason: step.reason ?? 'logout',
      revokedAt: (instant + ms) as EpochMs,
    }
    const stream = of === 'jti' ? 'j' : 's'
    return { kind: 'revocation', offset, id: `${stream}/${named}:${at}` as EventId, revocation }
  })
}

/** What a guard does with what it is told. */
const holding = () => {
  const set: RevocationSet = new MapRevocationSet()
  let closed: EpochMs | null = null
  const sink: Required<Pick<FeedSink, 'onItems' | 'onRows' | 'onCaughtUp'>> & FeedSink = {
    onItems: (items) => {
      for (const item of items) {
        if (item.kind === 'revocation') set.add(item.revocation)
        if (item.kind !== 'closed') continue
        closed = item.closed.t
        set.expire(closed)
      }
    },
    onRows: ({ of, rows }) => {
      for (let at = 0; at < rows.byteLength; at += imageRowBytes) set.addRow(of, rows, at)
    },
    onReset: () => {},
    onCaughtUp: () => {},
    onTrouble: () => {},
  }
  return { set, sink, closed: () => closed }
}

const known = (set: RevocationSet) => {
  const names = [...Array.from({ length: 10 }, (_, index) => idOf(index)), 'short', `${idOf(1)}x`]
  const epochs = [0, 1, 2, 3, 4, 5].map((all) => ({ sub: all, client: all, all }))
  return names.flatMap((one) =>
    ['sid', 'jti', 'sub', 'client_id'].flatMap((member) =>
      epochs.map((epoch) => set.match({ ...accessClaims({ epoch }), [member]: one } as never)),
    ),
  )
}

/** A hub that was told the first `count` of `items`; a reader that asks for an image; the rest. */
const read = async (items: readonly RevocationItem[], count: number, asks = true) => {
  const [feed, clock, reader] = [fakeFeed(), fakeClock(), holding()]
  const hub = new FeedHub({ feed, clock, logger })
  hub.start()
  for (const item of items.slice(0, count)) feed.tell(item)
  feed.caughtUp()
  const [sequence, parser] = [new FeedMessageSequence(), new EventStreamParser()]
  const intake = new ImageLoader(ring, name)
  const seen: string[] = []
  const late = items.slice(count)
  const out = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      for (const { type, data } of parser.push(chunk.toString()) ?? []) {
        seen.push(type)
        const parsed = sequence.parse(type, data)
        assert.ok(parsed.ok, type)
        if (parsed.ok && parsed.event.type === 'items') reader.sink.onItems(parsed.event.items)
        if (parsed.ok && parsed.event.type === 'image') {
          assert.ok(intake.tell(parsed.event.chunk, reader.sink))
        }
      }
      // What is revoked meanwhile.
      const told = late.shift()
      if (told) feed.tell(told)
      setImmediate(done)
    },
  })
  const leaving = new AbortController()
  const image = asks ? { name, ring } : null
  const { signal } = leaving
  const running = new FeedConnection({
    hub,
    clock,
    out,
    lastEventId: '',
    image,
    times,
    signal,
  }).run()
  await until('it caught up', () => seen.includes('caught_up'))
  for (const item of late.splice(0)) feed.tell(item)
  const newest = hub.content.closed?.closed.t ?? null
  const last = `sid:${idOf(999)}` as const
  feed.revoke(last)
  await until('all is told', () => reader.set.match(accessClaims({ sid: idOf(999) })) === last)
  leaving.abort()
  await running
  await hub.close()
  assert.not.ok(intake.isUnfinished)
  return { set: reader.set, seen, closed: reader.closed(), newest }
}

claims('a reader of the feed that asks for an image', {
  'knows with it and the tail what a full reading tells, wherever it begins': async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.nat({ max: 40 }), async (steps, at) => {
        const items = itemsOf(steps)
        const [image, full] = [await read(items, at), await read(items, at, false)]
        assert.equal(known(image.set), known(full.set))
        assert.is(image.set.size, full.set.size)
        assert.equal([image.closed, full.closed], [image.newest, image.newest])
        const direct = new MapRevocationSet()
        for (const item of items) {
          if (item.kind === 'revocation') direct.add(item.revocation)
          if (item.kind === 'closed') direct.expire(item.closed.t)
        }
        direct.add(aRevocation(`sid:${idOf(999)}`))
        assert.equal(known(image.set), known(direct))
        const hasClosed = items.slice(0, at).some(({ kind }) => kind === 'closed')
        // One that comes with the greeting may be in time for an image too.
        if (hasClosed) assert.ok(image.seen.includes('image'))
        assert.not.ok(full.seen.includes('image'))
      }),
      { seed, numRuns: 25 },
    )
  },

  'is sent nothing of it that it did not ask for, and no revocations beside it': async () => {
    const steps = [{ closes: 1 }, ...fc.sample(revoked, { numRuns: 30, seed }), { closes: 1 }]
    const { seen } = await read(itemsOf(steps), steps.length)
    assert.equal(seen.slice(0, 2), ['hello', 'reset'])
    const until = seen.indexOf('caught_up')
    assert.not.ok(seen.slice(0, until).includes('revocations'))
  },
})
