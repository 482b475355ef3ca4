import { once } from 'node:events'
import { connect } from 'node:net'
import type { LogRecord } from '../../../shared/events/log-record.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import {
  aClosedTimeRecord,
  aLogId,
  aRevocationRecord,
  later,
  noon,
} from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { type FeedReading, readFeed } from '../../support/views/feed-reading.ts'
import {
  basic,
  type FeedWorld,
  introspector,
  openFeedWorld,
  reader,
} from '../../support/worlds/feed-world.ts'

type Options = Parameters<typeof openFeedWorld>[0]
const served = async (
  prove: (world: FeedWorld) => Promise<void>,
  options: Options = {},
): Promise<void> => {
  const world = await openFeedWorld(options)
  try {
    await prove(world)
  } finally {
    await world.close()
    await world.log.close()
  }
}
const some = ({ ring }: FeedWorld, count: number): LogRecord[] =>
  Array.from({ length: count }, () => aRevocationRecord(ring))
const keysOf = (records: readonly LogRecord[]): string[] => records.map(({ key }) => key)
const caughtUp = ({ types }: FeedReading): Promise<void> =>
  until('the reader caught up', () => types().includes('caught_up'))
const bodyOf = (reading: FeedReading, type: string) =>
  reading.events.find((event) => event.type === type)?.body

claims('GET /feed', {
  'without credentials 401, without the permission 403, by another method 405': () =>
    served(async ({ url }) => {
      const ask = async (init: RequestInit) => {
        const answer = await fetch(`${url}/feed`, init)
        return [answer.status, ((await answer.json()) as { code: string }).code, answer.headers]
      }
      const [status, code, headers] = await ask({})
      assert.equal([status, code], [401, 'client_invalid'])
      assert.match((headers as Headers).get('www-authenticate') ?? '', /^Basic /)
      const wrong = { authorization: basic('orders', 'a wrong secret, long') }
      assert.is((await ask({ headers: wrong }))[0], 401)
      const other = { authorization: basic(introspector.id, introspector.secret) }
      assert.equal((await ask({ headers: other })).slice(0, 2), [403, 'forbidden'])
      assert.equal((await ask({ method: 'POST' })).slice(0, 2), [405, 'method_not_allowed'])
    }),

  'hello, reset, what is in force, closed time, caught up; numbered without a gap': () =>
    served(async (world) => {
      const { log, ring, url } = world
      const logId = aLogId()
      const records = some(world, 600)
      await log.publish([...records, aClosedTimeRecord(ring, noon, logId)])
      await until('it is read', () => world.hub.content.closed !== null)
      const reading = await readFeed(url)
      await caughtUp(reading)
      assert.match(reading.answer.headers.get('content-type') ?? '', /^text\/event-stream/)
      const numbers = reading.events.map(({ body }) => body['seq'])
      assert.equal(numbers, [...numbers.keys()])
      assert.equal(reading.types().slice(0, 2), ['hello', 'reset'])
      assert.equal(reading.types().slice(-2), ['closed', 'caught_up'])
      assert.equal(bodyOf(reading, 'closed'), { seq: 5, t: noon, logId, offset: 600 })
      assert.equal(reading.keys(), keysOf(records))
      assert.is(reading.last()?.lastEventId, `${logId}:600`)
      await reading.leave()
    }),

  'a reader goes on behind its position; one that is unknown or too old begins anew': () =>
    served(
      async (world) => {
        const { log, ring, url, hub } = world
        const logId = aLogId()
        await log.publish([...some(world, 3), aClosedTimeRecord(ring, noon, logId)])
        const records = some(world, 4)
        await log.publish(records)
        await until('it is read', () => hub.content.tail.end === 8)
        const askedFor = (lastEventId: string) => readFeed(url, { 'last-event-id': lastEventId })
        const resumed = await askedFor(`${logId}:4`)
        await until('it goes on', () => resumed.keys().length === 3)
        assert.equal(resumed.types().slice(0, 2), ['hello', 'resume'])
        assert.equal(resumed.keys(), keysOf(records.slice(1)))
        const cases = {
          [`${aLogId()}:4`]: 'unknown_log',
          [`${logId}:99`]: 'too_old',
          x: 'position_invalid',
        }
        for (const [position, reason] of Object.entries(cases)) {
          const reading = await askedFor(position)
          await caughtUp(reading)
          assert.is(bodyOf(reading, 'reset')?.['reason'], reason, position)
          assert.is(reading.keys().length, 7)
          await reading.leave()
        }
        await log.publish(some(world, 30))
        await until('it is read', () => hub.content.live.size === 37)
        const late = await askedFor(`${logId}:4`)
        await caughtUp(late)
        assert.is(bodyOf(late, 'reset')?.['reason'], 'too_old')
        await late.leave()
        await until('who fell that far behind is cut', () => resumed.ended())
      },
      { tailMax: 10 },
    ),

  'no revocation falls between snapshot and tail, however they come': () =>
    served(async (world) => {
      const { log, ring, url } = world
      const logId = aLogId()
      await log.publish([...some(world, 3_000), aClosedTimeRecord(ring, noon, logId)])
      await until('it is read', () => world.hub.content.live.size === 3_000)
      const readings: FeedReading[] = []
      const published: string[] = []
      for (let turn = 0; turn < 60; turn += 1) {
        if (turn % 6 === 0) readings.push(await readFeed(url))
        const records = some(world, 50)
        await log.publish([...records, aClosedTimeRecord(ring, later(turn + 1), logId)])
        published.push(...keysOf(records))
        await new Promise((resolve) => setImmediate(resolve))
      }
      for (const reading of readings) {
        await until('it hears of the last', () => reading.keys().includes(published.at(-1) ?? ''))
        const heard = new Set(reading.keys())
        assert.is(published.filter((key) => !heard.has(key)).length, 0)
        assert.is(heard.size, 3_000 + published.length)
        await reading.leave()
      }
    }),

  'what expired before the closed time is told to nobody any more': () =>
    served(async (world) => {
      const { log, ring, url, hub } = world
      const logId = aLogId()
      await log.publish([...some(world, 10), aClosedTimeRecord(ring, noon, logId)])
      await until('it is read', () => hub.content.live.size === 10)
      const afterAll = later(3 * 3_600_000)
      await log.publish([aClosedTimeRecord(ring, afterAll, logId)])
      await until('they are forgotten', () => hub.content.live.size === 0)
      const reading = await readFeed(url)
      await caughtUp(reading)
      assert.equal(reading.keys(), [])
      await reading.leave()
    }),

  'a quiet log is heard to be alive, and no closed time is repeated': () =>
    served(
      async ({ log, ring, url }) => {
        await log.publish([aClosedTimeRecord(ring, 5_000 as EpochMs, aLogId())])
        const reading = await readFeed(url)
        await until('it beats', () => reading.types().filter((one) => one === 'beat').length > 3)
        assert.is(reading.types().filter((one) => one === 'closed').length, 1)
        await reading.leave()
      },
      { times: { heartbeatMs: 20, patienceMs: 5_000 } },
    ),

  'as many readers as are allowed; one that leaves makes room': () =>
    served(
      async ({ url, server }) => {
        const [first, second] = [await readFeed(url), await readFeed(url)]
        const third = await readFeed(url)
        assert.equal([third.answer.status, third.answer.headers.get('retry-after')], [503, '1'])
        await first.leave()
        await until('there is room', () => server.readers === 1)
        const again = await readFeed(url)
        assert.is(again.answer.status, 200)
        await again.leave()
        await second.leave()
      },
      { connectionsMax: 2 },
    ),

  'a reader whose connection is torn is noted, and nothing is written past the log': () =>
    served(async ({ port, server, log, ring }) => {
      const said: unknown[] = []
      const write = console.error
      console.error = (...words) => void said.push(...words)
      try {
        const authorization = basic(reader.id, reader.secret)
        const socket = connect(port, '127.0.0.1')
        socket.write(`GET /feed HTTP/1.1\r\nhost: a\r\nauthorization: ${authorization}\r\n\r\n`)
        await once(socket, 'data')
        socket.resetAndDestroy()
        await log.publish([aClosedTimeRecord(ring, noon, aLogId())])
        await until('it is noted', () => server.readers === 0)
        await new Promise((resolve) => setImmediate(resolve))
      } finally {
        console.error = write
      }
      assert.equal(said, [])
    }),

  'a server that stops ends each answer as a whole one, and cuts nobody off': () =>
    served(async ({ url, server }) => {
      const authorization = basic(reader.id, reader.secret)
      const answer = await fetch(new URL('/feed', url), { headers: { authorization } })
      // Rejects when the connection ends before the answer does.
      const text = answer.text()
      await until('it is read', () => server.readers === 1)
      await server.close()
      assert.match(await text, /event: hello/)
      assert.is(server.readers, 0)
    }),

  'a log with another identity cuts every reader, who begin anew': () =>
    served(async (world) => {
      const { log, ring, url, hub } = world
      const [before, now] = [aLogId(), aLogId()]
      await log.publish([...some(world, 2), aClosedTimeRecord(ring, noon, before)])
      await until('it is read', () => hub.content.closed !== null)
      const reading = await readFeed(url)
      await caughtUp(reading)
      await log.publish([aClosedTimeRecord(ring, later(1_000), now)])
      await until('the reader is cut', () => reading.ended())
      await until('it is read anew', () => hub.content.caughtUp)
      const again = await readFeed(url, { 'last-event-id': reading.last()?.lastEventId ?? '' })
      await caughtUp(again)
      assert.is(bodyOf(again, 'reset')?.['reason'], 'unknown_log')
      assert.is(bodyOf(again, 'closed')?.['logId'], now)
      await again.leave()
    }),
})
