import fc from 'fast-check'
import {
  gathered,
  laidOut,
  type Mark,
  marksOf,
} from '../../../../../services/console/browser/model/life.ts'
import type { AuditEventBody } from '../../../../../services/gateway/answers.ts'
import { assert, claims } from '../../../../support/suite.ts'

const minute = 60_000
const mark = (at: number, kind: Mark['kind'] = 'rotation'): Mark => ({
  ...{ at, kind, count: 1, until: at, title: kind },
})
const told = (type: string, seconds: number, data: Record<string, unknown>): AuditEventBody => ({
  ...{ id: `s/x:${seconds}:0`, type, data, actor: null, request: null },
  time: new Date(seconds * 1_000).toISOString(),
})

claims('the life of a session', {
  'is its login, its rotations, its replays and its end; access tokens are no steps': () => {
    const events = [
      told('TokenIssued', 2, { kind: 'access', cause: 'refresh' }),
      told('TokenIssued', 1, { kind: 'refresh', cause: 'login' }),
      told('TokenIssued', 1, { kind: 'access', cause: 'login' }),
      told('TokenIssued', 2, { kind: 'refresh', cause: 'refresh' }),
      told('TokenRevoked', 2, { reason: 'rotated', scope: 'token' }),
      told('GraceReplayed', 3, {}),
      told('ReuseDetected', 4, {}),
      told('TokenRevoked', 4, { reason: 'reuse', scope: 'session' }),
    ]
    const kinds = marksOf(events).map(({ kind }) => kind)
    assert.equal(kinds, ['login', 'rotation', 'replay', 'reuse', 'end'])
  },

  'idle time is one gap that says how long it was': () => {
    const marks = [0, 5, 10, 15, 615, 620].map((at) => mark(at * minute))
    const { gaps, width } = laidOut(marks)
    assert.equal(
      gaps.map(({ ms }) => ms),
      [600 * minute],
    )
    assert.ok(width < 700, String(width))
  },

  'whatever the times, marks stand in their order, apart, and on the picture': () => {
    const times = fc.array(fc.integer({ min: 0, max: 1e9 }), { minLength: 1, maxLength: 300 })
    fc.assert(
      fc.property(times, (drawn) => {
        const marks = drawn.sort((a, b) => a - b).map((at) => mark(at))
        const few = gathered(marks)
        const { marks: placed, width } = laidOut(few)
        const xs = placed.map(({ x }) => x)
        const apart = xs.slice(1).every((x, index) => x - (xs[index] ?? 0) >= 29.99)
        const counted = few.reduce((sum, { count }) => sum + count, 0)
        return apart && few.length <= 81 && counted === marks.length && (xs.at(-1) ?? 0) < width
      }),
    )
  },
})
