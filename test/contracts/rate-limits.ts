import type { RateLimits, RateRule } from '../../shared/ports/rate-limits.ts'
import { contract } from '../support/contract.ts'
import { assert } from '../support/suite.ts'
import { race } from '../support/until.ts'

const rule: RateRule = { name: 'login', points: 5, windowMs: 60_000 }

const allowed = async (limits: RateLimits, of: RateRule, key: string): Promise<boolean> =>
  (await limits.take(of, key)).allowed

export const rateLimitsContract = contract<RateLimits>('rate limits', {
  'as many are allowed as the rule has points, then none': async (limits) => {
    for (let take = 0; take < 5; take += 1) assert.is(await allowed(limits, rule, 'ann'), true)
    const refused = await limits.take(rule, 'ann')
    assert.is(refused.allowed, false)
    assert.ok(refused.retryAfterMs > 0 && refused.retryAfterMs <= rule.windowMs)
  },

  // asvs: 2.3.2
  'of 50 racing calls as many are allowed as there are points': async (limits) => {
    const verdicts = await race(50, () => limits.take(rule, 'ann'))
    assert.is(verdicts.filter((verdict) => verdict.allowed).length, 5)
  },

  'keys and rules count apart': async (limits) => {
    await race(6, () => limits.take(rule, 'ann'))
    assert.is(await allowed(limits, rule, 'ann'), false)
    assert.is(await allowed(limits, rule, 'bob'), true)
    assert.is(await allowed(limits, { ...rule, name: 'refresh' }, 'ann'), true)
    assert.is(await allowed(limits, { ...rule, name: 'log' }, 'in:ann'), true)
  },

  'a point given back can be taken once': async (limits) => {
    await race(5, () => limits.take(rule, 'ann'))
    await limits.giveBack(rule, 'ann')
    assert.is(await allowed(limits, rule, 'ann'), true)
    assert.is(await allowed(limits, rule, 'ann'), false)
  },

  'a new window begins when the old one ends': async (limits, { clock, until }) => {
    const brief: RateRule = { name: 'brief', points: 2, windowMs: 1000 }
    const startedAt = clock.monotonicMs()
    await race(2, () => limits.take(brief, 'ann'))
    await until('the window ended', () => allowed(limits, brief, 'ann'), 30_000)
    const spentMs = clock.monotonicMs() - startedAt
    // No window may end early by more than what clocks round.
    assert.ok(spentMs > brief.windowMs / 2, `a window of 1000 ms ended after ${spentMs} ms`)
  },
})
