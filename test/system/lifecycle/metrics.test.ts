import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEverything } from '../../../services/embedded/compose.ts'
import { readEmbeddedConfig } from '../../../services/embedded/config.ts'
import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import type { Env } from '../../../shared/kernel/config.ts'
import { processContext } from '../../../shared/kernel/process/process-context.ts'
import { metricTable } from '../../../shared/metrics/metric-table.ts'
import { type Browser, browserAt, copyOf, newJar } from '../../support/processes/browser.ts'
import { sendHttp } from '../../support/requests/http-send.ts'
import { freePort } from '../../support/servers/server-process.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

type Scene = Readonly<{ browser: Browser; orders: Browser; read: () => Promise<string> }>

const inScene = async (env: Env, prove: (scene: Scene) => Promise<void>): Promise<void> => {
  const dir = await mkdtemp(join(tmpdir(), 'curfew-metrics-'))
  const [port, metricsPort] = [await freePort(), await freePort()]
  const config = readEmbeddedConfig({
    CURFEW_DATA_DIR: dir,
    CURFEW_PORT: String(port),
    CURFEW_ORDERS_PORT: '0',
    CURFEW_METRICS_PORT: String(metricsPort),
    ...env,
  })
  const context = processContext('test', 'silent')
  const running = await startEverything({ config, context })
  try {
    const password = 'correct horse battery'
    await createUser(running.gateway.rooms, { username: 'alice', password, roles: [] })
    const read = async (): Promise<string> => {
      const { status, text } = await sendText(`http://127.0.0.1:${metricsPort}/metrics`)
      assert.is(status, 200)
      return text
    }
    const orders = browserAt(running.orders[0]?.url ?? '')
    await prove({ browser: browserAt(running.gatewayUrl), orders, read })
  } finally {
    await running.close()
    await rm(dir, { recursive: true, force: true })
  }
}

const sendText = async (url: string): Promise<Readonly<{ status: number; text: string }>> => {
  const answer = await fetch(url)
  return { status: answer.status, text: await answer.text() }
}

/** The value of one line, `null` when it is not there. */
const valueIn = (text: string, line: string): number | null => {
  const found = text.split('\n').find((one) => one.startsWith(`${line} `))
  return found === undefined ? null : Number(found.slice(line.length + 1))
}

claims('GET /metrics', {
  'counts logins, refreshes, revocations and answers, and names nobody': () =>
    inScene({}, async ({ browser, read }) => {
      const jar = newJar()
      assert.is((await browser.login(jar, 'alice', 'wrong horse')).status, 401)
      assert.is((await browser.login(jar, 'alice', 'correct horse battery')).status, 200)
      const stolen = copyOf(jar)
      assert.is((await browser.refresh(jar)).status, 200)
      assert.is((await browser.refresh(stolen)).status, 200)
      assert.is((await browser.logout(jar)).status, 200)
      const text = await read()
      const wanted: [string, number][] = [
        ['curfew_logins_total{outcome="opened"}', 1],
        ['curfew_logins_total{outcome="wrong_password"}', 1],
        ['curfew_refreshes_total{outcome="refreshed"}', 1],
        ['curfew_refreshes_total{outcome="replayed"}', 1],
        ['curfew_revocations_total{scope="session",reason="logout"}', 1],
        ['curfew_revocation_answers_total{status="acknowledged"}', 1],
        ['curfew_http_requests_total{route="/login",status="200"}', 1],
        ['curfew_http_requests_total{route="/login",status="401"}', 1],
      ]
      for (const [line, value] of wanted) assert.is(valueIn(text, line), value, line)
      assert.not.match(text, /alice|127\.0\.0\.1|[0-9a-f]{32}/)
    }),

  'shows the relay, the store, the log, the event loop and how fresh the guard is': () =>
    inScene({}, async ({ browser, read }) => {
      await browser.login(newJar(), 'alice', 'correct horse battery')
      await until('the relay ran', async () => {
        const text = await read()
        return (valueIn(text, 'curfew_relay_runs_total{outcome="finished"}') ?? 0) > 1
      })
      const text = await read()
      const age = valueIn(text, 'curfew_closed_time_age_seconds')
      assert.ok(age !== null && age >= 0 && age < 60)
      assert.is(valueIn(text, 'curfew_unpublished{kind="r"}'), 0)
      assert.is(valueIn(text, 'curfew_part_ready{part="relay"}'), 1)
      assert.ok((valueIn(text, 'curfew_store_seconds_count{call="append"}') ?? 0) > 0)
      assert.ok((valueIn(text, 'curfew_publish_seconds_count') ?? 0) > 0)
      assert.ok(valueIn(text, 'nodejs_eventloop_lag_seconds') !== null)
      assert.is(valueIn(text, 'curfew_guard_ready{guard="orders-1"}'), 1)
      const staleness = valueIn(text, 'curfew_guard_staleness_seconds{guard="orders-1"}')
      assert.ok(staleness !== null && staleness > 0 && staleness < 60)
    }),

  'counts what the guard decided, and how long a revocation took to be refused': () =>
    inScene({}, async ({ browser, orders, read }) => {
      const jar = newJar()
      await browser.login(jar, 'alice', 'correct horse battery')
      const stolen = copyOf(jar)
      const asks = async (): Promise<number> =>
        (await orders.send('/orders', copyOf(stolen), { method: 'GET' })).status
      assert.is(await asks(), 200)
      await browser.logout(jar)
      await until('the guard refuses', async () => (await asks()) === 401)
      const text = await read()
      const of = (name: string, labels = ''): number | null =>
        valueIn(text, `curfew_guard_${name}{guard="orders-1"${labels}}`)
      assert.ok((of('checks_total', ',verdict="accepted"') ?? 0) >= 1)
      assert.is(of('checks_total', ',verdict="revoked"'), 1)
      assert.equal([of('refusal_seconds_count'), of('revocations')], [1, 1])
      assert.is(of('refusal_seconds_bucket', ',le="+Inf"'), 1)
      assert.ok((of('refusal_seconds_sum') ?? -1) >= 0)
    }),

  'a guard with a name reports to the gateway, which shows it': () =>
    inScene({ CURFEW_GUARD_NAME: 'orders-eu' }, async ({ browser, read }) => {
      const line =
        /curfew_attached_guard_ready\{guard="orders-eu",client="[^"]+",instance="[0-9a-f]{16}"\} 1/
      await until('it is shown', async () => line.test(await read()))
      assert.match(await read(), /curfew_attached_guard_staleness_seconds\{guard="orders-eu"/)
      const answer = await browser.send('/guards', newJar(), { method: 'GET' })
      assert.is(answer.status, 401)
    }),

  'every name that is shown is in the table': () =>
    inScene({}, async ({ browser, read }) => {
      await browser.send('/no/such/page', newJar(), { method: 'GET' })
      const names = [...(await read()).matchAll(/^# TYPE (curfew_\w+) (\w+)$/gm)]
      assert.ok(names.length > 8)
      const known: Readonly<Record<string, { kind: string }>> = metricTable
      for (const [, name = '', kind] of names) assert.is(known[name]?.kind, kind, name)
      assert.is(new Set(names.map(([, name]) => name)).size, names.length)
      assert.match(await read(), /curfew_http_requests_total\{route="none",status="404"\} 1/)
    }),

  // asvs: 13.4.5
  'without a port nothing is shown, and the gateway’s own port shows none': () =>
    inScene({}, async ({ browser }) => {
      const answer = await sendHttp(`${browser.url}/metrics`, { method: 'GET' })
      assert.is(answer.status, 404)
    }),
})
