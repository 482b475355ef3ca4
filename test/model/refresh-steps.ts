import {
  aRequest,
  current,
  firstEpoch,
  isDead,
  isEnded,
  lastCutoff,
  newest,
  type Request,
  requestOf,
  type State,
} from './model-state.ts'
import type { Step, Work } from './step.ts'

/** 200 with the tokens of the commit at `version`. */
const answered = ({ rules, q }: Work, t: State, version: number): void => {
  if (!rules.rotate) {
    if (q.gone) t.bad = 'I4: issued after an acknowledged revocation'
    return
  }
  const jti = q.jti >= 0 ? q.jti : (t.session[version]?.[1] ?? -1)
  const known = t.history.successors[q.version] ?? -1
  if (known >= 0 && known !== jti) t.bad = 'I1: two successors of one refresh token'
  for (let v = t.history.successors.length; v < q.version; v += 1) t.history.successors[v] = -1
  t.history.successors[q.version] = jti
  if (q.late && !q.won) t.bad = 'I2: answered with tokens after the grace'
  if (q.gone) t.bad = 'I4: issued after an acknowledged revocation'
  const client = t.clients[q.client]
  if (version > client[0]) client[0] = version
}

const inserted = ({ rules, g }: Work, t: State, version: number): void => {
  while (t.session.length < version) t.session.push(null)
  const jti = t.nextJti
  t.nextJti += 1
  t.session[version] = [rules.rotate ? 'X' : 'A', jti, 1, 0]
  const q = requestOf(t.gateways[g])
  q.jti = jti
  q.won = true
}

/** A strict client, grace 0: it meets its own commit and cannot tell it from a thief's. */
const forgotten = (t: State, q: Request): void => {
  q.jti = -1
  q.won = false
  q.own = true
  const commit = t.session[q.at]
  if (commit) commit[3] = 1
}

function* inserts(work: Work): Generator<Step> {
  const { s, rules, q, to } = work
  const isFree = !s.session[q.at] && newest(s) < q.at
  if (!isFree && !rules.nonAtomic) {
    yield to('conflict', 1)
    return
  }
  yield to(`insert ${q.at}`, 4, (t) => inserted(work, t, q.at))
  if (s.budget.lose === 0) return
  yield to(`insert ${q.at}: answer lost, retried`, rules.own ? 4 : 1, (t, request) => {
    inserted(work, t, q.at)
    t.budget.lose -= 1
    if (!rules.own) forgotten(t, request)
  })
}

/** The token is an older one: its successor, a conflict, or the end of the session. */
function* judges({ s, rules, q, to, answer, g }: Work): Generator<Step> {
  const next = s.session[q.version + 1]
  const last = newest(s)
  const inGrace = rules.graceAt === 'arrival' ? !q.late && !q.own : next ? next[3] === 0 : false
  const isReplay = (!next || next[0] === 'X') && (inGrace || rules.graceForever)
  if (isDead(next) || (rules.read === 'newest' && isDead(s.session[last]))) {
    yield answer('401 revoked')
  } else if (isReplay && next && (last === q.version + 1 || rules.graceForever)) {
    yield to('within the grace: the same successor', 4, (_, request) => {
      request.at = q.version + 1
      request.jti = next[1]
    })
  } else if (isReplay && rules.inGraceUsed === '409') {
    yield answer('409 superseded')
  } else {
    const { client, late, own } = q
    yield to('reuse', 0, (t) => {
      t.gateways[g].q = aRequest({ op: 'reuse', client, late, own })
    })
  }
}

/** Reads the subject, reads the newest commit, inserts or judges, answers. */
export function* refreshSteps(work: Work): Generator<Step> {
  const { s, rules, q, to, answer } = work
  const { version, pc } = q
  if (pc === 0) {
    if (isEnded(rules, firstEpoch, lastCutoff(s))) yield answer('401 cutoff')
    else yield to('cutoff read', 1)
  } else if (pc === 1 && rules.read === 'blind') {
    if (s.session[version + 1]) yield to('conflict', 2)
    else {
      yield to(`insert ${version + 1}`, 4, (t, request) => {
        inserted(work, t, version + 1)
        request.at = version + 1
      })
    }
  } else if (pc === 1) {
    const last = newest(s)
    if (last < version || isDead(s.session[last])) yield answer('401 dead or unknown')
    else if (current(s) !== version) yield to(`newest ${last}`, 2)
    else {
      yield to(`newest ${last}, insert next`, 3, (_, request) => {
        request.at = last + 1
      })
    }
  } else if (pc === 2) yield* judges(work)
  else if (pc === 3) yield* inserts(work)
  else yield answer(`200 successor ${q.at}`, (t) => answered(work, t, q.at))
}
