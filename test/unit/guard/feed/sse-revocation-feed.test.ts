import {
  type SseFeedOptions,
  sseRevocationFeed,
} from '../../../../shared/guard/feed/sse-revocation-feed.ts'
import {
  encodeFeedEvent,
  encodeRevocations,
} from '../../../../shared/guard/feed-protocol/feed-messages.ts'
import type { Fetch } from '../../../../shared/guard/http-client/guard-fetch.ts'
import { AuthError } from '../../../../shared/kernel/errors.ts'
import { heardSink } from '../../../contracts/revocation-feed.ts'
import { aLogId } from '../../../support/fakes/builders.ts'
import { fakeClock } from '../../../support/fakes/fake-clock.ts'
import { seededEntropy } from '../../../support/fakes/seeded-entropy.ts'
import { assert, claims } from '../../../support/suite.ts'

const logId = aLogId()
const url = new URL('https://auth.example/feed')
const hello = (v = 1): string => encodeFeedEvent('hello', 0, { v, heartbeatMs: 1_000 })
const revoked = (seq: number, sid: string, offset: number): string =>
  encodeRevocations(
    seq,
    [JSON.stringify([`sid:${sid}`, null, 9e12, 'logout', 1, `s/${sid}:1:0`, offset])],
    `${logId}:${offset}`,
  )
const closed = (seq: number, t: number, offset: number): string =>
  encodeFeedEvent('closed', seq, { t, logId, offset }, `${logId}:${offset}`)
const snapshot = (sid = 'a'): string =>
  hello() +
  encodeFeedEvent('reset', 1, { reason: 'start' }, '') +
  revoked(2, sid, 7).replace(/^id:.*\n/m, '') +
  encodeFeedEvent('closed', 3, { t: 5, logId, offset: 9 }) +
  encodeFeedEvent('caught_up', 4, {}, `${logId}:9`)

type Connection = Readonly<{
  lastEventId: string | null
  say: (text: string) => Promise<void>
  cut: () => Promise<void>
  aborted: () => boolean
}>

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** A server whose every word the test chooses. */
const spoken = (over: Partial<SseFeedOptions> = {}, status = 200) => {
  const clock = fakeClock()
  const connections: Connection[] = []
  const fetch: Fetch = async (_, init) => {
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined
    const body = new ReadableStream<Uint8Array>({
      start: (given) => {
        controller = given
      },
    })
    const { signal } = init ?? {}
    signal?.addEventListener('abort', () => controller?.error(new Error('aborted')))
    connections.push({
      lastEventId: new Headers(init?.headers).get('last-event-id'),
      say: async (text) => {
        controller?.enqueue(new TextEncoder().encode(text))
        await settle()
      },
      cut: async () => {
        controller?.close()
        await settle()
      },
      aborted: () => signal?.aborted ?? false,
    })
    return new Response(body, { status, headers: { 'content-type': 'text/event-stream' } })
  }
  const entropy = seededEntropy('sse')
  const feed = sseRevocationFeed({
    url,
    clientId: 'a',
    secret: 'b',
    clock,
    entropy,
    fetch,
    ...over,
  })
  const latest = (): Connection => {
    const connection = connections.at(-1)
    assert.ok(connection, 'nobody connected')
    return connection
  }
  return { feed, clock, connections, latest, sink: heardSink() }
}

/** Opened, with the first connection greeted and caught up. */
const opened = async () => {
  const world = spoken()
  const opening = world.feed.open(world.sink)
  await settle()
  await world.latest().say(snapshot())
  await opening
  return world
}

const offsets = (sink: ReturnType<typeof heardSink>): number[] =>
  sink.items.map(({ offset }) => offset)

claims('the feed of a guard over server-sent events', {
  'a snapshot says nothing about places until the closed time that ends it': async () => {
    const { sink, feed } = await opened()
    assert.equal([offsets(sink), sink.caughtUp, sink.resets], [[-1, 9], [2], []])
    await feed.close()
  },

  'after a cut it goes on behind the last event, and tells no reset': async () => {
    const { sink, feed, latest, clock, connections } = await opened()
    await latest().say(revoked(5, 'b', 10))
    await latest().cut()
    assert.is(sink.troubles.length, 1)
    await clock.advance(100)
    assert.is(latest().lastEventId, `${logId}:10`)
    await latest().say(hello() + encodeFeedEvent('resume', 1) + revoked(2, 'c', 11))
    assert.equal([sink.keys(), sink.resets], [['sid:a', 'sid:b', 'sid:c'], []])
    assert.is(connections.length, 2)
    await feed.close()
  },

  'a server that begins anew makes the guard forget': async () => {
    const { sink, feed, latest, clock } = await opened()
    await latest().cut()
    await clock.advance(100)
    await latest().say(snapshot('z'))
    assert.equal([sink.resets.length, sink.keys(), sink.caughtUp], [1, ['sid:z'], [2, 2]])
    await feed.close()
  },

  'a connection that breaks within the snapshot asks for everything again': async () => {
    const { feed, latest, clock, sink } = spoken()
    const opening = feed.open(sink)
    await settle()
    await latest().say(snapshot().split('event: closed')[0] ?? '')
    await opening
    await latest().cut()
    await clock.advance(100)
    assert.is(latest().lastEventId, null)
    await latest().say(snapshot())
    assert.equal([sink.resets.length, sink.keys(), sink.caughtUp], [1, ['sid:a'], [2]])
    await feed.close()
  },

  'a gap in the numbers asks for everything again, and what follows it is not told': async () => {
    const { sink, feed, latest, clock } = await opened()
    await latest().say(closed(6, 99, 12))
    assert.equal(offsets(sink), [-1, 9])
    await clock.advance(100)
    assert.is(latest().lastEventId, null)
    await latest().say(snapshot())
    assert.is(sink.resets.length, 1)
    await feed.close()
  },

  'what it does not understand may be a revocation: everything again': async () => {
    const strange = [
      'event: revocations.v2\ndata: {"seq":5}\n\n',
      encodeFeedEvent('revocations', 5, { items: [['pid:1', null, 1, 'x', 1, 'i', 1]] }),
      encodeFeedEvent('closed', 5, { t: 'now', logId, offset: 1 }),
      'event: closed\ndata: {\n\n',
      hello(),
    ]
    for (const event of strange) {
      const { sink, feed, latest, clock } = await opened()
      await latest().say(event)
      assert.equal([offsets(sink), sink.troubles.length], [[-1, 9], 1], event)
      await clock.advance(100)
      assert.is(latest().lastEventId, null)
      await feed.close()
    }
  },

  'silence of three heartbeats ends the connection, any event keeps it': async () => {
    const { sink, feed, latest, clock, connections } = await opened()
    for (let seq = 5; seq < 10; seq += 1) {
      await clock.advance(2_900)
      await latest().say(encodeFeedEvent('beat', seq))
    }
    assert.equal([connections.length, sink.troubles.length], [1, 0])
    await clock.advance(3_000)
    assert.equal([connections[0]?.aborted(), sink.troubles.length], [true, 1])
    await clock.advance(100)
    assert.is(connections.length, 2)
    await feed.close()
  },

  'opening rejects when the server refuses, speaks another version, or stays silent': async () => {
    const failureOf = async (
      world: ReturnType<typeof spoken>,
      then: () => Promise<unknown>,
    ): Promise<unknown> => {
      const failure = world.feed.open(world.sink).catch((error: unknown) => error)
      await settle()
      await then()
      return failure
    }
    const refused = spoken({}, 401)
    assert.instance(await failureOf(refused, settle), AuthError)
    const newer = spoken()
    assert.instance(await failureOf(newer, () => newer.latest().say(hello(2))), AuthError)
    const silent = spoken()
    assert.instance(await failureOf(silent, () => silent.clock.advance(10_000)), AuthError)
    const again = newer.feed.open(newer.sink)
    await settle()
    await newer.latest().say(hello())
    await again
    await newer.feed.close()
  },

  'tries come less and less often, and go on': async () => {
    const { feed, latest, clock, connections } = await opened()
    for (let turn = 0; turn < 8; turn += 1) {
      await latest().cut()
      await clock.advance(3_000)
    }
    assert.is(connections.length, 9)
    await latest().cut()
    await clock.advance(1_000)
    assert.is(connections.length, 9)
    await feed.close()
    assert.is(clock.sleeping(), 0)
  },

  // asvs: 12.3.3
  'http to another machine is refused, unless it is told to be safe': () => {
    const at = (address: string, insecure = false) =>
      sseRevocationFeed({ url: new URL(address), clientId: 'a', secret: 'b', insecure })
    for (const address of [
      'http://auth.example/feed',
      'http://127.0.0.1.example/feed',
      'ftp://localhost/',
    ])
      assert.throws(
        () => at(address),
        (error: unknown) => error instanceof AuthError,
      )
    for (const address of [
      'http://127.0.0.1:1/feed',
      'http://localhost:1/',
      'http://[::1]:1/',
      'https://a.example/',
    ])
      at(address)
    at('http://projector.internal/feed', true)
  },
})
