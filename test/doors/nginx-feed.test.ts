import type { EpochMs } from '../../shared/kernel/ids.ts'
import { aClosedTimeRecord, aLogId, aRevocationRecord, noon } from '../support/fakes/builders.ts'
import { findTool } from '../support/processes/tools.ts'
import { startNginx } from '../support/servers/nginx.ts'
import { assert, claims } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { type FeedReading, readFeed } from '../support/views/feed-reading.ts'
import { type FeedWorld, openFeedWorld } from '../support/worlds/feed-world.ts'

/** As somebody compresses everything; buffers are as they are by default. */
const server = (port: number, upstream: number): string => `
  server {
    listen 127.0.0.1:${port};
    gzip on;
    gzip_proxied any;
    gzip_types text/event-stream;
    location / { proxy_pass http://127.0.0.1:${upstream}; }
  }`

type Proxied = Readonly<{ world: FeedWorld; read: (encoding: string) => Promise<FeedReading> }>

const behindNginx = async (
  heartbeatMs: number,
  prove: (proxied: Proxied) => Promise<void>,
): Promise<void> => {
  const command = await findTool('nginx', 'the feed behind nginx, which buffers and compresses')
  if (command === null) return
  const world = await openFeedWorld({ times: { heartbeatMs, patienceMs: 5_000 } })
  const nginx = await startNginx(command, (port) => server(port, world.port))
  try {
    const read = (encoding: string) => readFeed(nginx.url, { 'accept-encoding': encoding })
    await prove({ world, read })
  } finally {
    await nginx.control.stop()
    await world.close()
    await world.log.close()
  }
}

const encodings = ['gzip', 'identity']
// Nothing else is told for so long, so that nothing pushes an event through that was kept back.
const quietMs = 600_000

claims('GET /feed behind nginx with its buffers and gzip', {
  'each revocation arrives when it is told, not with the next thing that fills a buffer': () =>
    behindNginx(quietMs, async ({ world: { log, ring, hub }, read }) => {
      const logId = aLogId()
      await log.publish([aRevocationRecord(ring), aClosedTimeRecord(ring, noon, logId)])
      await until('it is read', () => hub.content.closed !== null)
      for (const encoding of encodings) {
        const reading = await read(encoding)
        await until('it caught up', () => reading.types().includes('caught_up'))
        const { headers } = reading.answer
        assert.is(headers.get('content-encoding') ?? 'identity', encoding)
        assert.match(headers.get('cache-control') ?? '', /^no-store, no-transform$/)
        for (let turn = 1; turn <= 3; turn += 1) {
          const record = aRevocationRecord(ring)
          await log.publish([record])
          await until('it is heard', () => reading.keys().includes(record.key))
          const t = (noon + hub.content.tail.end) as EpochMs
          await log.publish([aClosedTimeRecord(ring, t, logId)])
          await until('time is closed', () => reading.last()?.body['t'] === t)
        }
        await reading.leave()
      }
    }),

  'heartbeats come by themselves, and who leaves nginx is gone from the server': () =>
    behindNginx(20, async ({ world: { log, ring, server: feed }, read }) => {
      await log.publish([aClosedTimeRecord(ring, noon, aLogId())])
      for (const encoding of encodings) {
        const reading = await read(encoding)
        await until('it beats', () => reading.types().filter((one) => one === 'beat').length > 2)
        await reading.leave()
        await until('the server let it go', () => feed.readers === 0)
      }
    }),
})
