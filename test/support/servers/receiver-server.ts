import { createPublicKey, type JsonWebKey, verify } from 'node:crypto'
import { listen } from '../../../shared/http/listen.ts'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'
import { rawRequest } from '../../http/raw-request.ts'
import type { World } from '../worlds/gateway-world.ts'

export type Heard = Readonly<{
  headers: Readonly<Record<string, string | string[] | undefined>>
  body: string
}>
type Answer = Readonly<{ status: number; body?: string; headers?: Record<string, string> }>

/** A receiver of one's own over real HTTP: keeps what it hears, answers what it is told to. */
export type ReceiverServer = Closable &
  Readonly<{
    url: string
    /** Every request, refused ones too. */
    heard: Heard[]
    /** Bodies of requests that were answered 2xx. */
    taken: string[]
    answer: (how: (request: Heard) => Answer | Promise<Answer>) => void
  }>

export const openReceiver = async (): Promise<ReceiverServer> => {
  const heard: Heard[] = []
  const taken: string[] = []
  let how: (request: Heard) => Answer | Promise<Answer> = () => ({ status: 202 })
  const server = await listen(
    async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const one = { headers: request.headers, body: Buffer.concat(chunks).toString('utf8') }
      heard.push(one)
      const { status, body = '', headers = {} } = await how(one)
      if (status >= 200 && status < 300) taken.push(one.body)
      response.writeHead(status, headers).end(body)
    },
    { port: 0, host: '127.0.0.1' },
  )
  const answer: ReceiverServer['answer'] = (next) => {
    how = next
  }
  return { url: server.url, heard, taken, answer, close: () => server.close() }
}

export const withReceiver = async (
  work: (receiver: ReceiverServer) => Promise<void>,
): Promise<void> => {
  const receiver = await openReceiver()
  try {
    await work(receiver)
  } finally {
    await receiver.close()
  }
}

export type Jwt = Readonly<{
  header: Readonly<Record<string, unknown>>
  claims: Readonly<Record<string, unknown>>
}>

const part = (text: string | undefined): Record<string, unknown> =>
  JSON.parse(Buffer.from(text ?? '', 'base64url').toString('utf8')) as Record<string, unknown>

/** Without a check of the signature. */
export const readJwt = (token: string): Jwt => {
  const [header, claims] = token.split('.')
  return { header: part(header), claims: part(claims) }
}

/** By the published keys, with node:crypto alone. @throws Error when it does not verify. */
export const verifiedJwt = async ({ url }: Pick<World, 'url'>, token: string): Promise<Jwt> => {
  const read = readJwt(token)
  const { body } = await rawRequest(`${url}/.well-known/jwks.json`, { method: 'GET' })
  const keys = body['keys'] as (JsonWebKey & { kid: string; alg: string })[]
  const jwk = keys.find(({ kid }) => kid === read.header['kid'])
  if (jwk?.alg !== 'RS256' || read.header['alg'] !== 'RS256') throw new Error('no such key')
  const signature = Buffer.from(token.split('.')[2] ?? '', 'base64url')
  const signed = Buffer.from(token.slice(0, token.lastIndexOf('.')))
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  if (!verify('sha256', signed, key, signature)) throw new Error('a bad signature')
  return read
}
