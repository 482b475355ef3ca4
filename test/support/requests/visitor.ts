import type { Fleet, User } from '../processes/fleet.ts'
import type { Settings } from '../processes/processes.ts'
import { assert } from '../suite.ts'

export type Reply = Readonly<{ status: number; body: Record<string, unknown>; headers: Headers }>

/** What an access token says; read without checking anything. */
export type Said = Readonly<{
  jti: string
  sid: string
  sub: string
  client_id: string
  epoch: Readonly<{ sub: number; client: number; all: number }>
}>

const requestMsMax = 15_000
const accessCookie = 'access'
const refreshCookie = 'refresh'

export const payloadOf = (token: string): Said =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as Said

const bodyOf = (text: string): Record<string, unknown> => {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return { text }
  }
}

/** One browser: its cookies, and the requests that it makes with them. */
export class Visitor {
  readonly #fleet: Pick<Fleet, 'keepSecret'>
  readonly #cookies: Map<string, string>

  constructor(fleet: Pick<Fleet, 'keepSecret'>, cookies: ReadonlyMap<string, string> = new Map()) {
    this.#fleet = fleet
    this.#cookies = new Map(cookies)
  }

  /** What a thief has who took the cookies now; the two go their own ways from here. */
  copy(): Visitor {
    return new Visitor(this.#fleet, this.#cookies)
  }

  get access(): Said {
    return payloadOf(this.#cookies.get(accessCookie) ?? '')
  }

  get refreshId(): string {
    return payloadOf(this.#cookies.get(refreshCookie) ?? '').jti
  }

  has(cookie: 'access' | 'refresh'): boolean {
    return this.#cookies.has(cookie)
  }

  get(url: string, headers: Settings = {}): Promise<Reply> {
    return this.#send('GET', url, headers)
  }

  post(url: string, body?: object, headers: Settings = {}): Promise<Reply> {
    return this.#send('POST', url, headers, body)
  }

  patch(url: string, body: object): Promise<Reply> {
    return this.#send('PATCH', url, {}, body)
  }

  delete(url: string): Promise<Reply> {
    return this.#send('DELETE', url, {})
  }

  /** @throws when it is refused. */
  async login(gatewayUrl: string, user: User): Promise<void> {
    const { status, body } = await this.post(`${gatewayUrl}/login`, user)
    assert.is(status, 200, `a login was answered ${status} ${JSON.stringify(body)}`)
  }

  /** The status that the sample service answers: 200 = accepted, 401 = refused. */
  async asks(ordersUrl: string): Promise<number> {
    return (await this.get(`${ordersUrl}/orders`)).status
  }

  async #send(method: string, url: string, headers: Settings, body?: object): Promise<Reply> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, {
      method,
      headers: {
        ...(cookie === '' ? {} : { cookie }),
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(requestMsMax),
    })
    const text = await answer.text()
    this.#keep(answer.headers)
    return { status: answer.status, body: bodyOf(text), headers: answer.headers }
  }

  #keep(headers: Headers): void {
    for (const line of headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const at = pair.indexOf('=')
      const name = pair.slice(0, at)
      const value = pair.slice(at + 1)
      if (value === '') {
        this.#cookies.delete(name)
        continue
      }
      this.#fleet.keepSecret(value)
      this.#cookies.set(name, value)
    }
  }
}

/** A browser that is logged in. */
export const loggedIn = async (fleet: Fleet, gatewayUrl: string, user: User): Promise<Visitor> => {
  const visitor = new Visitor(fleet)
  await visitor.login(gatewayUrl, user)
  return visitor
}
