import { EventStreamParser } from '../../../shared/guard/feed-protocol/sse-parser.ts'
import { basic, reader } from '../worlds/feed-world.ts'

export type ReadEvent = Readonly<{
  type: string
  lastEventId: string
  body: Readonly<Record<string, unknown>>
}>

/** `GET /feed` as any client of event streams reads it. */
export const readFeed = async (url: string, headers: Record<string, string> = {}) => {
  const leaving = new AbortController()
  const authorization = basic(reader.id, reader.secret)
  const answer = await fetch(`${url}/feed`, {
    headers: { authorization, ...headers },
    signal: leaving.signal,
  })
  const events: ReadEvent[] = []
  const state = { ended: false }
  const read = async (): Promise<void> => {
    const parser = new EventStreamParser()
    const decoder = new TextDecoder()
    for await (const chunk of answer.body ?? []) {
      for (const event of parser.push(decoder.decode(chunk, { stream: true })) ?? []) {
        events.push({ ...event, body: JSON.parse(event.data) })
      }
    }
  }
  const reading = read()
    .catch(() => {}) // Cut by either side.
    .finally(() => {
      state.ended = true
    })
  return {
    answer,
    events,
    types: () => events.map(({ type }) => type),
    last: () => events.at(-1),
    keys: () =>
      events.flatMap(({ type, body }) =>
        type === 'revocations' ? (body['items'] as [string][]).map(([key]) => key) : [],
      ),
    ended: () => state.ended,
    leave: async () => {
      leaving.abort()
      await reading
    },
  }
}

export type FeedReading = Awaited<ReturnType<typeof readFeed>>
