import { systemClock } from '../../shared/kernel/clock.ts'
import type { GuardReply, GuardRequest } from '../load/guard-watch.ts'
import type { Row, Target } from '../scenario.ts'
import { percentile } from '../statistics.ts'
import { Connection } from './connection.ts'
import type { SeededSession } from './session-seeder.ts'
import { sharedNowMs } from './shared-clock.ts'
import type { Worker } from './worker.ts'

/**
 * One logout, in ms on one clock. Less than 0 after the answer means: refused before it was here.
 */
export type Refusal = Readonly<{
  afterAnswerMs: number
  afterSendMs: number
  /** How long the logout took, for the client. */
  answerMs: number
  /**
   * Time between two looks at the guard: by so much a refusal may be seen late. 0 where it told by
   * itself.
   */
  grainMs: number
}>

export type Sent = Readonly<{ sentMs: number; answeredMs: number }>
type Seen = Readonly<{ atMs: number; looks: number; sinceMs: number }>

const patienceMs = 15_000
/** Between two calls of the service. */
export const pauseMs = 1

/** @throws Error when it was not told to the log before the answer. */
const logout = async (
  gateway: Connection,
  { cookie }: Pick<SeededSession, 'cookie'>,
): Promise<Sent> => {
  const sentMs = sharedNowMs()
  const { status, atMs, body, head } = await gateway.exchange('POST', '/logout', cookie)
  if (status !== 200) throw new Error(`a logout was answered ${status}: ${body}`)
  // A pending one is told later by the relay: another claim than the one measured here.
  if (!/revocation-status: acknowledged/i.test(head)) throw new Error('a logout was pending')
  return { sentMs, answeredMs: atMs }
}

/** As `logout`, on a connection that was opened for it: servers end those that are quiet. */
export const logoutAlone = async (
  gatewayUrl: string,
  session: Pick<SeededSession, 'cookie'>,
): Promise<Sent> => {
  const gateway = await Connection.open(gatewayUrl)
  try {
    return await logout(gateway, session)
  } finally {
    gateway.close()
  }
}

/** Asks until the service refuses. `onAccepted` hears of the first acceptance. */
const refusedBy = async (
  orders: Connection,
  { access }: SeededSession,
  onAccepted: () => void,
): Promise<Seen> => {
  const sinceMs = sharedNowMs()
  for (let looks = 1; ; looks += 1) {
    const { status, atMs, body } = await orders.exchange('GET', '/orders', `access=${access}`)
    if (status === 401 && looks > 1) return { atMs, looks, sinceMs }
    if (status !== 200) throw new Error(`orders answered ${status} at first: ${body}`)
    if (looks === 1) onAccepted()
    // Back to back it would take a core of the two, and measure itself.
    await systemClock.sleep(pauseMs)
    if (atMs - sinceMs > patienceMs) throw new Error(`orders did not refuse in ${patienceMs} ms`)
  }
}

const refusalOf = ({ sentMs, answeredMs }: Sent, { atMs, looks, sinceMs }: Seen): Refusal => ({
  afterAnswerMs: atMs - answeredMs,
  afterSendMs: atMs - sentMs,
  answerMs: answeredMs - sentMs,
  grainMs: looks > 0 ? (atMs - sinceMs) / looks : 0,
})

type Urls = Readonly<{ gatewayUrl: string; ordersUrl: string }>

/**
 * Logs sessions out one after another, while a second connection calls `orders` with the access
 * token.
 */
export const probeOrders = async (
  { gatewayUrl, ordersUrl }: Urls,
  sessions: readonly SeededSession[],
): Promise<Refusal[]> => {
  const gateway = await Connection.open(gatewayUrl)
  const orders = await Connection.open(ordersUrl)
  const refusals: Refusal[] = []
  try {
    for (const session of sessions) {
      let accepted: () => void = () => {}
      const watched = new Promise<void>((resolve) => {
        accepted = resolve
      })
      const seeing = refusedBy(orders, session, accepted)
      await Promise.race([watched, seeing])
      const [sent, seen] = await Promise.all([logout(gateway, session), seeing])
      refusals.push(refusalOf(sent, seen))
    }
  } finally {
    gateway.close()
    orders.close()
  }
  return refusals
}

/** As `probeOrders`, with a guard in `worker` that says when it refuses. */
export const probeGuard = async (
  gatewayUrl: string,
  worker: Worker<GuardRequest, GuardReply>,
  sessions: readonly SeededSession[],
): Promise<Refusal[]> => {
  const gateway = await Connection.open(gatewayUrl)
  const refusals: Refusal[] = []
  try {
    for (const session of sessions) {
      const { access: token, sid } = session
      const sinceMs = sharedNowMs()
      await worker.ask({ kind: 'watch', token, sid })
      const sent = await logout(gateway, session)
      const seen = await worker.ask({ kind: 'refused' })
      refusals.push(refusalOf(sent, { ...seen, sinceMs }))
    }
  } finally {
    gateway.close()
  }
  return refusals
}

const percentiles = [
  ['p50', 0.5],
  ['p99', 0.99],
  ['max', 1],
] as const

/** That of p99 is held against all repeats together. */
type Targets = Readonly<{ p99?: Target }>

/** p50, p99 and max of each repeat's values, and p99 of all together: a repeat alone has few. */
export const percentileRows = (
  what: string,
  repeats: readonly (readonly number[])[],
  targets: Targets = {},
): Row[] => {
  const all = repeats.flat()
  const together = [percentile(all, 0.99)]
  return [
    ...percentiles.map(
      ([name, share]): Row => ({
        measure: `${what}, ${name}`,
        unit: 'ms',
        repeats: repeats.map((values) => percentile(values, share)),
      }),
    ),
    {
      measure: `${what}, p99 of all ${all.length}`,
      unit: 'ms',
      repeats: together,
      ...(targets.p99 ? { target: targets.p99 } : {}),
    },
  ]
}

/** Everything that is said about one door. */
export const refusalRows = (
  door: string,
  repeats: readonly (readonly Refusal[])[],
  targets: Targets = {},
): Row[] => {
  const of = (pick: (refusal: Refusal) => number): number[][] =>
    repeats.map((refusals) => refusals.map(pick))
  const after = of(({ afterAnswerMs }) => afterAnswerMs)
  const early = after.map((ms) => (ms.filter((one) => one < 0).length / ms.length) * 100)
  const half = (values: number[][]): number[] => values.map((ms) => percentile(ms, 0.5))
  return [
    ...percentileRows(`${door}: answered → refused`, after, targets),
    { measure: `${door}: refused before the answer was here`, unit: '%', repeats: early },
    {
      measure: `${door}: sent → refused, p50`,
      unit: 'ms',
      repeats: half(of(({ afterSendMs }) => afterSendMs)),
    },
    {
      measure: `${door}: sent → answered, p50`,
      unit: 'ms',
      repeats: half(of(({ answerMs }) => answerMs)),
    },
    {
      measure: `${door}: grain of looking, p50`,
      unit: 'ms',
      repeats: half(of(({ grainMs }) => grainMs)),
    },
  ]
}
