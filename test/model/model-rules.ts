/** How the decision path is built; every other value than the design's must turn a run red. */
export type Rules = Readonly<{
  /** A refresh reads the newest commit first, or inserts blindly. */
  read: 'newest' | 'blind'
  /** What an earlier token gets within the grace once its successor was used. */
  inGraceUsed: '409' | 'kill'
  /** Cutoffs are versions, or instants. */
  cut: 'epoch' | 'ms' | 'ms+1' | 'sec'
  login: 'cutoffFirst' | 'verifyFirst'
  /** Whoever meets its own commit knows it. */
  own: boolean
  /** A closed time covers what was acknowledged strictly before it. */
  strict: boolean
  /** The grace is judged at the arrival, or when it is decided. */
  graceAt: 'arrival' | 'decision'
  /** When the low mark of a closed time is read; `scanOnly` leaves out what the run published. */
  low: 'scan' | 'scanOnly' | 'start' | 'none'
  /** What lies below the log's beginning counts as unpublished. */
  retell: boolean
  rotate: boolean
  /** What the database deletes early: a session's oldest commit, or a logout before its token. */
  ttl: 'oldest' | 'any'
  /** How far the second gateway's clock is ahead. */
  skew: number
  /** Closed times are read from gateways' clocks. */
  closedSkew: boolean
  /** The scan may be answered by a deposed primary. */
  staleScan: boolean
  /** Guards begin where their group left off. */
  groupOffset: boolean
  /** Partitions that a guard reads. */
  guardPartitions: 1 | 2
  /** The log may lose everything. */
  logLoss: boolean
  publishFirst: boolean
  tAfterScan: boolean
  markFirst: boolean
  /** A guard takes the latest closed time of its partitions. */
  perTopic: boolean
  answerFirst: boolean
  nonAtomic: boolean
  graceForever: boolean
  closedAnyway: boolean
  closedFirst: boolean
  cutoffThenPassword: boolean
  /** A gateway that has seen wrong settings publishes no revocation and no closed time. */
  stops: boolean
  /**
   * Which partitions a publisher spreads over where somebody added one: those that it saw when it
   * last looked, or those of the moment.
   */
  spreads: 'seen' | 'now'
  /** A gateway that sees wrong settings ends, and is refused whenever it starts. */
  endsOnWrong: boolean
}>

export const designed: Rules = {
  read: 'newest',
  inGraceUsed: '409',
  cut: 'epoch',
  login: 'cutoffFirst',
  own: true,
  strict: true,
  graceAt: 'arrival',
  low: 'scan',
  retell: true,
  rotate: true,
  ttl: 'oldest',
  skew: 0,
  closedSkew: false,
  staleScan: false,
  groupOffset: false,
  guardPartitions: 2,
  logLoss: false,
  publishFirst: false,
  tAfterScan: false,
  markFirst: false,
  perTopic: false,
  answerFirst: false,
  nonAtomic: false,
  graceForever: false,
  closedAnyway: false,
  closedFirst: false,
  cutoffThenPassword: false,
  stops: true,
  spreads: 'seen',
  endsOnWrong: false,
}

/** What happens at most in a run, beside all orders of it. Always two gateways. */
export type Scenario = Readonly<{
  refreshes: readonly [number, number]
  logout: number
  revokeAll: number
  login: number
  relay: number
  crash: number
  tick: number
  lose: number
  expire: number
  /** How often somebody deletes any beginning of a partition. */
  prune: number
  /** What somebody sets wrong, and mends again, at any moment. */
  wrong: 'nothing' | 'partitions' | 'retention'
}>

const quiet: Scenario = {
  refreshes: [0, 0],
  logout: 0,
  revokeAll: 0,
  login: 0,
  relay: 0,
  crash: 0,
  tick: 0,
  lose: 0,
  expire: 0,
  prune: 0,
  wrong: 'nothing',
}

export const scenarios = {
  rotate: { ...quiet, refreshes: [2, 2], logout: 1, crash: 1, lose: 1, expire: 1 },
  closed: { ...quiet, logout: 1, revokeAll: 1, relay: 1, crash: 1, tick: 1 },
  relays: { ...quiet, logout: 1, relay: 2, crash: 1, tick: 1 },
  subject: { ...quiet, refreshes: [1, 0], revokeAll: 1, login: 1, crash: 1, tick: 2 },
  pruned: { ...quiet, logout: 1, relay: 2, crash: 1, tick: 1, prune: 1 },
  prunedAll: { ...quiet, revokeAll: 1, relay: 2, tick: 1, prune: 1 },
  mixed: { ...quiet, refreshes: [1, 1], logout: 1, revokeAll: 1, crash: 1 },
  wrongPartitions: { ...quiet, logout: 1, relay: 1, crash: 1, tick: 1, wrong: 'partitions' },
  wrongRetention: { ...quiet, logout: 1, relay: 1, tick: 1, prune: 1, wrong: 'retention' },
} as const satisfies Readonly<Record<string, Scenario>>

export type ScenarioName = keyof typeof scenarios

type Switch = Readonly<{ of: ScenarioName; rules: Partial<Rules> }>

/** Each is a rule of an earlier draft, or a build that is broken on purpose; each must be seen. */
export const switches: Readonly<Record<string, Switch>> = {
  'used within the grace ends the session': { of: 'rotate', rules: { inGraceUsed: 'kill' } },
  'the grace is judged when it is decided': { of: 'rotate', rules: { graceAt: 'decision' } },
  'a blind insert, and commits that expire early': {
    of: 'rotate',
    rules: { read: 'blind', ttl: 'any' },
  },
  'an own commit is taken for another’s': { of: 'rotate', rules: { own: false } },
  'rotation off, with blind inserts': { of: 'rotate', rules: { read: 'blind', rotate: false } },
  'cutoffs by milliseconds': { of: 'subject', rules: { cut: 'ms' } },
  'cutoffs by clocks that differ': { of: 'subject', rules: { cut: 'ms+1', skew: 2 } },
  'a login verifies, then reads the cutoffs': { of: 'subject', rules: { login: 'verifyFirst' } },
  'closed time by a gateway’s clock': { of: 'closed', rules: { skew: 1, closedSkew: true } },
  'a scan that misses': { of: 'closed', rules: { staleScan: true } },
  'closed time covers its own instant': { of: 'closed', rules: { strict: false } },
  'a guard begins at its group’s offset': {
    of: 'closed',
    rules: { groupOffset: true, low: 'none', retell: false },
  },
  'a guard reads one partition of two': { of: 'closed', rules: { guardPartitions: 1 } },
  'a log that is made again': { of: 'closed', rules: { logLoss: true } },
  'a deleted beginning, without low mark': {
    of: 'pruned',
    rules: { low: 'none', retell: false },
  },
  'a deleted beginning with a cutoff, without low mark': {
    of: 'prunedAll',
    rules: { low: 'none', retell: false },
  },
  'told again without low mark': { of: 'pruned', rules: { low: 'none' } },
  'a low mark without what the run published': { of: 'pruned', rules: { low: 'scanOnly' } },
  'a low mark read before the scan': { of: 'pruned', rules: { low: 'start' } },
  'published before it is appended': { of: 'closed', rules: { publishFirst: true } },
  'the instant is read after the scan': { of: 'closed', rules: { tAfterScan: true } },
  'marked before it is published': { of: 'closed', rules: { markFirst: true } },
  'a closed time for each partition': { of: 'closed', rules: { perTopic: true } },
  'cutoffs by seconds': { of: 'subject', rules: { cut: 'sec' } },
  'answered before it is appended': { of: 'closed', rules: { answerFirst: true } },
  'a claim that is not atomic': { of: 'rotate', rules: { nonAtomic: true } },
  'a grace that never ends': { of: 'rotate', rules: { graceForever: true } },
  'closed although a publication failed': { of: 'closed', rules: { closedAnyway: true } },
  'closed before it is published': { of: 'closed', rules: { closedFirst: true } },
  'a password written after the cutoff': { of: 'subject', rules: { cutoffThenPassword: true } },
  'closed time goes on after a second partition was seen': {
    of: 'wrongPartitions',
    rules: { stops: false },
  },
  'a second partition is used before anybody looked': {
    of: 'wrongPartitions',
    rules: { spreads: 'now' },
  },
  'gateways end when settings are wrong': { of: 'wrongPartitions', rules: { endsOnWrong: true } },
  'a retention that is only stopped for, without low mark': {
    of: 'wrongRetention',
    rules: { low: 'none', retell: false },
  },
}
