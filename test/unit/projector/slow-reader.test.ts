import { connect } from 'node:net'
import { Writable } from 'node:stream'
import { FeedConnection } from '../../../services/projector/feed/feed-connection.ts'
import { FeedHub } from '../../../services/projector/feed/feed-hub.ts'
import type { RevocationItem } from '../../../shared/events/revocation-record.ts'
import { eventCharsMax } from '../../../shared/guard/feed-protocol/sse-parser.ts'
import type { EventId } from '../../../shared/kernel/ids.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import { aSid } from '../../support/fakes/builders.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { aRevocation, fakeFeed } from '../../support/fakes/fake-feed.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { basic, openFeedWorld, reader } from '../../support/worlds/feed-world.ts'

/** Far below the snapshot, far above one event. */
const heldMax = 400_000
const times = { heartbeatMs: 1_000, patienceMs: 5_000 }

const item = (offset: number): RevocationItem => {
  const key = `sid:${aSid()}` as const
  return { kind: 'revocation', id: `${key}:1` as EventId, offset, revocation: aRevocation(key) }
}

/** A hub that holds `count` entries and has caught up. */
const hubOf = async (count: number) => {
  const feed = fakeFeed()
  const clock = fakeClock()
  const hub = new FeedHub({ feed, clock, logger, tailMax: 100 })
  hub.start()
  for (let offset = 0; offset < count; offset += 1) feed.tell(item(offset))
  feed.closeTime(clock.now())
  feed.caughtUp()
  return { hub, clock, feed }
}

/** Takes a chunk a turn, or nothing at all after `takes` chunks. */
const sinkOf = (takes: number) => {
  const state = { bytes: 0, chunks: 0, heldMax: 0, longest: 0 }
  const out = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      state.heldMax = Math.max(state.heldMax, out.writableLength)
      state.longest = Math.max(state.longest, chunk.length)
      state.bytes += chunk.length
      state.chunks += 1
      if (state.chunks <= takes) setImmediate(done)
    },
  })
  return { out, state }
}

claims('a feed and its slow readers', {
  'a large snapshot streams with one event in hand': async () => {
    const { hub, clock } = await hubOf(50_000)
    const { out, state } = sinkOf(Number.POSITIVE_INFINITY)
    const leaving = new AbortController()
    const { signal } = leaving
    const running = new FeedConnection({ hub, clock, out, lastEventId: '', times, signal }).run()
    await until('all is told', () => state.chunks === 50_000 / 250 + 4)
    assert.ok(state.bytes > 10 * heldMax)
    assert.ok(state.heldMax < heldMax)
    assert.ok(state.longest < eventCharsMax / 4, 'an event is far below what readers accept')
    leaving.abort()
    assert.is(await running, 'left')
  },

  'what is revoked while a snapshot is told follows it': async () => {
    const { hub, clock, feed } = await hubOf(2_000)
    const late = Array.from({ length: 50 }, (_, index) => item(5_000 + index))
    let text = ''
    const out = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        text += chunk.toString()
        const told = late.shift()
        if (told) feed.tell(told)
        setImmediate(done)
      },
    })
    const leaving = new AbortController()
    const { signal } = leaving
    const keys = late.flatMap((one) => (one.kind === 'revocation' ? [one.revocation.key] : []))
    const running = new FeedConnection({ hub, clock, out, lastEventId: '', times, signal }).run()
    await until('every one of them is told', () => keys.every((key) => text.includes(key)), 5_000)
    leaving.abort()
    assert.is(await running, 'left')
  },

  'who takes nothing any more is cut, with one event in hand': async () => {
    const { hub, clock } = await hubOf(50_000)
    const { out, state } = sinkOf(20)
    const { signal } = new AbortController()
    const running = new FeedConnection({ hub, clock, out, lastEventId: '', times, signal }).run()
    await until('it takes nothing', () => state.chunks === 21)
    await clock.advance(times.patienceMs)
    assert.is(await running, 'slow')
    assert.ok(out.writableLength < heldMax)
  },

  'who falls behind the newest items is cut': async () => {
    const { hub, clock, feed } = await hubOf(10)
    let release = (): void => {}
    const out = new Writable({
      highWaterMark: 1,
      write: (_chunk, _encoding, done) => {
        release = done
      },
    })
    const { signal } = new AbortController()
    const running = new FeedConnection({ hub, clock, out, lastEventId: '', times, signal }).run()
    let ended = false
    void running.finally(() => {
      ended = true
    })
    let offset = 100
    await until('it is cut', () => {
      for (const last = offset + 300; offset < last; offset += 1) feed.tell(item(offset))
      const take = release
      release = () => {}
      take()
      return ended
    })
    assert.is(await running, 'slow')
  },

  // asvs: 15.2.2
  'a socket that nobody reads is cut, and the others hear on': async () => {
    const world = await openFeedWorld({ times: { heartbeatMs: 1_000, patienceMs: 300 } })
    const socket = connect(world.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.pause()
    socket.write(
      `GET /feed HTTP/1.1\r\nhost: localhost\r\n` +
        `authorization: ${basic(reader.id, reader.secret)}\r\n\r\n`,
    )
    await until('it is served', () => world.server.readers === 1)
    const { content } = world.hub
    const fill = (): void => {
      for (let count = 0; count < 2_000; count += 1) {
        const told = item(count)
        content.tail.add(told)
      }
    }
    await until('it is cut', () => {
      fill()
      return world.server.readers === 0
    })
    socket.destroy()
    await world.close()
    await world.log.close()
  },
})
