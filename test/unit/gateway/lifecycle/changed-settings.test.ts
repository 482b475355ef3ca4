import { createSecretKey } from 'node:crypto'
import { gatewayFields } from '../../../../services/gateway/config.ts'
import {
  changedSettings,
  settingDigests,
  tellChangedSettings,
} from '../../../../services/gateway/lifecycle/changed-settings.ts'
import { openMemoryEventStore } from '../../../../shared/adapters/memory/event-store.ts'
import type { AuthEvent } from '../../../../shared/events/event.ts'
import { systemClock as clock } from '../../../../shared/kernel/clock.ts'
import { type Env, readConfig } from '../../../../shared/kernel/config.ts'
import { systemEntropy as entropy } from '../../../../shared/kernel/entropy.ts'
import { processFields } from '../../../../shared/kernel/process/process-settings.ts'
import { assert, claims } from '../../../support/suite.ts'
import { race } from '../../../support/until.ts'

const key = createSecretKey(Buffer.alloc(32, 5))
const base = { CURFEW_PUBLIC_URL: 'https://auth.example' }
const digestsOf = (env: Env, under = key) =>
  settingDigests(
    gatewayFields,
    readConfig(gatewayFields, { ...base, ...env }),
    under,
    processFields,
  )

const scene = () => {
  const store = openMemoryEventStore({ clock })
  const told: AuthEvent[] = []
  const add = (_name: string, event: AuthEvent): void => void told.push(event)
  const start = (env: Env): Promise<void> =>
    tellChangedSettings({ store, entropy }, digestsOf(env), { add })
  const names = () =>
    told.map(({ data }) => ('changed' in data ? data.changed.map(({ name }) => name) : []))
  return { start, names, told }
}

claims('settings that a start finds changed', {
  'are told by name, once, each time they change': async () => {
    const { start, names } = scene()
    await start({})
    await start({})
    assert.equal(names(), [], 'the first start has nothing to compare with')
    await start({ CURFEW_MAX_SESSIONS: '3', CURFEW_STATUS_LIST: 'true' })
    await start({ CURFEW_MAX_SESSIONS: '3', CURFEW_STATUS_LIST: 'true' })
    await start({})
    const both = ['CURFEW_MAX_SESSIONS', 'CURFEW_STATUS_LIST']
    assert.equal(names(), [both, both])
  },

  'are none where only what differs from process to process does': async () => {
    const { start, names } = scene()
    await start({ CURFEW_PORT: '3000', CURFEW_LOG_LEVEL: 'debug' })
    await start({ CURFEW_PORT: '3005', CURFEW_HOST: '0.0.0.0' })
    assert.equal(names(), [])
  },

  'are told once of gateways that start at the same time': async () => {
    const { start, names } = scene()
    await start({})
    await race(8, () => start({ CURFEW_MAX_SESSIONS: '3' }))
    assert.equal(names(), [['CURFEW_MAX_SESSIONS']])
  },

  'show no secret, and nothing that could be guessed and compared': async () => {
    const secrets = ['a-long-enough-secret', 'another-long-secret']
    const clients = secrets.map((secret) => ({ CURFEW_SERVICE_CLIENTS: `shop:${secret}:feed` }))
    const { start, told } = scene()
    for (const env of clients) await start(env)
    const text = JSON.stringify(told)
    for (const secret of secrets) assert.not.ok(text.includes(secret))
    const [changed] = told.flatMap(({ data }) => ('changed' in data ? [data.changed] : []))
    assert.is(changed?.length, 1)
    const [change] = changed ?? []
    assert.match(`${change?.before}${change?.now}`, /^[0-9a-f]{32}$/)
    // Whoever has not the key of the fleet gets other digests of the same setting.
    const other = digestsOf(clients[1] ?? {}, createSecretKey(Buffer.alloc(32, 6)))
    assert.is.not(other['CURFEW_SERVICE_CLIENTS'], change?.now)
  },

  'that came with a version, or went, have no digest before or after': () => {
    const [before, now] = [
      { A: '1', B: '2' },
      { B: '3', C: '4' },
    ]
    assert.equal(changedSettings(before, now), [
      { name: 'A', before: '1', now: null },
      { name: 'B', before: '2', now: '3' },
      { name: 'C', before: null, now: '4' },
    ])
  },
})
