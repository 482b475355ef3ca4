import type { Rules } from './model-rules.ts'
import { isDead, isTold, type Partition, type State } from './model-state.ts'

type Known = Readonly<{ closed: number; hasSession: boolean; cutoff: number }>

/**
 * What a guard knows that has read a partition from `from` to `to`. Its state is a union and a
 * maximum, so it is only where it stands, and redelivery changes nothing: every guard at every pair
 * of places is every lag, restart and interleaving.
 */
const knows = (log: readonly string[], from: number, to: number): Known => {
  let closed = -1
  let hasSession = false
  let cutoff = -1
  for (const record of log.slice(from, to)) {
    if (record === 'R') hasSession = true
    else if (record.startsWith('C')) cutoff = Math.max(cutoff, Number(record.slice(1)))
    else {
      const [at, low] = record.slice(1).split('@')
      // Whoever began above the low mark does not know all that is in force.
      if (from <= Number(low)) closed = Math.max(closed, Number(at))
    }
  }
  return { closed, hasSession, cutoff }
}

const whole = (log: readonly string[]): Known => knows(log, 0, log.length)

type Wanted = Readonly<{ p: Partition; at: number; has: (known: Known) => boolean }>

/** Whether some guard's closed time has passed `at` although it lacks what was acknowledged. */
const isUnsound = (s: State, rules: Rules, { p, at, has }: Wanted): boolean => {
  const isPast = (closed: number): boolean => (rules.strict ? closed > at : closed >= at)
  if (rules.guardPartitions === 1) {
    const known = whole(s.log[0])
    const seen = p === 0 ? known : { ...known, hasSession: false, cutoff: -1 }
    return isPast(known.closed) && !has(seen)
  }
  // The other partition at its best: closed time only grows with it.
  const other = whole(s.log[p === 0 ? 1 : 0]).closed
  const combined = rules.perTopic ? Math.max : Math.min
  const log = s.log[p]
  for (let to = 0; to <= log.length; to += 1) {
    for (let from = 0; from <= to; from += 1) {
      // Who began before the log was cut began at 0, who begins after it where it begins by now.
      if (from > 0 && from !== s.start[p] && !rules.groupOffset) continue
      const known = knows(log, from, to)
      if (isPast(combined(known.closed, other)) && !has(known)) return true
    }
  }
  return false
}

const logoutProblem = (s: State, rules: Rules): string => {
  const at = s.history.logoutAt
  if (at < 0) return ''
  if (isUnsound(s, rules, { p: 0, at, has: ({ hasSession }) => hasSession })) {
    return 'CLOSED: closed time has passed an acknowledged logout that a guard lacks'
  }
  if (rules.ttl === 'any' || rules.logLoss || s.log[0].includes('R', s.start[0])) return ''
  const isDue = s.session.some((one) => one && isDead(one) && !isTold(s, rules, 0, one[2]))
  return isDue ? '' : 'I3: an acknowledged logout is neither in the log nor due'
}

const cutoffProblem = (s: State, rules: Rules): string => {
  for (const [least, at] of s.history.cutoffs) {
    if (isUnsound(s, rules, { p: 1, at, has: ({ cutoff }) => cutoff >= least })) {
      return 'CLOSED: closed time has passed an acknowledged cutoff that a guard lacks'
    }
    const isThere = s.log[1]
      .slice(s.start[1])
      .some((record) => record.startsWith('C') && Number(record.slice(1)) >= least)
    const isDue = s.subject.some(
      ([cutoff, published]) => cutoff >= least && !isTold(s, rules, 1, published),
    )
    if (!rules.logLoss && !isThere && !isDue) {
      return 'I3: an acknowledged cutoff is neither in the log nor due'
    }
  }
  return ''
}

/** What a state breaks; empty when it keeps every promise. */
export const brokenIn = (s: State, rules: Rules): string => {
  if (s.bad !== '') return s.bad
  const problem = logoutProblem(s, rules) || cutoffProblem(s, rules)
  if (problem !== '') return problem
  if (s.gateways.every(({ isOut }) => isOut)) {
    return 'SERVES: nobody answers a login, although the store does'
  }
  const isToldOfNothing = s.log[0].includes('R') && !s.session.some(isDead)
  if (isToldOfNothing && rules.ttl === 'oldest') {
    return 'I7: the log tells a revocation that the store does not have'
  }
  return ''
}
