import { type Answer, sendHttp } from '../requests/http-send.ts'

/** Cookies as a browser holds them, by name; `''` never stays. */
export type Jar = Map<string, string>
export const newJar = (): Jar => new Map()
export const copyOf = (jar: Jar): Jar => new Map(jar)

type Kind = 'access' | 'refresh'
const holds = (name: string, kind: Kind): boolean => name === kind || name.endsWith(`-${kind}`)

/** The token of one kind, whatever its cookie is called; `null` when the jar has none. */
export const tokenIn = (jar: Jar, kind: Kind): string | null =>
  [...jar].find(([name]) => holds(name, kind))?.[1] ?? null

/** A jar that holds these tokens under the names of `http` on loopback. */
export const jarOf = (tokens: Partial<Record<Kind, string>>): Jar => new Map(Object.entries(tokens))

/** What an answer sets; a deletion takes the cookie out. */
export const absorb = (jar: Jar, setCookie: readonly string[]): void => {
  for (const line of setCookie) {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
    const at = pair.indexOf('=')
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)]
    const isGone = value === '' || attributes.some((one) => /^max-age=0$/i.test(one))
    if (isGone) jar.delete(name)
    else jar.set(name, value)
  }
}

/** What a request carries of a jar. */
export const cookieHeader = (jar: ReadonlyMap<string, string>): Readonly<Record<string, string>> =>
  jar.size === 0 ? {} : { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') }

export type Request = Readonly<{
  method?: string
  json?: unknown
  headers?: Readonly<Record<string, string>>
}>

export type Browser = Readonly<{
  url: string
  /** Sends the jar's cookies, and keeps what the answer sets. */
  send(path: string, jar: Jar, request?: Request): Promise<Answer>
  /** Hashes a password (about 130 ms); `World.open` opens sessions without. */
  login(jar: Jar, username: string, password: string): Promise<Answer>
  refresh(jar: Jar): Promise<Answer>
  logout(jar: Jar): Promise<Answer>
  me(jar: Jar): Promise<Answer>
}>

/** Somebody at the gateway that listens at `url`; each caller brings a jar of its own. */
export const browserAt = (url: string): Browser => {
  const send: Browser['send'] = async (path, jar, { method = 'POST', json, headers = {} } = {}) => {
    const answer = await sendHttp(`${url}${path}`, {
      method,
      headers: { ...cookieHeader(jar), ...headers },
      ...(json === undefined ? {} : { json }),
    })
    absorb(jar, answer.setCookie)
    return answer
  }
  return {
    url,
    send,
    login: (jar, username, password) => send('/login', jar, { json: { username, password } }),
    refresh: (jar) => send('/refresh', jar),
    logout: (jar) => send('/logout', jar),
    me: (jar) => send('/me', jar, { method: 'GET' }),
  }
}
