import { type Fleet, type Member, type Scale, withFleet } from '../support/fleet.ts'
import { notRun } from '../support/not-run.ts'
import type { Process } from '../support/processes.ts'
import { findScale } from '../support/scale.ts'
import { freePort } from '../support/server-process.ts'
import { assert, type Claims, claims } from '../support/suite.ts'
import { withTopics } from '../support/topics.ts'
import { race, until } from '../support/until.ts'
import { loggedIn, Visitor } from '../support/visitor.ts'

const hasFailed = async (started: Process, ...said: readonly RegExp[]): Promise<void> => {
  await until(`${started.name} ends`, () => !started.isRunning())
  const { code } = await started.ended
  assert.is(code, 1, started.output())
  for (const pattern of said) assert.match(started.output(), pattern)
}

const everyMistake = (): Promise<void> =>
  withFleet(null, async (fleet) => {
    const bad = {
      CURFEW_PORT: 'abc',
      CURFEW_ACCESS_TOKEN_LIFETIME: '15 minutes',
      CURFEW_ROTATE_REFRESH_TOKENS: 'perhaps',
      CURFEW_LEEWAY: '2m',
      CURFEW_KAFKA_BROKERS: 'localhost:1',
    }
    for (const command of ['gateway', 'start']) {
      const started = fleet.command([command], bad)
      const named = Object.keys(bad).filter((name) => name !== 'CURFEW_KAFKA_BROKERS')
      await hasFailed(started, /CONFIG_INVALID/, ...named.map((name) => new RegExp(name)))
    }
    const half = fleet.command(['gateway'], { CURFEW_KAFKA_BROKERS: 'localhost:1' })
    await hasFailed(half, /CONFIG_INVALID/, /CURFEW_MONGODB_URL/)
    const secret = 'too-short-secret'.slice(0, 12)
    fleet.keepSecret(secret)
    const short = fleet.command(['gateway'], { CURFEW_SERVICE_CLIENTS: `desk:${secret}` })
    await hasFailed(short, /CONFIG_INVALID/, /CURFEW_SERVICE_CLIENTS/)
  })

const takenPort = (): Promise<void> =>
  withFleet(null, async (fleet) => {
    const port = String(await freePort())
    await fleet.gateway({ CURFEW_PORT: port })
    const second = fleet.command(['gateway'], { CURFEW_PORT: port })
    await hasFailed(second, new RegExp(`port ${port} .* is taken`))
  })

const firstGateway = (scale: Scale): Promise<void> =>
  withFleet(scale, async (fleet) => {
    const gatewayPort = String(await freePort())
    const gatewayUrl = { url: `http://127.0.0.1:${gatewayPort}` }
    // They are ready only after the gateway made the keys of the log.
    const early = Promise.all([fleet.projector(), fleet.orders(gatewayUrl)])
    early.catch(() => {}) // Met below.
    const told = /log-mac\.json.*waiting for this file/
    const wait = (): boolean =>
      fleet.processes.length === 2 && fleet.processes.every(({ output }) => told.test(output()))
    await until('they say what they wait for', wait)
    const user = await fleet.addUser('alice')
    const gateway = await fleet.gateway({ CURFEW_PORT: gatewayPort })
    const [projector, orders] = await early
    const visitor = await loggedIn(fleet, gateway.url, user)
    await until('the guard accepts', async () => (await visitor.asks(orders.url)) === 200)
    const thief = visitor.copy()
    assert.is((await visitor.post(`${gateway.url}/logout`)).status, 200)
    await until('the guard refuses', async () => (await thief.asks(orders.url)) === 401)
    for (const { code } of await fleet.stopAll([gateway, projector, orders])) assert.is(code, 0)
  })

const foreignKeys = (scale: Scale): Promise<void> =>
  withFleet(scale, async (fleet) => {
    await fleet.gateway()
    const stranger = fleet.command(['gateway'], {
      CURFEW_PORT: String(await freePort()),
      CURFEW_KEYS_DIR: `${fleet.dir}/keys-of-another-fleet`,
    })
    await hasFailed(stranger, /KEYS_INVALID/, /CURFEW_KEYS_DIR/)
  })

const wrongTopic = (
  scale: Scale,
  how: Parameters<Parameters<Parameters<typeof withTopics>[1]>[0]['create']>[1],
  ...said: readonly RegExp[]
): Promise<void> =>
  withFleet(scale, (fleet) =>
    withTopics(fleet, async ({ create, nameOf }) => {
      await create('auth.revocations', how)
      const started = fleet.command(['gateway'], { CURFEW_PORT: String(await freePort()) })
      const name = new RegExp(nameOf('auth.revocations').replaceAll('.', '\\.'))
      await hasFailed(started, /LOG_TOPIC_WRONG/, name, ...said)
    }),
  )

const stamped = { 'message.timestamp.type': 'LogAppendTime', 'retention.ms': '-1' }

const together = 6

/** SIGTERM as soon as the first of many concurrent logins is answered: the others are in flight. */
const stopsInGoodOrder = async (fleet: Fleet, member: Member): Promise<void> => {
  const names = Array.from({ length: together }, (_, index) => `user${index}`)
  const users = await race(together, (index) => fleet.addUser(names[index] ?? ''))
  let first = false
  const logins = race(together, async (index) => {
    const reply = await new Visitor(fleet).post(`${member.url}/login`, users[index])
    first = true
    return reply.status
  })
  logins.catch(() => {}) // Met below.
  await until('one is answered', () => first)
  const ended = await member.stop()
  assert.equal(ended, { code: 0, signal: null })
  assert.equal(await logins, Array(together).fill(200))
  const late = await new Visitor(fleet).get(`${member.url}/healthz`).catch(() => null)
  assert.is(late, null, 'nobody listens any more')
}

const embedded: Claims = {
  'wrong settings stop the start, and every mistake is named at once': everyMistake,
  'a taken port stops the start and is named': takenPort,
  'SIGTERM answers what is in flight, and ends with 0 (start)': () =>
    withFleet(null, async (fleet) => stopsInGoodOrder(fleet, await fleet.everything())),
}

const atScale = (scale: Scale): Claims => ({
  'SIGTERM answers what is in flight, and ends with 0 (gateway)': () =>
    withFleet(scale, async (fleet) => stopsInGoodOrder(fleet, await fleet.gateway())),
  'a projector and a service that start first wait for the first gateway': () =>
    firstGateway(scale),
  'keys of another fleet stop a gateway': () => foreignKeys(scale),
  'auth.revocations with two partitions stops a gateway, with the fix': () =>
    wrongTopic(scale, { partitions: 2, settings: stamped }, /partitions is 2/, /kafka-topics\.sh/),
  'a compacted auth.revocations stops a gateway, with the fix': () =>
    wrongTopic(
      scale,
      { partitions: 1, settings: { ...stamped, 'cleanup.policy': 'compact' } },
      /cleanup\.policy is compact/,
      /kafka-configs\.sh .* --add-config cleanup\.policy=delete/,
    ),
})

claims('start and stop, on LMDB', embedded)

const found = await findScale()
if ('missing' in found) notRun('start and stop, on Kafka and MongoDB', found.missing)
else claims('start and stop, on Kafka and MongoDB', atScale(found.scale))
