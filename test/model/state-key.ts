import type { Rules } from './model-rules.ts'
import type { Budget, Gateway, History, RelayRun, Request, State } from './model-state.ts'

const requestKey = (q: Request): string =>
  `${q.op},${q.pc},${q.client},${q.version},${q.at},${q.late},${q.gone},${q.own},${q.jti}` +
  `,${q.won},${q.offset},${q.cutoff},${q.hasNewPassword},${q.afterSecond},${q.password}` +
  `,${q.epoch},${q.after}`

const runKey = ({ pc, t, todo, low, mark, offset, hasClosed }: RelayRun): string =>
  `${pc},${t},${todo.join()},${low[0]},${low[1]},${mark},${offset},${hasClosed}`

const gatewayKey = ({ q, relay, sees, isOut }: Gateway): string =>
  `${q ? requestKey(q) : ''};${relay ? runKey(relay) : ''};${sees}${isOut}`

const budgetKey = (b: Budget): string =>
  `${b.logout},${b.revokeAll},${b.login},${b.relay},${b.crash},${b.tick},${b.lose},${b.expire},` +
  `${b.prune},${b.wrong},${b.mend}`

const historyKey = (history: History): string => {
  const { logoutAt, cutoffs, successors, second, isPasswordAcknowledged } = history
  const other = second ? `${second.epoch},${second.isAnswered},${second.password}` : ''
  const lists = cutoffs.length + successors.length === 0 ? '' : `${cutoffs};${successors}`
  return `${logoutAt};${lists};${other};${isPasswordAcknowledged}`
}

const commitsKey = ({ session, subject }: State): string => {
  let key = ''
  for (const one of session) key += one ? `${one[0]}${one[1]},${one[2]},${one[3]};` : ';'
  for (const [cutoff, published] of subject) key += `:${cutoff},${published}`
  return key
}

/**
 * Exact, but for the names of the two gateways: they differ by nothing but their clocks, so states
 * that differ by an exchange of the two count once where the clocks agree.
 */
export const keyOf = (s: State, { skew }: Rules): string => {
  const one = gatewayKey(s.gateways[0])
  const other = gatewayKey(s.gateways[1])
  const pair = skew === 0 && other < one ? `${other}|${one}` : `${one}|${other}`
  const [[v0, left0], [v1, left1]] = s.clients
  const log = s.log[0].length + s.log[1].length === 0 ? '' : `${s.log[0]}/${s.log[1]}`
  return (
    `${pair}|${s.now},${s.password},${s.nextJti},${s.isLost},${s.isWrong}|${budgetKey(s.budget)}` +
    `|${commitsKey(s)}|${log}|${s.start[0]},${s.start[1]}|${v0},${left0},${v1},${left1}` +
    `|${historyKey(s.history)}|${s.bad}`
  )
}
