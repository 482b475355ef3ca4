import { LoginLimits } from '../../../../services/gateway/accounts/login-limits.ts'
import { RefusalEvents } from '../../../../services/gateway/publication/refusal-events.ts'
import { openMemoryRateLimits } from '../../../../shared/adapters/memory/rate-limits.ts'
import { event, noOrigin } from '../../../../shared/events/event.ts'
import { inWorld } from '../../../support/gateway-world.ts'
import { assert, claims } from '../../../support/suite.ts'
import { until } from '../../../support/until.ts'

const asked = { method: 'POST', path: '/login', ...noOrigin }
const told = event('OriginRefused', { page: 'https://elsewhere.example', ...asked })

claims('events of what was refused', {
  'are one for each key in a window, of all gateways together': () =>
    inWorld({}, async ({ parts, clock, keys }) => {
      const appended: unknown[] = []
      const limits = new LoginLimits(openMemoryRateLimits({ clock }), keys.addressKey)
      const fleet = { ...parts, limits, onAppended: (one: unknown) => void appended.push(one) }
      const gateways = [new RefusalEvents(), new RefusalEvents()]
      for (let n = 0; n < 20; n += 1) gateways[n % 2]?.tell(fleet, told, 'one key')
      gateways[0]?.tell(fleet, told, 'another key')
      await until('both keys are told', async () => appended.length >= 2)
      assert.is(appended.length, 2)
    }),

  'are boundedly many, however many keys a stranger makes up': () =>
    inWorld({}, async ({ parts }) => {
      const appended: unknown[] = []
      const own = { ...parts, onAppended: (one: unknown) => void appended.push(one) }
      const events = new RefusalEvents()
      for (let n = 0; n < 5_000; n += 1) events.tell(own, told, `key ${n}`)
      await until('they are told', async () => appended.length >= 100)
      assert.is(appended.length, 100)
    }),

  'that cannot be stored are no failure': () =>
    inWorld({}, async ({ parts }) => {
      const store = { ...parts.store, append: () => Promise.reject(new Error('down')) }
      new RefusalEvents().tell({ ...parts, store }, told, 'a key')
      await Promise.resolve()
    }),
})
