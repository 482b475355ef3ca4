import type { Rules } from './model-rules.ts'

/** Revocations of sessions lie in partition 0, cutoffs in partition 1. */
export type Partition = 0 | 1
export type Side = 0 | 1

/**
 * One commit of the one session: kind (I issued, X rotation, A access only, L logout, U reuse), the
 * id of its token, its place in the log + 1 (0 = unpublished), and whether its grace is over.
 */
export type Commit = [kind: string, jti: number, published: number, graceOver: number]
/** One commit of the subject: a cutoff, and its place in the log + 1. */
export type CutoffCommit = [cutoff: number, published: number]

/** A request under way: its operation, where it stands, and what it has read. */
export type Request = {
  op: 'refresh' | 'logout' | 'reuse' | 'revokeAll' | 'login'
  pc: number
  client: Side
  version: number
  /** The newest version read, or where it inserts. */
  at: number
  /** The rotation that it presents had lost its grace when it arrived. */
  late: boolean
  /** A revocation was acknowledged before it arrived. */
  gone: boolean
  /** It met its own commit, whose answer was lost, as another's. */
  own: boolean
  jti: number
  won: boolean
  offset: number
  cutoff: number
  hasNewPassword: boolean
  /** The second session was answered before it began. */
  afterSecond: boolean
  password: number
  epoch: number
  /** The greatest cutoff answered before a login began; -1 = none. */
  after: number
}

/** One run of a relay. */
export type RelayRun = {
  pc: number
  t: number
  todo: string[]
  /** Where one must have begun to read, a partition. */
  low: [number, number]
  mark: string
  offset: number
  hasClosed: boolean
}

export type Gateway = {
  q: Request | null
  relay: RelayRun | null
  /** What it saw of the topic's settings when it last looked: whether they are wrong. */
  sees: boolean
  isOut: boolean
}

/** What may still happen. */
export type Budget = {
  logout: number
  revokeAll: number
  login: number
  relay: number
  crash: number
  tick: number
  lose: number
  expire: number
  prune: number
  wrong: number
  mend: number
}

/** What was promised, for the checks alone. */
export type History = {
  /** When a logout was first acknowledged; -1 = never. */
  logoutAt: number
  cutoffs: [cutoff: number, at: number][]
  successors: number[]
  second: { epoch: number; isAnswered: boolean; password: number } | null
  isPasswordAcknowledged: boolean
  hasSecondLogin: boolean
}

export type State = {
  now: number
  session: (Commit | null)[]
  subject: CutoffCommit[]
  password: number
  nextJti: number
  /** `R` = the session, `C<n>` = a cutoff, `T<t>@<low>` = a closed time. */
  log: [string[], string[]]
  /** Where each partition begins by now. */
  start: [number, number]
  isLost: boolean
  wrong: 'nothing' | 'partitions' | 'retention'
  isWrong: boolean
  gateways: [Gateway, Gateway]
  clients: [[version: number, left: number], [version: number, left: number]]
  budget: Budget
  history: History
  bad: string
}

const gatewayCopy = ({ q, relay, sees, isOut }: Gateway): Gateway => ({
  q: q && { ...q },
  relay: relay && { ...relay, todo: [...relay.todo], low: [...relay.low] },
  sees,
  isOut,
})

export const copyOf = (s: State): State => ({
  ...s,
  session: s.session.map((commit) => commit && [...commit]),
  subject: s.subject.map((commit) => [...commit]),
  log: [[...s.log[0]], [...s.log[1]]],
  start: [...s.start],
  gateways: [gatewayCopy(s.gateways[0]), gatewayCopy(s.gateways[1])],
  clients: [[...s.clients[0]], [...s.clients[1]]],
  budget: { ...s.budget },
  history: {
    ...s.history,
    cutoffs: s.history.cutoffs.map((one) => [...one]),
    successors: [...s.history.successors],
    second: s.history.second && { ...s.history.second },
  },
})

export const newest = ({ session }: State): number => session.findLastIndex((one) => one !== null)

/** The version of the refresh token in force. */
export const current = ({ session }: State): number =>
  session.findLastIndex((one) => one !== null && (one[0] === 'I' || one[0] === 'X'))

export const isDead = (commit: Commit | null | undefined): boolean =>
  commit?.[0] === 'L' || commit?.[0] === 'U'

export const isSessionDead = ({ session }: State): boolean => session.some(isDead)

export const lastCutoff = ({ subject }: State): number => subject.at(-1)?.[0] ?? -1

export const skewOf = ({ skew }: Rules, g: Side): number => (g === 1 ? skew : 0)

/** The first session began long before everything. */
export const firstEpoch = 0

/** Whether a session that began at `epoch` (or millisecond) is ended by `cutoff`. */
export const isEnded = ({ cut }: Rules, epoch: number, cutoff: number): boolean => {
  if (cutoff < 0) return false
  return cut === 'sec' ? Math.floor(epoch / 2) < Math.floor(cutoff / 2) : epoch < cutoff
}

/**
 * Whether what lies at `published - 1` is still in the partition: below its beginning it counts as
 * unpublished.
 */
export const isTold = (s: State, { retell }: Rules, p: Partition, published: number): boolean =>
  published > 0 && !(retell && published - 1 < s.start[p])

const noLow = 99

/** The first place of what is in force and told, a partition. */
export const lowsOf = (s: State, rules: Rules): [number, number] => {
  if (rules.low === 'none') return [noLow, noLow]
  const ends = s.session.flatMap((one) =>
    one && isDead(one) && isTold(s, rules, 0, one[2]) ? [one[2] - 1] : [],
  )
  const cutoffs = s.subject.flatMap(([, published]) =>
    isTold(s, rules, 1, published) ? [published - 1] : [],
  )
  return [Math.min(noLow, ...ends), Math.min(noLow, ...cutoffs)]
}

/** The request that a gateway is known to work on. */
export const requestOf = ({ q }: Gateway): Request => {
  if (!q) throw new Error('no request is under way')
  return q
}

export const runOf = ({ relay }: Gateway): RelayRun => {
  if (!relay) throw new Error('no run is under way')
  return relay
}

export const aRequest = (over: Partial<Request> & Pick<Request, 'op'>): Request => ({
  pc: 0,
  client: 0,
  version: 0,
  at: 0,
  late: false,
  gone: false,
  own: false,
  jti: -1,
  won: false,
  offset: -1,
  cutoff: -1,
  hasNewPassword: false,
  afterSecond: false,
  password: -1,
  epoch: -1,
  after: -1,
  ...over,
})
