import type { Rules, Scenario } from './model-rules.ts'
import {
  aRequest,
  current,
  firstEpoch,
  type Gateway,
  isEnded,
  newest,
  type Partition,
  type Side,
  type State,
} from './model-state.ts'
import { refreshSteps } from './refresh-steps.ts'
import { relaySteps } from './relay-steps.ts'
import { loginSteps, logoutSteps, revokeAllSteps } from './revocation-steps.ts'
import { type Step, step, workOf } from './step.ts'

const freshGateway = (sees: boolean): Gateway => ({ q: null, relay: null, sees, isOut: false })

export const firstState = (bounds: Scenario): State => ({
  now: 2,
  session: [['I', 0, 1, 0]],
  subject: [],
  password: 0,
  nextJti: 1,
  log: [[], []],
  start: [0, 0],
  isLost: false,
  wrong: bounds.wrong,
  isWrong: false,
  gateways: [freshGateway(false), freshGateway(false)],
  clients: [
    [0, bounds.refreshes[0]],
    [0, bounds.refreshes[1]],
  ],
  budget: {
    logout: bounds.logout,
    revokeAll: bounds.revokeAll,
    login: bounds.login,
    relay: bounds.relay,
    crash: bounds.crash,
    tick: bounds.tick,
    lose: bounds.lose,
    expire: bounds.expire,
    prune: bounds.prune,
    wrong: bounds.wrong === 'nothing' ? 0 : 1,
    mend: bounds.wrong === 'nothing' ? 0 : 1,
  },
  history: {
    logoutAt: -1,
    cutoffs: [],
    successors: [],
    second: null,
    isPasswordAcknowledged: false,
    hasSecondLogin: bounds.login > 0,
  },
  bad: '',
})

const sides: readonly Side[] = [0, 1]
const partitions: readonly Partition[] = [0, 1]

/** Commits that the database deletes: the oldest, even early, or a logout before its token. */
const expiring = ({ session }: State, { ttl }: Rules, last: number): number => {
  if (ttl === 'any') return last > 0 && session[last]?.[0] === 'L' ? last : -1
  const first = session.findIndex((commit) => commit !== null)
  return first < last ? first : -1
}

function* timePasses(s: State, rules: Rules): Generator<Step> {
  if (s.budget.tick > 0) {
    yield step(s, 'tick', (t) => {
      t.now += 1
      t.budget.tick -= 1
    })
  }
  for (const [index, commit] of s.session.entries()) {
    if (commit?.[0] !== 'X' || commit[3] === 1) continue
    yield step(s, `grace of ${index} over`, (t) => {
      const ending = t.session[index]
      if (ending) ending[3] = 1
    })
  }
  const expired = s.budget.expire > 0 ? expiring(s, rules, newest(s)) : -1
  if (expired < 0) return
  yield step(s, `the database deletes ${expired}`, (t) => {
    t.session[expired] = null
    t.budget.expire -= 1
  })
}

/** What an administrator does to the log, at any moment. */
function* logChanges(s: State, rules: Rules): Generator<Step> {
  const { budget, log, start, wrong, isWrong } = s
  // Records go by hand, or by a retention that somebody set wrong.
  if (budget.prune > 0 && (wrong === 'nothing' || isWrong)) {
    for (const p of partitions) {
      for (let k = start[p] + 1; k <= log[p].length; k += 1) {
        yield step(s, `p${p} begins at ${k}`, (t) => {
          t.start[p] = k
          t.budget.prune -= 1
        })
      }
    }
  }
  if (budget.wrong > 0) {
    yield step(s, `${wrong} become wrong`, (t) => {
      t.isWrong = true
      t.budget.wrong -= 1
    })
  }
  if (isWrong && budget.mend > 0) {
    yield step(s, `${wrong} are mended`, (t) => {
      t.isWrong = false
      t.budget.mend -= 1
    })
  }
  if (rules.logLoss && !s.isLost && log.some((one) => one.length > 0)) {
    yield step(s, 'the log is made again', (t) => {
      t.log = [[], []]
      t.start = [0, 0]
      t.isLost = true
    })
  }
}

/** Once a minute, and with each new connection: before anything is published by it. */
function* looks(s: State, rules: Rules, g: Side): Generator<Step> {
  const gateway = s.gateways[g]
  if (gateway.sees === s.isWrong) return
  yield step(s, `g${g} looks at the settings`, (t) => {
    t.gateways[g] = { ...t.gateways[g], sees: t.isWrong }
    if (rules.endsOnWrong && t.isWrong) t.gateways[g] = { ...freshGateway(true), isOut: true }
  })
}

function* refreshRequests(s: State, rules: Rules, g: Side): Generator<Step> {
  for (const client of sides) {
    const isBusy = (one: Side): boolean =>
      s.gateways.some(({ q }) => q?.op === 'refresh' && q.client === one)
    const isReusing = s.gateways.some(({ q }) => q?.op === 'reuse' && q.client === client)
    const [version, left] = s.clients[client]
    // Two clients that stand alike are one case.
    const [otherVersion, otherLeft] = s.clients[0]
    const isAlike = client === 1 && otherLeft === left && otherVersion === version
    const isFirstBusy = s.gateways.some(
      ({ q }) => q && q.client === 0 && (q.op === 'refresh' || q.op === 'reuse'),
    )
    if (left === 0 || isBusy(client) || isReusing || (isAlike && !isFirstBusy)) continue
    yield step(s, `c${client} refreshes v${version} at g${g}`, (t) => {
      t.clients[client][1] -= 1
      const next = t.session[version + 1]
      const isOver = next?.[0] === 'X' && next[3] === 1
      const late = isOver || (current(t) > version && !next)
      const { logoutAt, cutoffs } = t.history
      const isCut = cutoffs.some(([cutoff]) => isEnded(rules, firstEpoch, cutoff))
      const gone = logoutAt >= 0 || isCut
      t.gateways[g].q = aRequest({ op: 'refresh', client, version, late, gone })
    })
  }
}

function* otherRequests(s: State, rules: Rules, g: Side): Generator<Step> {
  const { budget, history } = s
  if (budget.logout > 0) {
    yield step(s, `logout at g${g}`, (t) => {
      t.budget.logout -= 1
      const pc = rules.answerFirst ? 9 : rules.publishFirst ? 8 : 0
      t.gateways[g].q = aRequest({ op: 'logout', pc })
    })
  }
  if (budget.revokeAll > 0) {
    yield step(s, `revoke-all at g${g}`, (t) => {
      t.budget.revokeAll -= 1
      const pc = rules.cutoffThenPassword || !history.hasSecondLogin ? 1 : 0
      const afterSecond = t.history.second?.isAnswered ?? false
      t.gateways[g].q = aRequest({ op: 'revokeAll', pc, afterSecond })
    })
  }
  if (budget.login > 0) {
    yield step(s, `login at g${g}`, (t) => {
      t.budget.login -= 1
      const after = Math.max(-1, ...t.history.cutoffs.map(([cutoff]) => cutoff))
      t.gateways[g].q = aRequest({ op: 'login', after })
    })
  }
}

function* requestSteps(s: State, rules: Rules, g: Side): Generator<Step> {
  const { q } = s.gateways[g]
  switch (q?.op) {
    case undefined:
      yield* refreshRequests(s, rules, g)
      yield* otherRequests(s, rules, g)
      return
    case 'refresh':
      return yield* refreshSteps(workOf(s, rules, g))
    case 'revokeAll':
      return yield* revokeAllSteps(workOf(s, rules, g))
    case 'login':
      return yield* loginSteps(workOf(s, rules, g))
    default:
      return yield* logoutSteps(workOf(s, rules, g))
  }
}

/** Everything that may happen next. */
export function* stepsFrom(s: State, rules: Rules): Generator<Step> {
  yield* timePasses(s, rules)
  yield* logChanges(s, rules)
  for (const g of sides) {
    const { q, relay, isOut } = s.gateways[g]
    if (isOut) continue
    if (s.budget.crash > 0 && (q || relay)) {
      yield step(s, `g${g} crashes`, (t) => {
        // Whoever comes back looks first.
        t.gateways[g] = freshGateway(t.isWrong)
        t.budget.crash -= 1
      })
    }
    yield* looks(s, rules, g)
    yield* requestSteps(s, rules, g)
    yield* relaySteps(s, rules, g)
  }
}
