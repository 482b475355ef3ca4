import { Dice } from '../fakes/dice.ts'

export const services = ['gateway-1', 'gateway-2', 'projector', 'guard-kafka', 'guard-sse'] as const
export type ServiceName = (typeof services)[number]
export type Process = ServiceName | 'database' | 'broker'
/** A faked clock ruins the waits of a JVM and of a slow database, so those keep theirs. */
export type Clocked = ServiceName
/** Whom a service talks to through a link that can be cut. */
export type Peer = 'kafka' | 'database' | 'feed'
export type Cut = 'drop' | 'freeze' | 'refuse'

export type Operation =
  | Readonly<{ kind: 'restart' | 'kill -9' | 'pause'; on: Process; node: number; ms: number }>
  | Readonly<{ kind: 'cut'; on: ServiceName; from: Peer; how: Cut; ms: number }>
  | Readonly<{ kind: 'alter topic'; change: Change; ms: number }>
  | Readonly<{ kind: 'delete records'; percent: number }>
  | Readonly<{ kind: 'step down' }>
  | Readonly<{ kind: 'clock jump'; on: Clocked; seconds: number; ms: number }>
  | Readonly<{ kind: 'roll'; what: 'gateways' | 'guards' | 'brokers' }>
export type Kind = Operation['kind']
export const kinds: readonly Kind[] = [
  'restart',
  'kill -9',
  'pause',
  'cut',
  'alter topic',
  'delete records',
  'step down',
  'clock jump',
  'roll',
]

/** Topic settings that an administrator means well with. */
export const changes = {
  'short retention': { 'retention.ms': '1000', 'segment.ms': '1000' },
  'small log': { 'retention.bytes': '4096', 'segment.bytes': '1048576' },
  zstd: { 'compression.type': 'zstd' },
  lz4: { 'compression.type': 'lz4' },
  snappy: { 'compression.type': 'snappy' },
  'times of producers': { 'message.timestamp.type': 'CreateTime' },
  compacted: { 'cleanup.policy': 'compact' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>
export type Change = keyof typeof changes

export type Step = Readonly<{ afterMs: number; operation: Operation }>
export type Sequence = Readonly<{ seed: string; steps: readonly Step[] }>

/** What a fleet has that operations need. */
export type Ground = Readonly<{
  brokers: number
  clocks: boolean
  /** Kinds of operation and changes of topics that are left out. */
  without: readonly string[]
}>

const peersOf: Readonly<Record<ServiceName, readonly Peer[]>> = {
  'gateway-1': ['kafka', 'database'],
  'gateway-2': ['kafka', 'database'],
  projector: ['kafka', 'database'],
  'guard-kafka': ['kafka'],
  'guard-sse': ['feed'],
}

const changeNames = Object.keys(changes) as Change[]
const jumps = [-7_200, -300, -5, 5, 300, 7_200] as const

/** A service more often than what all of them need. */
const processOf = (dice: Dice): Process =>
  dice.chance(80) ? dice.pick(services) : dice.pick(['database', 'broker'] as const)

const between = (dice: Dice, least: number, most: number): number =>
  least + dice.below(most - least)

type Draw = (dice: Dice, ground: Ground) => Operation
const nodeOf = (dice: Dice, { brokers }: Ground): number => 1 + dice.below(brokers)

const draws: Readonly<Record<Kind, Draw>> = {
  restart: (dice, ground) => ({
    kind: 'restart',
    on: processOf(dice),
    node: nodeOf(dice, ground),
    ms: 0,
  }),
  'kill -9': (dice, ground) => ({
    kind: 'kill -9',
    on: processOf(dice),
    node: nodeOf(dice, ground),
    ms: between(dice, 0, 1_000),
  }),
  pause: (dice, ground) => ({
    kind: 'pause',
    on: processOf(dice),
    node: nodeOf(dice, ground),
    ms: between(dice, 1_000, dice.chance(25) ? 6_000 : 2_500),
  }),
  cut: (dice) => {
    const on = dice.pick(services)
    const from = dice.pick(peersOf[on])
    const how = dice.pick(['drop', 'freeze', 'refuse'] as const)
    return { kind: 'cut', on, from, how, ms: between(dice, 200, 2_500) }
  },
  'alter topic': (dice, { without }) => ({
    kind: 'alter topic',
    change: dice.pick(changeNames.filter((name) => !without.includes(name))),
    ms: between(dice, 1_500, 3_500),
  }),
  'delete records': (dice) => ({ kind: 'delete records', percent: dice.pick([10, 50, 90, 100]) }),
  'step down': () => ({ kind: 'step down' }),
  'clock jump': (dice) => {
    return {
      kind: 'clock jump',
      on: dice.pick(services),
      seconds: dice.pick(jumps),
      ms: between(dice, 2_000, 3_500),
    }
  },
  roll: (dice) => ({
    kind: 'roll',
    what: dice.pick(['gateways', 'gateways', 'guards', 'guards', 'brokers'] as const),
  }),
}

/** Out of a hundred; what takes long is drawn less often. */
const weights: Readonly<Record<Kind, number>> = {
  restart: 8,
  'kill -9': 12,
  pause: 20,
  cut: 26,
  'alter topic': 3,
  'delete records': 8,
  'step down': 8,
  'clock jump': 13,
  roll: 2,
}

const isPossible = (kind: Kind, { brokers, clocks, without }: Ground): boolean =>
  !without.includes(kind) &&
  (kind !== 'step down' || brokers > 1) &&
  (kind !== 'clock jump' || clocks)

/** One operation of a kind. */
export const drawOperation = (kind: Kind, seed: string, ground: Ground): Operation =>
  draws[kind](new Dice(seed), ground)

/** Three to eight operations, and how long after the one before each begins. */
export const drawSequence = (seed: string, ground: Ground): Sequence => {
  const dice = new Dice(seed)
  const deck = kinds
    .filter((kind) => isPossible(kind, ground))
    .flatMap((kind) => Array.from({ length: weights[kind] }, () => kind))
  const steps = Array.from({ length: 3 + dice.below(6) }, () => {
    const afterMs = dice.below(500)
    return { afterMs, operation: draws[dice.pick(deck)](dice, ground) }
  })
  return { seed, steps }
}

export const described = (operation: Operation): string => {
  const { kind, ...rest } = operation
  const told = Object.entries(rest).filter(
    ([name]) => name !== 'node' || ('on' in rest && rest.on === 'broker'),
  )
  return [kind, ...told.map(([name, value]) => `${name} ${value}`)].join(' ')
}
