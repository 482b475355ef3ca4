import { signal } from '@preact/signals'
import { routeOf, signInHref } from './address.ts'
import type { Query } from './query.ts'
import { provePassword } from './step-up.ts'

export type Failed = Readonly<{ ok: false; status: number; code: string; detail: string }>
export type Done<Body> = Readonly<{ ok: true; body: Body; headers: Headers }>
export type Answered<Body> = Done<Body> | Failed

export type Asked = Readonly<{
  method?: 'GET' | 'POST' | 'DELETE' | 'PATCH'
  query?: Query
  body?: object
  signal?: AbortSignal
}>

let renewing: Promise<boolean> | null = null

/** New cookies by the refresh cookie; requests that come meanwhile wait for the same. */
export const renew = (): Promise<boolean> => {
  renewing ??= fetch(routeOf('/refresh'), { method: 'POST' })
    .then(({ ok, status }) => ok || status === 409)
    .catch(() => false)
    .finally(() => {
      renewing = null
    })
  return renewing
}

/** Whether the session of whoever looked is over; nothing that it showed stays to be seen. */
export const isSignedOut = signal(false)

/** The way back does not lead to the page without its session, but to the one before. */
export const leaveToSignIn = (): void => {
  isSignedOut.value = true
  location.replace(signInHref())
}

const send = (route: string, { method = 'GET', query = {}, body, signal }: Asked) =>
  fetch(routeOf(route, query), {
    method,
    headers: {
      accept: 'application/json',
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  })

const textOfFields = (body: Readonly<Record<string, unknown>>): string =>
  Object.entries(body)
    .map(([field, messages]) => `${field}: ${[messages].flat().join(' ')}`)
    .join(' ')

/** What an answer that is no success says, in words. */
export const failureOf = async (answer: Response): Promise<Failed> => {
  const body = (await answer.json().catch(() => ({}))) as Readonly<Record<string, unknown>>
  const { detail, code = '' } = body
  const words = typeof detail === 'string' ? detail : textOfFields(body)
  const { status } = answer
  return { ok: false, status, code: String(code), detail: words || `The gateway said ${status}.` }
}

const unreached = (error: unknown): Failed => ({
  ...{ ok: false, status: 0, code: error instanceof DOMException ? 'aborted' : 'unreached' },
  detail: 'The gateway does not answer.',
})

const bodyOf = async <Body>(answer: Response): Promise<Answered<Body>> => {
  if (!answer.ok) return failureOf(answer)
  const text = await answer.text()
  return { ok: true, body: JSON.parse(text || '{}') as Body, headers: answer.headers }
}

/**
 * Asks a route of the gateway. A session whose access token ran out is renewed once; one that ended
 * leads to the sign-in. Where the gateway wants the password again, a dialog asks for it.
 */
export const ask = async <Body>(route: string, asked: Asked = {}): Promise<Answered<Body>> => {
  try {
    const first = await send(route, asked)
    if (first.status !== 401) return await bodyOf<Body>(first)
    const failure = await failureOf(first)
    if (failure.code === 'step_up_required') {
      return (await provePassword()) ? await bodyOf<Body>(await send(route, asked)) : failure
    }
    const second = (await renew()) ? await send(route, asked) : first
    if (second.status !== 401) return await bodyOf<Body>(second)
    leaveToSignIn()
    return failure
  } catch (error) {
    return unreached(error)
  }
}
