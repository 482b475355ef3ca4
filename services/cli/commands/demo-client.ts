/** A browser's cookie jar, as small as a demonstration needs it. */
export type Jar = Map<string, string>

export type Answer = Readonly<{
  status: number
  text: string
  headers: Headers
  /** When the whole answer was here, on the monotonic clock. */
  atMs: number
}>

const cookieHeader = (jar: ReadonlyMap<string, string>): string =>
  [...jar].map(([name, value]) => `${name}=${value}`).join('; ')

const keep = (jar: Jar, headers: Headers): void => {
  for (const line of headers.getSetCookie()) {
    const [pair = ''] = line.split(';')
    const equals = pair.indexOf('=')
    const name = pair.slice(0, equals)
    const value = pair.slice(equals + 1)
    if (value === '') jar.delete(name)
    else jar.set(name, value)
  }
}

/**
 * Sends the jar's cookies, keeps what the answer sets. `frozen` jars keep nothing: what a thief
 * has.
 */
export const call = async (
  method: 'GET' | 'POST',
  url: string,
  jar: Jar | ReadonlyMap<string, string>,
  {
    body,
    headers = {},
    frozen = false,
  }: Readonly<{ body?: object; headers?: Readonly<Record<string, string>>; frozen?: boolean }> = {},
): Promise<Answer> => {
  const answer = await fetch(url, {
    method,
    headers: {
      ...headers,
      cookie: cookieHeader(jar),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const text = await answer.text()
  const atMs = performance.now()
  if (!frozen) keep(jar as Jar, answer.headers)
  return { status: answer.status, text, headers: answer.headers, atMs }
}

/** The `jti` that a token carries, read without checking anything. */
export const jtiOf = (token: string): string => {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')
  return (JSON.parse(payload) as { jti: string }).jti
}
