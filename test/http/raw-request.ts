import { type IncomingHttpHeaders, request } from 'node:http'

export type RawAnswer = Readonly<{
  status: number
  headers: IncomingHttpHeaders
  setCookie: readonly string[]
  text: string
  body: Readonly<Record<string, unknown>>
}>

type Raw = Readonly<{
  method?: string
  /** A list sends the header once for each value. */
  headers?: Readonly<Record<string, string | readonly string[]>>
  body?: string | Buffer
}>

const parsed = (text: string): RawAnswer['body'] => {
  try {
    return JSON.parse(text) as RawAnswer['body']
  } catch {
    return {}
  }
}

/** A request of any bytes on a connection of its own: what no browser and no library would send. */
export const rawRequest = (
  url: string,
  { method = 'POST', headers = {}, body }: Raw,
): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const sending = request(url, { method, agent: false }, (message) => {
      const chunks: Buffer[] = []
      message.on('data', (chunk: Buffer) => chunks.push(chunk))
      message.on('error', reject)
      message.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        resolve({
          status: message.statusCode ?? 0,
          headers: message.headers,
          setCookie: message.headers['set-cookie'] ?? [],
          text,
          body: parsed(text),
        })
      })
    })
    for (const [name, value] of Object.entries(headers)) sending.setHeader(name, value)
    sending.on('error', reject)
    sending.end(body)
  })

export const json = { 'content-type': 'application/json' }
export const form = { 'content-type': 'application/x-www-form-urlencoded' }
