import { LoginLimits } from '../../../../services/gateway/accounts/login-limits.ts'
import { RefusalEvents } from '../../../../services/gateway/publication/refusal-events.ts'
import { openMemoryRateLimits } from '../../../../shared/adapters/memory/rate-limits.ts'
import { event, noOrigin } from '../../../../shared/events/event.ts'
import { withContext } from '../../../support/other-rooms.ts'
import { assert, claims } from '../../../support/suite.ts'
import { until } from '../../../support/until.ts'
import { inWorld } from '../../../support/worlds/gateway-world.ts'

const asked = { method: 'POST', path: '/login', ...noOrigin }
const told = event('OriginRefused', { page: 'https://elsewhere.example', ...asked })

claims('events of what was refused', {
  'are one for each key in a window, of all gateways together': () =>
    inWorld({}, async ({ rooms, clock, keys }) => {
      const appended: unknown[] = []
      const limits = new LoginLimits(openMemoryRateLimits({ clock }), keys.addressKey)
      const onAppended = (one: unknown) => void appended.push(one)
      const fleet = { ...withContext(rooms, { onAppended }), limits }
      const gateways = [new RefusalEvents(fleet), new RefusalEvents(fleet)]
      for (let n = 0; n < 20; n += 1) gateways[n % 2]?.append(told, 'one key', 'r1')
      gateways[0]?.append(told, 'another key', 'r2')
      await until('both keys are told', async () => appended.length >= 2)
      assert.is(appended.length, 2)
    }),

  'are boundedly many, however many keys a stranger makes up': () =>
    inWorld({}, async ({ rooms }) => {
      const appended: unknown[] = []
      const onAppended = (one: unknown) => void appended.push(one)
      const { limits } = rooms.accounts
      const events = new RefusalEvents({ ...withContext(rooms, { onAppended }), limits })
      for (let n = 0; n < 5_000; n += 1) events.append(told, `key ${n}`, 'r1')
      await until('they are told', async () => appended.length >= 100)
      assert.is(appended.length, 100)
    }),

  'that cannot be stored are no failure': () =>
    inWorld({}, async ({ rooms }) => {
      const store = { ...rooms.context.store, append: () => Promise.reject(new Error('down')) }
      const { limits } = rooms.accounts
      new RefusalEvents({ ...withContext(rooms, { store }), limits }).append(told, 'a key', 'r1')
      await Promise.resolve()
    }),
})
