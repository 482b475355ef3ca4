import type { Epoch } from '../../../shared/events/commit.ts'
import { event, noAct, noOrigin } from '../../../shared/events/event.ts'
import {
  type CutoffTarget,
  cutoffCommit,
  eventCommit,
} from '../../../shared/session/cutoff-commit.ts'
import { cutoffsOf, isBelowCutoff, noCutoffs } from '../../../shared/session/cutoffs-in-force.ts'
import { aClaim, aClient, aSub } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'
import { at, stored } from './session-builders.ts'

const sub = aSub()
const subject: CutoffTarget = { scope: 'subject', sub }
const minuteMs = 60_000
const cut = (
  newest: Parameters<typeof cutoffCommit>[0],
  target: CutoffTarget = subject,
  now = 0,
) => {
  const reason = 'logout_all' as const
  const longestMs = 15 * minuteMs
  return stored(
    cutoffCommit(newest, {
      target,
      reason,
      now: at(now),
      claim: aClaim(),
      origin: noOrigin,
      longestMs,
    }),
  )
}
const note = (newest: Parameters<typeof eventCommit>[1]) => {
  const told = { events: [event('UserEnabled', { sub, ...noAct })], now: at(0), claim: aClaim() }
  return stored(eventCommit(`u/${sub}`, newest, told))
}

claims('cutoffs', {
  'without commits there is no cutoff, and nothing is below it': () => {
    assert.equal(cutoffsOf(null, null, null), noCutoffs)
    assert.is(isBelowCutoff(noCutoffs, noCutoffs), false)
  },

  'a session is below iff one of the three is: each alone, in either direction': () => {
    for (const key of ['sub', 'client', 'all'] as const) {
      const epoch: Epoch = { sub: 2, client: 2, all: 2 }
      assert.is(isBelowCutoff(epoch, { ...epoch, [key]: 3 }), true, key)
      assert.is(isBelowCutoff(epoch, epoch), false, key)
      assert.is(isBelowCutoff(epoch, { ...epoch, [key]: 1 }), false, key)
    }
  },

  'each cutoff is read from its own stream': () => {
    const third = cut(cut(cut(null)))
    const first = cut(null)
    assert.equal(cutoffsOf(third, null, first), { sub: 2, client: -1, all: 0 })
    assert.equal(cutoffsOf(null, third, null), { sub: -1, client: 2, all: -1 })
  },

  'its version is the cutoff, so a later one is always greater': () => {
    const first = cut(null)
    const second = cut(first)
    assert.equal([first.cutoff, second.cutoff], [0, 1])
    assert.equal([first.id.v, second.id.v], [0, 1])
    const [revoked] = second.events
    assert.is(revoked?.type === 'TokenRevoked' && revoked.data.cutoff, 1)
  },

  'other events on the stream never move it': () => {
    const first = cut(null)
    const noted = note(note(first))
    assert.equal([noted.id.v, noted.cutoff], [2, 0])
    assert.is(note(null).cutoff, -1)
    assert.is(cut(noted).cutoff, 3)
  },

  'a cutoff never expires, its record after the longest lifetime ever in force': () => {
    const made = cut(null, subject, 1_000)
    assert.is(made.expiresAt, null)
    const [revoked] = made.events
    const expiresAt = revoked?.type === 'TokenRevoked' ? revoked.data.expiresAt : null
    assert.is(expiresAt, at(1_000 + 20 * minuteMs))
  },

  'the longest lifetime ever in force is handed on by every commit on `all`': () => {
    const told = { events: [], now: at(0), claim: aClaim() }
    const raised = stored(eventCommit('all', null, { ...told, longestMs: 7 * minuteMs }))
    const after = cut(raised, { scope: 'all' })
    assert.equal([raised.longestMs, after.longestMs], [7 * minuteMs, 7 * minuteMs])
    assert.equal([raised.cutoff, after.cutoff], [-1, 1])
  },

  'each target has its stream and the key that guards look for': () => {
    const streams = [subject, { scope: 'client', client: aClient }, { scope: 'all' }] as const
    const seen = streams.map((target) => {
      const { id, events, kind } = cut(null, target)
      const [revoked] = events
      return [id.s, revoked?.type === 'TokenRevoked' && revoked.data.key, kind]
    })
    assert.equal(seen, [
      [`u/${sub}`, `sub:${sub}`, 'r'],
      [`c/${aClient}`, `client:${aClient}`, 'r'],
      ['all', 'all', 'r'],
    ])
  },
})
