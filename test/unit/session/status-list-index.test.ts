import fc from 'fast-check'
import type { EpochMs, EpochSeconds } from '../../../shared/kernel/ids.ts'
import {
  isPassed,
  listNameText,
  parseListName,
  passedNames,
  windowEnd,
} from '../../../shared/session/status-list-index.ts'
import { assert, claims } from '../../support/suite.ts'

const exps = fc.integer({ min: 1_000_000_000, max: 9_000_000_000 })
const names = fc.record({
  until: exps.map((exp) => windowEnd(exp as EpochSeconds)),
  all: fc.integer({ min: -1, max: 1_000_000 }),
  shard: fc.stringMatching(/^[0-9a-f]{16}$/),
})

claims('The name of a status list', {
  'is read back as it was told': () => {
    fc.assert(
      fc.property(names, (name) => {
        assert.equal(parseListName(listNameText(name)), { ...name })
      }),
    )
  },

  'is of one form only': () => {
    for (const text of [
      '',
      'x',
      '1800000000-0',
      '1800000000-0-0123456789abcde',
      '1800000000-0-0123456789abcdef0',
      '1800000000-0-0123456789ABCDEF',
      '1800000000-00-0123456789abcdef',
      '1800000000--1-0123456789abcdef',
      '180000000-0-0123456789abcdef',
      '../1800000000-0-0123456789abcdef',
      '1800000000-0-0123456789abcdef\n',
    ]) {
      assert.is(parseListName(text), null, text)
    }
  },

  'is that of a window which ends after every token in it, within a quarter of an hour': () => {
    fc.assert(
      fc.property(exps, (exp) => {
        const until = windowEnd(exp as EpochSeconds)
        assert.ok(until > exp && until - exp <= 900)
      }),
    )
  },

  'is passed five minutes after its window, and the others sort behind what is': () => {
    fc.assert(
      fc.property(names, fc.integer({ min: -400_000, max: 400_000 }), (name, ms) => {
        const now = (name.until * 1_000 + ms) as EpochMs
        assert.is(isPassed(name, now), ms >= 300_000)
        if (!isPassed(name, now)) assert.ok(listNameText(name) > passedNames(now))
      }),
    )
  },
})
