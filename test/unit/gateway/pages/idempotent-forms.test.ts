import { IdempotentForms } from '../../../../services/gateway/pages/idempotent-forms.ts'
import { systemClock } from '../../../../shared/kernel/clock.ts'
import { assert, claims } from '../../../support/suite.ts'
import { until } from '../../../support/until.ts'

claims('answers that are kept for who sends a form twice', {
  'are dropped when the gateway closes, and nothing waits for the ten seconds': async () => {
    let sleepers = 0
    const clock: typeof systemClock = {
      ...systemClock,
      sleep: async (ms, signal) => {
        sleepers += 1
        await systemClock.sleep(ms, signal)
        sleepers -= 1
      },
    }
    const forms = new IdempotentForms<string>()
    assert.is(await forms.once('a', clock, async () => 'done'), 'done')
    await until('somebody waits to drop it', () => sleepers === 1)
    assert.is(forms.size, 1)
    forms.close()
    assert.is(forms.size, 0)
    await until('nobody waits any more', () => sleepers === 0)
    assert.is(await forms.once('a', clock, async () => 'again'), 'again')
    await until('nothing is kept from then on', () => forms.size === 0 && sleepers === 0)
  },
})
