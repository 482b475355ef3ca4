import type { Socket } from 'node:net'
import type { KafkaConfig } from 'kafkajs'
import type { Clock } from '../../../kernel/clock.ts'
import { type Entropy, fraction } from '../../../kernel/entropy.ts'
import { ByteReader } from '../protocol/byte-reader.ts'
import type { WatchedSockets } from './watched-sockets.ts'

export type BootstrapParts = Readonly<{
  brokers: readonly string[]
  ssl: boolean
  /** After a login that we do not make here, a broker says no more. */
  hasLogin: boolean
  sockets: WatchedSockets
  clock: Clock
  entropy: Entropy
}>

type Address = Readonly<{ name: string; host: string; port: number }>

const patienceMs = 2_000
/** A black hole must not keep the others waiting. */
const headStartMs = 250
const answerBytesMax = 1024 * 1024

// Version 0 of ApiVersions, and version 1 of Metadata for no topic; no client id.
const apiVersionsRequest = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff])
const metadataRequest = Buffer.from([
  ...[0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 2, 0xff, 0xff],
  ...[0, 0, 0, 0],
])
const fetchApi = 1
const metadataApi = 3

/** Checks one answer after another, until the last one is good. */
type Check = (answer: ByteReader) => 'more' | 'good'

const conversation = (socket: Socket, hasLogin: boolean): Check => {
  let asked = 1
  return (answer) => {
    if (answer.int32() !== asked) throw new Error('it does not speak Kafka')
    if (asked === 2) {
      if (answer.int32() <= 0) throw new Error('it knows no brokers')
      return 'good'
    }
    if (answer.int16() !== 0) throw new Error('it does not tell its versions')
    const apis = answer.array(() => [answer.int16(), answer.int16(), answer.int16()][0])
    if (!apis.includes(fetchApi) || !apis.includes(metadataApi)) throw new Error('it is no broker')
    if (hasLogin) return 'good'
    asked = 2
    socket.write(metadataRequest)
    return 'more'
  }
}

/** Resolves when the address answers as a broker; rejects with why it does not. */
const answers = (parts: BootstrapParts, { host, port }: Address, over: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    const { sockets, ssl, clock, hasLogin } = parts
    const onConnect = (): void => void socket.write(apiVersionsRequest)
    // kafkajs's own type has TLS options alone here, and its code hands on what it was given.
    const given = { host, port, ssl: ssl as unknown as object, onConnect }
    const socket = sockets.factory(given)
    const check = conversation(socket, hasLogin)
    const end = (why: Error | null): void => {
      socket.destroy()
      done.abort()
      if (why) reject(why)
      else resolve()
    }
    const done = new AbortController()
    const late = new Error(`no answer in ${patienceMs} ms`)
    void clock.sleep(patienceMs, done.signal).then(() => end(late))
    over.addEventListener('abort', () => end(late), { signal: done.signal })
    let received: Buffer = Buffer.alloc(0)
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes])
      try {
        while (received.length >= 4) {
          const size = received.readInt32BE()
          if (size < 4 || size > answerBytesMax) throw new Error('it does not speak Kafka')
          if (received.length < 4 + size) return
          const answer = new ByteReader(received.subarray(4, 4 + size))
          received = received.subarray(4 + size)
          if (check(answer) === 'good') return end(null)
        }
      } catch (error) {
        end(error as Error)
      }
    })
    socket.on('error', (error: Error) => end(error))
    socket.on('close', () => end(new Error('it closed the connection')))
  })

const rotated = ({ brokers, entropy }: BootstrapParts): readonly Address[] => {
  const from = Math.floor(fraction(entropy) * brokers.length)
  return [...brokers.slice(from), ...brokers.slice(0, from)].map((name) => {
    const [host = '', port] = name.split(':')
    return { name, host, port: Number(port) }
  })
}

/**
 * The first of the addresses that answers as a broker, tried from a random one on: the next is
 * tried when one fails, or has not answered for 250 ms. At most 2 s after the last began.
 * @throws Error with what each of them did
 */
export const findBroker = async (parts: BootstrapParts): Promise<string> => {
  const over = new AbortController()
  const reasons: string[] = []
  const found: string[] = []
  const attempt = async (address: Address): Promise<string> => {
    try {
      await answers(parts, address, over.signal)
      found.push(address.name)
      return address.name
    } catch (error) {
      reasons.push(`${address.name}: ${(error as Error).message}`)
      throw error
    }
  }
  const attempts: Promise<string>[] = []
  try {
    for (const address of rotated(parts)) {
      const next = attempt(address)
      attempts.push(next)
      const turn = new AbortController()
      const ended = next.then(() => {}).catch(() => {})
      await Promise.race([ended, parts.clock.sleep(headStartMs, turn.signal)])
      turn.abort()
      const [first] = found
      if (first !== undefined) return first
    }
    return await Promise.any(attempts)
  } catch {
    throw new Error(`no broker answers (${reasons.join('; ')})`)
  } finally {
    over.abort()
  }
}

/**
 * What kafkajs takes as addresses. Its own way through a list tries the first one of each new
 * client until that is refused: one that accepts and closes, hangs or speaks something else was
 * the only one ever tried.
 */
export const bootstrapOf =
  (parts: BootstrapParts): KafkaConfig['brokers'] =>
  async () => [await findBroker(parts)]
