import {
  type Change,
  changes,
  drawOperation,
  type Ground,
  type Operation,
  type Process,
  type Sequence,
  services,
} from './plan.ts'

const ms = 3_000
const processes: readonly Process[] = [...services, 'database', 'broker']
const onEach = (kind: 'restart' | 'kill -9' | 'pause'): Operation[] =>
  processes.map((on) => ({ kind, on, node: 1, ms: kind === 'pause' ? ms : 0 }))

const cuts: readonly Operation[] = (['drop', 'freeze', 'refuse'] as const).flatMap((how) => [
  { kind: 'cut', on: 'gateway-1', from: 'kafka', how, ms },
  { kind: 'cut', on: 'gateway-1', from: 'database', how, ms },
  { kind: 'cut', on: 'projector', from: 'kafka', how, ms },
  { kind: 'cut', on: 'guard-kafka', from: 'kafka', how, ms },
  { kind: 'cut', on: 'guard-sse', from: 'feed', how, ms },
])

const jumps: readonly Operation[] = services.flatMap((on): Operation[] =>
  [-7_200, 7_200].map((seconds) => ({ kind: 'clock jump', on, seconds, ms })),
)

/** Each operation by itself: what a fleet needs to recover from it. */
export const singles = (seed: string, ground: Ground): readonly Sequence[] => {
  const { brokers, clocks, without } = ground
  const operations: readonly Operation[] = [
    ...onEach('restart'),
    ...onEach('kill -9'),
    ...onEach('pause'),
    ...cuts,
    ...(Object.keys(changes) as Change[]).map(
      (change): Operation => ({ kind: 'alter topic', change, ms }),
    ),
    ...[50, 100].map((percent): Operation => ({ kind: 'delete records', percent })),
    ...(brokers > 1 ? [drawOperation('step down', seed, ground)] : []),
    ...(clocks ? jumps : []),
    ...(['gateways', 'guards', 'brokers'] as const).map(
      (what): Operation => ({ kind: 'roll', what }),
    ),
  ]
  const wanted = operations.filter(
    (one) =>
      !without.includes(one.kind) && !(one.kind === 'alter topic' && without.includes(one.change)),
  )
  return wanted.map((operation, index) => ({
    seed: `${seed}/alone/${index}`,
    steps: [{ afterMs: 0, operation }],
  }))
}
