import { connect } from 'node:net'
import { int16, int32, text } from './kafka-bytes.ts'

/** Requests that kafkajs has not, in versions whose encoding is the old, plain one. */

type Call = Readonly<{ api: number; version: number; body: readonly Buffer[] }>

const noClientId = int16(-1)

/** The answer after its header. */
const ask = (port: number, { api, version, body }: Call, limitMs: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const correlation = int32(1)
    const request = Buffer.concat([int16(api), int16(version), correlation, noClientId, ...body])
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(Buffer.concat([int32(request.length), request]))
    })
    let answer = Buffer.alloc(0)
    socket.setTimeout(limitMs, () => socket.destroy(new Error('no answer')))
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('closed')))
    socket.on('data', (data) => {
      answer = Buffer.concat([answer, data])
      if (answer.length < 4 || answer.length < 4 + answer.readInt32BE(0)) return
      resolve(answer.subarray(8))
      socket.destroy()
    })
  })

const metadata: Call = { api: 3, version: 1, body: [int32(0)] }

/** Ports of the brokers that the broker on `port` knows to be alive. */
export const listedPorts = async (port: number): Promise<readonly number[]> => {
  const answer = await ask(port, metadata, 1_000)
  const ports: number[] = []
  let at = 4
  for (let left = answer.readInt32BE(0); left > 0; left -= 1) {
    at += 4
    at += 2 + answer.readInt16BE(at)
    ports.push(answer.readInt32BE(at))
    at += 4
    at += 2 + Math.max(0, answer.readInt16BE(at))
  }
  return ports
}

export type Partition = Readonly<{ topic: string; partition: number }>

const preferred = Buffer.from([0])

/** The preferred replica becomes the leader, if it is in sync; the broker's error code, if any. */
export const electPreferred = async (port: number, partition: Partition): Promise<number> => {
  const topics = [int32(1), text(partition.topic), int32(1), int32(partition.partition)]
  const body = [preferred, ...topics, int32(10_000)]
  const answer = await ask(port, { api: 43, version: 1, body }, 15_000)
  const overall = answer.readInt16BE(4)
  if (overall !== 0 || answer.readInt32BE(6) === 0) return overall
  const afterName = 10 + 2 + partition.topic.length
  return answer.readInt16BE(afterName + 4 + 4)
}

const float64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes
}
const flag = (value: boolean): Buffer => Buffer.from([value ? 1 : 0])

/** Sets a quota of the clients with an id, as `producer_byte_rate`; `null` takes it away. */
export const setQuota = async (
  port: number,
  clientId: string,
  [name, value]: readonly [string, number | null],
): Promise<void> => {
  const entity = [int32(1), text('client-id'), text(clientId)]
  const change = [int32(1), text(name), float64(value ?? 0), flag(value === null)]
  const body = [int32(1), ...entity, ...change, flag(false)]
  const answer = await ask(port, { api: 49, version: 0, body }, 15_000)
  const code = answer.readInt16BE(8)
  if (code !== 0) throw new Error(`the quota was refused with ${code}`)
}
