import {
  isDead,
  isEnded,
  isSessionDead,
  lastCutoff,
  newest,
  type State,
  skewOf,
} from './model-state.ts'
import { isSpread, isStopped, type Step, strayOffset, type Work } from './step.ts'

const acknowledged = ({ rules, q }: Work, t: State): void => {
  const { history, now } = t
  if (q.op === 'logout') {
    history.logoutAt = history.logoutAt < 0 ? now : Math.min(history.logoutAt, now)
  } else if (!isSessionDead(t) && rules.ttl === 'oldest') {
    t.bad = 'I2: reuse answered and the session lives'
  }
}

const marked = ({ q }: Work, t: State): void => {
  const commit = t.session[q.at]
  if (commit) commit[2] = q.offset < 0 ? 1 : q.offset
}

function* publishes({ s, rules, gateway, to }: Work): Generator<Step> {
  yield to('publish: refused', 4)
  if (isStopped(rules, gateway)) return
  yield to('publish', 3, (t, q) => {
    q.offset = t.log[0].push('R')
  })
  yield to('publish: answer lost', 4, (t) => void t.log[0].push('R'))
  if (!isSpread(s, rules, gateway)) return
  yield to('publish to the added partition', 3, (_, q) => {
    q.offset = strayOffset
  })
}

/** Logout, and the end after a reuse: read newest, insert next, publish, mark, answer. */
export function* logoutSteps(work: Work): Generator<Step> {
  const { s, rules, q, to, answer } = work
  const ack = (t: State): void => acknowledged(work, t)
  if (q.pc === 9) yield to('answers first', 0, ack)
  else if (q.pc === 8) yield to('publishes first', 0, (t) => void t.log[0].push('R'))
  else if (q.pc === 0) {
    const last = newest(s)
    // Its commit may be unpublished: the relay has it.
    if (last >= 0 && isDead(s.session[last])) yield answer('already dead', ack)
    else {
      yield to(`newest ${last}`, 1, (_, request) => {
        request.at = last + 1
      })
    }
  } else if (q.pc === 1) {
    if (s.session[q.at] || newest(s) >= q.at) yield to('conflict', 0)
    else {
      yield to(`insert ${q.at}`, rules.markFirst ? 5 : 2, (t) => {
        t.session[q.at] = [q.op === 'logout' ? 'L' : 'U', t.nextJti, 0, 0]
        t.nextJti += 1
        if (q.op === 'reuse' && (!q.late || q.own)) {
          t.bad = 'FP: an honest client lost its session to the detection of reuse'
        }
      })
    }
  } else if (q.pc === 5) yield to('mark, too early', 2, (t) => marked(work, t))
  else if (q.pc === 2) yield* publishes(work)
  else if (q.pc === 3) yield to('mark', 4, (t) => marked(work, t))
  else yield answer(q.op === 'logout' ? '200' : '401', ack)
}

const cutoffFor = ({ rules, g }: Work, t: State): number => {
  const now = t.now + skewOf(rules, g)
  const last = lastCutoff(t)
  if (rules.cut === 'epoch') return t.subject.length + 1
  return rules.cut === 'ms+1' ? Math.max(now, last) + 1 : Math.max(now, last)
}

const cutOff = ({ rules, q }: Work, t: State): void => {
  const { history } = t
  history.cutoffs.push([q.cutoff, t.now])
  history.isPasswordAcknowledged = true
  const { second } = history
  if (q.afterSecond && second && !isEnded(rules, second.epoch, q.cutoff)) {
    t.bad = 'I4: a session begun and answered before revoke-all survives it'
  }
  if (second?.password === 0 && !isEnded(rules, second.epoch, lastCutoff(t))) {
    t.bad = 'I4: a login with the old password survives the password change'
  }
}

/** A password change with revoke-all: new hash, cutoff on the subject, publish, mark, answer. */
export function* revokeAllSteps(work: Work): Generator<Step> {
  const { s, rules, q, to, answer, gateway } = work
  if (q.pc === 0) {
    yield to('new password', 1, (t) => {
      t.password += 1
    })
  } else if (q.pc === 1) {
    yield to('read subject', 2, (t, request) => {
      request.at = t.subject.length
    })
  } else if (q.pc === 2) {
    if (s.subject.length !== q.at) yield to('conflict', 1)
    else {
      yield to('insert cutoff', 3, (t, request) => {
        request.cutoff = cutoffFor(work, t)
        t.subject.push([request.cutoff, 0])
      })
    }
  } else if (q.pc === 3) {
    if (!isStopped(rules, gateway)) {
      yield to('publish', 4, (t, request) => {
        request.offset = t.log[1].push(`C${q.cutoff}`)
      })
    }
    yield to('publish: refused', 5)
  } else if (q.pc === 4) {
    yield to('mark', 5, (t) => {
      const commit = t.subject[q.at]
      if (commit) commit[1] = q.offset
    })
  } else if (rules.cutoffThenPassword && s.history.hasSecondLogin && !q.hasNewPassword) {
    yield to('new password, too late', 5, (t, request) => {
      t.password += 1
      request.hasNewPassword = true
    })
  } else yield answer('200', (t) => cutOff(work, t))
}

const loggedIn = ({ rules, q }: Work, t: State): void => {
  const { history } = t
  if (history.second) history.second.isAnswered = true
  const isOld = q.password === 0 && history.isPasswordAcknowledged
  if (isOld && !isEnded(rules, q.epoch, lastCutoff(t))) {
    t.bad = 'I4: a login with the old password survives the password change'
  }
  if (q.after >= 0 && isEnded(rules, q.epoch, q.after)) {
    t.bad = 'FP: a login begun after revoke-all was answered is born dead'
  }
}

/** A second login of the same subject. */
export function* loginSteps(work: Work): Generator<Step> {
  const { rules, g, q, to, answer } = work
  const readsCutoff = q.pc === (rules.login === 'cutoffFirst' ? 0 : 1)
  if (q.pc < 2 && readsCutoff) {
    yield to('read cutoffs', q.pc + 1, (t, request) => {
      const instant = Math.max(t.now + skewOf(rules, g), lastCutoff(t) + 1)
      request.epoch = rules.cut === 'epoch' ? t.subject.length : instant
    })
  } else if (q.pc < 2) {
    yield to('verify the password', q.pc + 1, (t, request) => {
      request.password = t.password
    })
  } else if (q.pc === 2) {
    yield to('insert another session', 3, (t) => {
      t.history.second = { epoch: q.epoch, isAnswered: false, password: q.password }
    })
  } else yield answer('200', (t) => loggedIn(work, t))
}
