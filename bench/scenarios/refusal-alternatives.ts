import { join } from 'node:path'
import { systemEntropy } from '../../shared/kernel/entropy.ts'
import type {
  AlternativesReply,
  AlternativesRequest,
  SeenRefusal,
  WatchedSession,
} from '../load/alternative-doors.ts'
import type { Bench, Finding, Row, Scenario } from '../scenario.ts'
import { percentile, ratios } from '../statistics.ts'
import { startEmbedded } from '../support/embedded.ts'
import { logoutAlone, percentileRows, type Sent } from '../support/logout-probe.ts'
import { paragraph } from '../support/paragraph.ts'
import { openSeeder, type SeededSession } from '../support/session-seeder.ts'
import { sharedNowMs } from '../support/shared-clock.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { openWorker } from '../support/worker.ts'

type Times = Readonly<{ cacheMs: number; ttlS: number; windowMs: number; perWindow: number }>
const whole: Times = { cacheMs: 30_000, ttlS: 15, windowMs: 60_000, perWindow: 40 }
const short: Times = { cacheMs: 4_000, ttlS: 2, windowMs: 4_000, perWindow: 8 }
const pollMs = 100

const namesOf = ({ cacheMs, ttlS }: Times) => ({
  guard: 'Curfew’s guard on SSE',
  list: `status list, ttl ${ttlS} s`,
  cache: `introspection, cache ${cacheMs / 1_000} s`,
  never: 'Simple-JWT: never, until expiry',
})

type Logout = Readonly<{ session: SeededSession; atMs: number; startAfterMs: number }>
type Latencies = Readonly<{
  guard: number
  guardSent: number
  cache: number
  cacheSent: number
  list: number
  listSent: number
  never: number
  neverSent: number
  bareAccepts: boolean
}>

const random = (below: number): number => (systemEntropy.bytes(4).readUInt32BE() / 2 ** 32) * below

/**
 * Each session is asked about from a random instant of the first cache time on, and ended at a
 * random one of its window: so the phases of caches and lists against the logouts are random.
 */
const planOf = (sessions: readonly SeededSession[], times: Times): Logout[] =>
  sessions.map((session, index) => {
    const window = Math.floor(index / times.perWindow)
    const atMs = times.cacheMs + 1_000 + window * times.windowMs + random(times.windowMs)
    return { session, atMs, startAfterMs: random(times.cacheMs) }
  })

const logOutAll = async (
  { clock }: Bench,
  gatewayUrl: string,
  logouts: readonly Logout[],
): Promise<ReadonlyMap<string, Sent>> => {
  const startedMs = sharedNowMs()
  const sent = new Map<string, Sent>()
  for (const { session, atMs } of [...logouts].sort((a, b) => a.atMs - b.atMs)) {
    await clock.sleep(Math.max(startedMs + atMs - sharedNowMs(), 0))
    sent.set(session.sid, await logoutAlone(gatewayUrl, session))
  }
  return sent
}

const latenciesOf = (seen: SeenRefusal, { sentMs, answeredMs }: Sent): Latencies => ({
  guard: seen.guardMs - answeredMs,
  guardSent: seen.guardMs - sentMs,
  cache: seen.introspectionMs - answeredMs,
  cacheSent: seen.introspectionMs - sentMs,
  list: seen.statusListMs - answeredMs,
  listSent: seen.statusListMs - sentMs,
  never: seen.expiresMs - answeredMs,
  neverSent: seen.expiresMs - sentMs,
  bareAccepts: seen.bareStillAccepts,
})

const measureLatencies = async (bench: Bench, times: Times): Promise<Latencies[]> => {
  const { parts, repeats, say } = bench
  const folder = await parts.use(tempFolder())
  const [clientId, secret] = ['bench', systemEntropy.bytes(24).toString('base64url')]
  const curfew = await startEmbedded(parts, join(folder.path, 'data'), {
    // Simple-JWT’s default, which decides the last door.
    CURFEW_ACCESS_TOKEN_LIFETIME: '5m',
    CURFEW_SERVICE_CLIENTS: `${clientId}:${secret}:introspect+feed`,
  })
  const { gatewayUrl } = curfew
  await curfew.process.readyAt(gatewayUrl)
  const seeder = await parts.use(openSeeder(curfew.settings))
  const sessions = await seeder.open(repeats * times.perWindow)
  await seeder.settled()
  const logouts = planOf(sessions, times)
  const worker = await parts.use(
    openWorker<AlternativesRequest, AlternativesReply>('../load/alternative-doors.ts'),
  )
  const watched = logouts.map(
    ({ session: { access: token, sid }, startAfterMs }): WatchedSession => ({
      token,
      sid,
      startAfterMs,
    }),
  )
  const { cacheMs, ttlS } = times
  const common = { gatewayUrl, clientId, secret, cacheMs, ttlS, pollMs }
  await worker.ask({ kind: 'watch', sessions: watched, ...common })
  say(`${logouts.length} logouts within ${(repeats * times.windowMs) / 1_000} s; then it waits`)
  const sent = await logOutAll(bench, gatewayUrl, logouts)
  const { seen } = await worker.ask({ kind: 'seen' })
  return seen.flatMap((one, index) => {
    const at = sent.get(logouts[index]?.session.sid ?? '')
    return at ? [latenciesOf(one, at)] : []
  })
}

const measure = async (bench: Bench): Promise<Finding> => {
  const times = bench.quick ? short : whole
  const names = namesOf(times)
  const all = await measureLatencies(bench, times)
  if (!all.every(({ bareAccepts }) => bareAccepts)) {
    throw new Error('bare verification refused a token in time')
  }
  const of = (pick: (one: Latencies) => number): number[][] =>
    Array.from({ length: bench.repeats }, (_, window) =>
      all.slice(window * times.perWindow, (window + 1) * times.perWindow).map(pick),
    )
  const half = (values: number[][]): number[] => values.map((ms) => percentile(ms, 0.5))
  const beside = half(of(({ guardSent }) => guardSent))
  const ratioOf = (name: string, pick: (one: Latencies) => number): Row => ({
    measure: `${name} / ${names.guard}: logout sent → refused, p50`,
    unit: '×',
    repeats: ratios(half(of(pick)), beside),
  })
  const door = (name: string, pick: (one: Latencies) => number): Row[] =>
    percentileRows(`${name}: answered → refused`, of(pick))
  return {
    rows: [
      ...door(names.guard, ({ guard }) => guard),
      ...door(names.list, ({ list }) => list),
      ...door(names.cache, ({ cache }) => cache),
      ...door(names.never, ({ never }) => never),
      ratioOf(names.list, ({ listSent }) => listSent),
      ratioOf(names.cache, ({ cacheSent }) => cacheSent),
      ratioOf(names.never, ({ neverSent }) => neverSent),
    ],
    notes: notesFor(times),
  }
}

const notesFor = ({ cacheMs, ttlS, windowMs, perWindow }: Times): string[] => [
  paragraph(
    `${perWindow} logouts a repeat at random instants of ${windowMs / 1_000} s; the same sessions`,
    'were asked about at all four doors by one process, at the same time, in real time: nothing',
    'is scaled or computed from a formula but the last door.',
  ),
  paragraph(
    `Introspection: RFC 7662 against the gateway, each answer kept for ${cacheMs / 1_000} s, each`,
    'token first asked about at a random instant. Status list: one bit a session in a signed',
    `list with ttl ${ttlS} s, whose issuer hears of a logout as guards do and signs for every`,
    'answer, so its lateness is the ttl’s alone; behind a CDN it would be more.',
  ),
  paragraph(
    `Both are asked every ${pollMs} ms, so their refusals are seen up to that late; the guard`,
    'tells the instant by itself.',
  ),
  paragraph(
    'Simple-JWT does not look at revocations of access tokens: jsonwebtoken.verify accepted each',
    'of them to the end of the run. Shown is what its `exp` left it after the logout, of a',
    'lifetime of 5 minutes that began up to a few minutes before: a logout right after the login',
    'leaves it all five.',
  ),
]

export const refusalAlternatives: Scenario = {
  name: 'refusal-alternatives',
  claim: 'What a team would use instead refuses seconds or minutes after the logout’s answer.',
  needs: [],
  measure,
}
