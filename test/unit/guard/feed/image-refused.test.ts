import { sseRevocationFeed } from '../../../../shared/guard/feed/sse-revocation-feed.ts'
import {
  encodeFeedEvent,
  encodeRevocations,
} from '../../../../shared/guard/feed-protocol/feed-messages.ts'
import {
  encodeImageChunk,
  type ImageHeader,
  readerRing,
} from '../../../../shared/guard/feed-protocol/revocation-image.ts'
import type { Fetch } from '../../../../shared/guard/http-client/guard-fetch.ts'
import { isAuthError } from '../../../../shared/kernel/errors.ts'
import type { RevocationRows } from '../../../../shared/ports/revocation-feed.ts'
import { heardSink } from '../../../contracts/revocation-feed.ts'
import { aLogId } from '../../../support/fakes/builders.ts'
import { fakeClock } from '../../../support/fakes/fake-clock.ts'
import { seededEntropy } from '../../../support/fakes/seeded-entropy.ts'
import { assert, claims } from '../../../support/suite.ts'

const logId = aLogId()
const secret = 'a secret of a guard'
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 9; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** A guard's feed, and a server whose every word the test chooses. */
const opened = async (takesImages = true) => {
  const clock = fakeClock()
  const asked: (string | null)[] = []
  let say: (text: string) => Promise<void> = settle
  const fetch: Fetch = async (_, init) => {
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined
    const body = new ReadableStream<Uint8Array>({
      start: (given) => {
        controller = given
      },
    })
    init?.signal?.addEventListener('abort', () => controller?.error(new Error('aborted')))
    asked.push(new Headers(init?.headers).get('curfew-image'))
    say = async (text) => {
      controller?.enqueue(new TextEncoder().encode(text))
      await settle()
    }
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  }
  const url = new URL('https://auth.example/feed')
  const entropy = seededEntropy('image')
  const feed = sseRevocationFeed({ url, clientId: 'a', secret, clock, entropy, fetch })
  const heard = heardSink()
  const rows: RevocationRows[] = []
  const onRows = (told: RevocationRows): void => void rows.push(told)
  const opening = feed.open(takesImages ? { ...heard, onRows } : heard)
  await settle()
  const begin = (): Promise<void> =>
    say(
      encodeFeedEvent('hello', 0, { v: 1, heartbeatMs: 1_000 }) +
        encodeFeedEvent('reset', 1, { reason: 'start' }, ''),
    )
  await begin()
  await opening
  const name = (): string => asked.at(-1) ?? ''
  return { feed, clock, asked, heard, rows, begin, name, say: (text: string) => say(text) }
}

type World = Awaited<ReturnType<typeof opened>>

const row = Buffer.from('5e551011ab5e551011ab5e551011ab015fa0c00100942569', 'hex')
const chunk = (world: World, over: Partial<ImageHeader> = {}, under = secret): string => {
  const place = { logId, image: world.name(), offset: 7, index: 0, total: 1 }
  const header = { ...place, entries: 1, of: 'sid' as const, ...over }
  return encodeImageChunk(readerRing(under), { header, body: row }).toString('base64')
}
const sent = (seq: number, text: string): string => encodeFeedEvent('image', seq, { chunk: text })
const closed = (seq: number, offset = 7): string =>
  encodeFeedEvent('closed', seq, { t: 5, logId, offset })
const caughtUp = (seq: number): string => encodeFeedEvent('caught_up', seq, {}, `${logId}:7`)

const refusals: Readonly<Record<string, (world: World) => string>> = {
  'a damaged one': (world) => sent(2, `${chunk(world).slice(0, -4)}AAAA`),
  'one that is none': () => sent(2, 'AAAA'),
  'one for another reader': (world) => sent(2, chunk(world, {}, 'a secret of another')),
  'one that somebody else asked for': (world) => sent(2, chunk(world, { image: 'e'.repeat(32) })),
  'one whose beginning is missing': (world) => sent(2, chunk(world, { index: 1, total: 2 })),
  'one whose parts are repeated': (world) =>
    sent(2, chunk(world, { total: 0 })) + sent(3, chunk(world, { total: 0 })),
  'one whose end is missing': (world) =>
    sent(2, chunk(world, { total: 0 })) + closed(3) + caughtUp(4),
  'one of another log': (world) => sent(2, chunk(world, { logId: aLogId() })) + closed(3),
  'one of an earlier place': (world) => sent(2, chunk(world, { offset: 6 })) + closed(3),
  'one behind its end': (world) =>
    sent(2, chunk(world)) + closed(3) + caughtUp(4) + sent(5, chunk(world)),
}

claims('an image that a guard asked for', {
  'is told as rows, and what follows it as always': async () => {
    const world = await opened()
    const { feed, heard, rows, say, asked } = world
    assert.match(asked[0] ?? '', /^[0-9a-f]{32}$/)
    const json = Buffer.from(JSON.stringify([['all', 3, 9e12, 'logout', 1, 'all:3:0', 4]]))
    const header = { logId, image: world.name(), offset: 7, index: 1, total: 2, entries: 2 }
    const last = encodeImageChunk(readerRing(secret), {
      header: { ...header, of: 'json' },
      body: json,
    })
    await say(sent(2, chunk(world, { total: 0, entries: 2 })) + sent(3, last.toString('base64')))
    await say(closed(4) + caughtUp(5))
    assert.equal(
      rows.map(({ of, entries, rows: { byteLength } }) => [of, entries, byteLength]),
      [['sid', 2, row.length]],
    )
    assert.equal([heard.keys(), heard.caughtUp.length, heard.troubles], [['all'], 1, []])
    assert.equal(
      heard.items.map(({ offset }) => offset),
      [-1, 7],
    )
    await feed.close()
  },

  'is refused, told, and not asked for until all was read one by one': async () => {
    for (const [what, words] of Object.entries(refusals)) {
      const world = await opened()
      const { feed, clock, heard, begin, say, asked } = world
      await say(words(world))
      assert.equal(
        heard.troubles.map((error) => isAuthError(error, 'IMAGE_REFUSED')),
        [true],
        what,
      )
      await clock.advance(100)
      assert.equal([asked.length, asked[1]], [2, null], what)
      await begin()
      const one = JSON.stringify(['sid:a', null, 9e12, 'logout', 1, 's/a:1:0', 7])
      await say(encodeRevocations(2, [one]) + closed(3) + caughtUp(4))
      assert.equal(heard.keys(), ['sid:a'], what)
      await say(encodeFeedEvent('beat', 9)) // A gap in the numbers: everything again.
      await clock.advance(200)
      assert.match(asked[2] ?? '', /^[0-9a-f]{32}$/)
      assert.is.not(asked[2], asked[0])
      await feed.close()
    }
  },

  'may be left out by a server that knows of none': async () => {
    const { feed, heard, say } = await opened()
    const one = JSON.stringify(['sid:a', null, 9e12, 'logout', 1, 's/a:1:0', 7])
    await say(encodeRevocations(2, [one]) + closed(3) + caughtUp(4))
    assert.equal([heard.keys(), heard.caughtUp.length, heard.troubles], [['sid:a'], 1, []])
    await feed.close()
  },

  'is not asked for by a reader that takes items alone': async () => {
    const { feed, asked, heard, say } = await opened(false)
    assert.equal(asked, [null])
    await say(sent(2, 'AAAA'))
    assert.is(heard.troubles.length, 1)
    await feed.close()
  },
})
