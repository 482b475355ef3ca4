import { connect, type Socket } from 'node:net'
import { sharedNowMs } from './shared-clock.ts'

export type Answer = Readonly<{
  status: number
  /** Status line and headers, as they came. */
  head: string
  body: string
  /** When the whole answer was here, on the machine's clock. */
  atMs: number
}>

/** A body of ASCII. */
export type Content = Readonly<{ type: string; text: string }>

type Asked = Readonly<{ resolve: (answer: Answer) => void; reject: (error: Error) => void }>

const headEnd = '\r\n\r\n'

/**
 * One keep-alive HTTP/1.1 connection, one request at a time. By hand, because on two cores the
 * client's own cost is part of every figure: this takes about 15 µs a request, `fetch` over 100. It
 * reads answers with a Content-Length, which is all that Koa sends for JSON.
 */
export class Connection {
  readonly #socket: Socket
  readonly #host: string
  #received = ''
  #asked: Asked | null = null

  private constructor(socket: Socket, host: string) {
    this.#socket = socket
    this.#host = host
    socket.setNoDelay(true)
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => this.#take(text))
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error(`${host} closed the connection`)))
  }

  static open(url: string): Promise<Connection> {
    const { hostname, port, host } = new URL(url)
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname)
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new Connection(socket, host))
      })
    })
  }

  /** @param cookie The `Cookie` header; none if empty. */
  exchange(
    method: 'GET' | 'POST',
    path: string,
    cookie: string,
    content: Content | null = null,
  ): Promise<Answer> {
    const length = method === 'POST' ? `Content-Length: ${content?.text.length ?? 0}\r\n` : ''
    const type = content === null ? '' : `Content-Type: ${content.type}\r\n`
    const cookies = cookie === '' ? '' : `Cookie: ${cookie}\r\n`
    const head = `${method} ${path} HTTP/1.1\r\nHost: ${this.#host}\r\n${cookies}`
    const text = `${head}${type}${length}\r\n${content?.text ?? ''}`
    return new Promise((resolve, reject) => {
      if (this.#asked) return reject(new Error('one request at a time'))
      // Servers end a connection that was quiet for 5 s; a write to it would wait for ever.
      if (this.#socket.destroyed) return reject(new Error(`${this.#host} had closed`))
      this.#asked = { resolve, reject }
      this.#socket.write(text)
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(text: string): void {
    this.#received += text
    const end = this.#received.indexOf(headEnd)
    if (end < 0) return
    const head = this.#received.slice(0, end)
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
    if (length === undefined) {
      this.#fail(new Error('an answer without Content-Length'))
      return
    }
    const bodyEnd = end + headEnd.length + Number(length)
    if (this.#received.length < bodyEnd) return
    const body = this.#received.slice(end + headEnd.length, bodyEnd)
    this.#received = this.#received.slice(bodyEnd)
    const asked = this.#asked
    this.#asked = null
    asked?.resolve({ status: Number(head.slice(9, 12)), head, body, atMs: sharedNowMs() })
  }

  #fail(error: Error): void {
    this.#asked?.reject(error)
    this.#asked = null
  }
}

/** The `Cookie` header after an answer that set both cookies. */
export const cookieOf = ({ head }: Answer): string =>
  [...head.matchAll(/\r\nset-cookie: ([^=;]+=[^;\r]*)/gi)].map((match) => match[1] ?? '').join('; ')
