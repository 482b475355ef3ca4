import { join } from 'node:path'
import { type Scale, withFleet } from '../../support/processes/fleet.ts'
import { loadedScripts } from '../../support/processes/loaded-scripts.ts'
import { loggedIn } from '../../support/requests/visitor.ts'
import { assert, type Claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

type Site = Readonly<{ gatewayUrl: string; ordersUrl: string }>

/** Logs in, refreshes, logs out; then ends all, and looks at what was written and loaded. */
const wholeWork = (scale: Scale | null): Promise<void> =>
  withFleet(scale, async (fleet) => {
    const coverage = join(fleet.dir, 'coverage')
    const env = { NODE_V8_COVERAGE: coverage }
    const start = async (): Promise<Site> => {
      if (scale === null) {
        const { url, ordersUrl } = await fleet.everything(env)
        return { gatewayUrl: url, ordersUrl }
      }
      const gateway = await fleet.gateway(env)
      const [orders] = await Promise.all([fleet.orders(gateway, env), fleet.projector(env)])
      return { gatewayUrl: gateway.url, ordersUrl: orders.url }
    }
    const { gatewayUrl, ordersUrl } = await start()
    const visitor = await loggedIn(fleet, gatewayUrl, await fleet.addUser('alice', env))
    await until('the guard accepts', async () => (await visitor.asks(ordersUrl)) === 200)
    const early = visitor.copy()
    assert.is((await visitor.post(`${gatewayUrl}/refresh`)).status, 200)
    assert.is(await visitor.asks(ordersUrl), 200)
    const thief = visitor.copy()
    assert.is((await visitor.post(`${gatewayUrl}/logout`)).status, 200)
    for (const who of [thief, early]) {
      await until('the guard refuses', async () => (await who.asks(ordersUrl)) === 401)
    }
    const running = fleet.processes.filter(({ isRunning }) => isRunning())
    for (const { code } of await fleet.stopAll(running)) assert.is(code, 0)
    for (const { output } of fleet.processes) assert.not.match(output(), /\w*Warning: /)
    const loaded = await loadedScripts(coverage)
    assert.ok(
      loaded.some((url) => url.endsWith('/services/cli/main.cjs')),
      'what was loaded is known',
    )
    assert.equal(
      loaded.filter((url) => /\.ts$|\/node_modules\/tsx\//.test(url)),
      [],
    )
  })

export const nodeVersionClaims = (scale: Scale | null): Claims => ({
  'logs in, rotates, logs out and stops, by built code alone and without a warning': () =>
    wholeWork(scale),
})
