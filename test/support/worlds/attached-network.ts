import type { GuardAlarm } from '../../../shared/guard/api/alarm.ts'
import { type AttachOptions, attachGuard } from '../../../shared/guard/attach.ts'
import { encodeFeedEvent, feedVersion } from '../../../shared/guard/feed-protocol/feed-messages.ts'
import type { Fetch } from '../../../shared/guard/http-client/guard-fetch.ts'
import { requestJudge } from '../../../shared/guard/middleware/request-judge.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { TrailHeads } from '../../../shared/ports/trail-heads.ts'
import type { AccessClaims } from '../../../shared/tokens/claims.ts'
import { publicJwks } from '../../../shared/tokens/key-rings/public-jwks.ts'
import { signAccess } from '../../../shared/tokens/signing/sign-token.ts'
import { parseHeadQuery } from '../../../shared/trail-heads/head-query.ts'
import { aLogId } from '../fakes/builders.ts'
import { type FakeClock, fakeClock } from '../fakes/fake-clock.ts'
import { accessClaims, accessRing, instant } from '../fakes/sample-tokens.ts'

export const gateway = 'http://localhost:3000'
export const metadata = {
  issuer: 'curfew of the tests',
  jwks_uri: `${gateway}/.well-known/jwks.json`,
  introspection_endpoint: `${gateway}/introspect`,
  curfew_guards_endpoint: `${gateway}/guards`,
  curfew_audience: ['shop', 'desk'],
  curfew_token_classes: ['access'],
  curfew_token_signing_alg_values_supported: ['ES256'],
  curfew_cookie_name: 'access',
  curfew_header_name: 'X-Token',
  curfew_header_types: ['JWT', 'Bearer'],
}
export type State = {
  metadata: object
  statuses: Record<string, number>
  isUp: boolean
  /** Of the trail; none without it. */
  heads: TrailHeads | null
}
type Asked = Readonly<{ path: string; body: string }>

const headAnswer = async (heads: TrailHeads | null, { searchParams }: URL): Promise<Response> => {
  const asked = parseHeadQuery(Object.fromEntries(searchParams))
  const text = asked.ok ? await heads?.newest(asked.known) : null
  return new Response(text ?? '', { status: text ? 200 : 404 })
}

/** A gateway in a function: what the test changes of it, and what it was asked. */
export const network = (clock: FakeClock, over: Partial<State> = {}) => {
  const state: State = { metadata, statuses: {}, isUp: true, heads: null, ...over }
  const asked: Asked[] = []
  const bodies: Record<string, ((signal: AbortSignal | null) => Response) | undefined> = {
    '/.well-known/jwks.json': () =>
      Response.json(publicJwks(accessRing, instant), {
        headers: { 'content-type': 'application/jwk-set+json' },
      }),
    '/introspect': () => Response.json({ active: false }),
    '/feed': (signal) => {
      const headers = { 'content-type': 'text/event-stream' }
      const events = [
        encodeFeedEvent('hello', 0, { v: feedVersion, heartbeatMs: 600_000 }),
        encodeFeedEvent('reset', 1, { reason: 'start' }, ''),
        encodeFeedEvent('closed', 2, {
          t: Math.floor(clock.now()) as EpochMs,
          logId: aLogId(),
          offset: 0,
        }),
        encodeFeedEvent('caught_up', 3),
      ]
      // It ends when its reader goes, as a real one.
      const body = new ReadableStream({
        start: (to) => {
          to.enqueue(Buffer.from(events.join('')))
          signal?.addEventListener('abort', () => to.error(new Error('aborted')))
        },
      })
      return new Response(body, { headers })
    },
  }
  const fetch = (async (url: URL, init?: RequestInit) => {
    if (!state.isUp) throw new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') })
    const { pathname: path } = url
    asked.push({ path, body: String(init?.body ?? '') })
    if (path.startsWith('/guards/')) return new Response(null, { status: 204 })
    const status = state.statuses[path]
    if (status !== undefined) return new Response('', { status })
    if (path === '/.well-known/oauth-authorization-server') return Response.json(state.metadata)
    if (path === '/audit/head') return headAnswer(state.heads, url)
    return bodies[path]?.(init?.signal ?? null) ?? new Response('', { status: 404 })
  }) as unknown as Fetch
  return { state, asked, fetch }
}

export type Attached = Awaited<ReturnType<typeof attach>>
export const attach = async (over: Partial<AttachOptions> = {}, state: Partial<State> = {}) => {
  const clock = fakeClock()
  const net = network(clock, state)
  const alarms: GuardAlarm[] = []
  const lines: string[] = []
  const guard = await attachGuard({
    gateway,
    clientId: 'orders',
    secret: 'a secret',
    clock,
    fetch: net.fetch,
    onAlarm: (alarm) => alarms.push(alarm),
    logger: { warn: (_fields, line) => lines.push(line) },
    ...over,
  })
  return { ...net, guard, clock, alarms, lines }
}
export const tokenOf = (over: Partial<AccessClaims> = {}): string =>
  signAccess(accessRing, accessClaims({ iss: metadata.issuer, aud: 'shop', ...over }))
export const within = async (
  parts: Promise<Attached>,
  prove: (attached: Attached) => Promise<void>,
): Promise<void> => {
  const attached = await parts
  try {
    await prove(attached)
  } finally {
    await attached.guard.close()
  }
}
export const outcomeOf = async (
  { guard }: Attached,
  headers: Record<string, string>,
  options = {},
) => {
  const { judge } = requestJudge(guard, options)
  const judged = await judge((name) => headers[name.toLowerCase()])
  return judged.outcome === 'passed' ? 200 : judged.answer.status
}
