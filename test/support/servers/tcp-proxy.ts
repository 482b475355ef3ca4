import { connect, createServer, type Socket } from 'node:net'

export type TcpProxy = Readonly<{
  port: number
  /** Connections that were accepted so far. */
  accepted(): number
  /** Produce requests that reached the broker so far. */
  produced(): number
  /** Swallows the next `count` produce responses: written by the broker, unknown to the client. */
  dropProduceResponses(count: number): void
  /** Existing connections go silent both ways and stay open (half-open); new ones pass. */
  freeze(): void
  /** Cuts existing connections; new ones pass. */
  killAll(): void
  /** While `true`, new connections are cut at once. */
  refuseNew(refuse: boolean): void
  close(): Promise<void>
}>

type Pair = { client: Socket; target: Socket; frozen: boolean }

const produceApi = 0

/** Calls `onFrame` with each whole frame (int32 length, then that many bytes: Kafka's framing). */
const splitFrames = (onFrame: (frame: Buffer) => void): ((data: Buffer) => void) => {
  let rest: Buffer = Buffer.alloc(0)
  return (data) => {
    rest = Buffer.concat([rest, data])
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const size = 4 + rest.readInt32BE(0)
      onFrame(rest.subarray(0, size))
      rest = rest.subarray(size)
    }
  }
}

type Frames = 'kafka' | 'none'

/** What was counted, and what is to go wrong. */
type State = { accepted: number; produced: number; drops: number; refusing: boolean }

const carry = (pair: Pair, frames: Frames, state: State): void => {
  const { client, target } = pair
  const requests = new Map<number, number>()
  const toTarget = (frame: Buffer): void => {
    const api = frame.readInt16BE(4)
    if (api === produceApi) state.produced += 1
    requests.set(frame.readInt32BE(8), api)
    target.write(frame)
  }
  const toClient = (frame: Buffer): void => {
    const correlation = frame.readInt32BE(4)
    const api = requests.get(correlation)
    requests.delete(correlation)
    if (api === produceApi && state.drops > 0) state.drops -= 1
    else client.write(frame)
  }
  const isKafka = frames === 'kafka'
  const onRequest = isKafka ? splitFrames(toTarget) : (data: Buffer) => target.write(data)
  const onAnswer = isKafka ? splitFrames(toClient) : (data: Buffer) => client.write(data)
  client.on('data', (data) => void (pair.frozen || onRequest(data)))
  target.on('data', (data) => void (pair.frozen || onAnswer(data)))
}

const cut = (pairs: Set<Pair>): void => {
  for (const { client, target } of pairs) {
    client.destroy()
    target.destroy()
  }
  pairs.clear()
}

const join = (client: Socket, targetPort: number, pairs: Set<Pair>): Pair => {
  const pair: Pair = { client, target: connect(targetPort, '127.0.0.1'), frozen: false }
  pairs.add(pair)
  const end = (): void => {
    // A frozen link does not tell either side that the other left.
    if (pair.frozen) return
    pairs.delete(pair)
    pair.client.destroy()
    pair.target.destroy()
  }
  for (const socket of [pair.client, pair.target]) {
    socket.setNoDelay(true)
    socket.unref()
    socket.on('error', () => {})
    socket.on('close', end)
  }
  return pair
}

const controls = (pairs: Set<Pair>, state: State): Omit<TcpProxy, 'port' | 'close'> => ({
  accepted: () => state.accepted,
  produced: () => state.produced,
  dropProduceResponses: (count) => {
    state.drops = count
  },
  freeze: () => {
    for (const pair of pairs) pair.frozen = true
  },
  killAll: () => cut(pairs),
  refuseNew: (refuse) => {
    state.refusing = refuse
  },
})

/**
 * A fault proxy on loopback from `listen` (0 = a free port) to `target`. With `frames: 'kafka'` it
 * knows produce responses; with `'none'` it carries any protocol. It never keeps the process alive.
 */
export const openTcpProxy = ({
  listen,
  target,
  frames,
}: Readonly<{ listen: number; target: number; frames: Frames }>): Promise<TcpProxy> => {
  const pairs = new Set<Pair>()
  const state: State = { accepted: 0, produced: 0, drops: 0, refusing: false }
  const server = createServer((client) => {
    state.accepted += 1
    if (state.refusing) client.destroy()
    else carry(join(client, target, pairs), frames, state)
  })
  server.unref()
  const close = (): Promise<void> =>
    new Promise((done) => {
      cut(pairs)
      server.close(() => done())
    })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(listen, '127.0.0.1', () => {
      const address = server.address()
      const port = address !== null && typeof address === 'object' ? address.port : listen
      resolve({ ...controls(pairs, state), port, close })
    })
  })
}
