import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'

export type Sent = Readonly<{
  method: string
  /** A list sends the header once for each value. */
  headers?: Readonly<Record<string, string | readonly string[]>>
  /** Sent as JSON; nothing when left out. */
  json?: unknown
  /** Sent as a form, in place of `json`. */
  form?: Readonly<Record<string, string>>
}>

export type Answer = Readonly<{
  status: number
  headers: IncomingHttpHeaders
  setCookie: readonly string[]
  /** Parsed when it is JSON, else the text. */
  body: unknown
}>

/** Kept alive: fifty racing calls measure the gateway, not fifty handshakes. */
const agent = new Agent({ keepAlive: true, maxSockets: 256 })

const textOf = async (message: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

const parsed = (text: string, type: string): unknown =>
  type.includes('json') && text !== '' ? JSON.parse(text) : text

const bodyOf = (
  json: unknown,
  form: Sent['form'],
): readonly [type: string, body: string | null] => {
  if (form) return ['application/x-www-form-urlencoded', new URLSearchParams(form).toString()]
  return ['application/json', json === undefined ? null : JSON.stringify(json)]
}

/**
 * One request over real HTTP. Rejects only when the connection fails; every status is an answer.
 */
export const sendHttp = (
  url: string,
  { method, headers = {}, json, form }: Sent,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const [type, body] = bodyOf(json, form)
    const described = body === null ? {} : { 'content-type': type }
    const answered = (message: IncomingMessage): void => {
      textOf(message).then(
        (text) =>
          resolve({
            status: message.statusCode ?? 0,
            headers: message.headers,
            setCookie: message.headers['set-cookie'] ?? [],
            body: parsed(text, message.headers['content-type'] ?? ''),
          }),
        reject,
      )
    }
    const sending = request(url, { method, agent, headers: { ...described, ...headers } }, answered)
    sending.on('error', reject)
    sending.end(body ?? undefined)
  })
