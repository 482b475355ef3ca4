import { cp, rm } from 'node:fs/promises'
import { ledText } from '../../support/documents/led-text.ts'
import { withTopics } from '../../support/kafka/topics.ts'
import { notRun } from '../../support/not-run.ts'
import { type Fleet, type Member, type Scale, withFleet } from '../../support/processes/fleet.ts'
import { isAnswered, type Process } from '../../support/processes/processes.ts'
import { type Running, startTyped } from '../../support/processes/typed-start.ts'
import { makeClone } from '../../support/requests/page-shell.ts'
import { loggedIn, Visitor } from '../../support/requests/visitor.ts'
import { findScale } from '../../support/scale.ts'
import { freePort } from '../../support/servers/server-process.ts'
import { assert, type Claims, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'
import { race, until } from '../../support/until.ts'
import { commandsOf } from '../../support/worlds/recipe-service.ts'

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

/** The commands of README.md, each in a shell of its own, on the servers of this test. */
const typedAtScale = async (fleet: Fleet, dir: string) => {
  const [exported = '', ...commands] = commandsOf('README.md', 'scale')
  const ports = [await freePort(), await freePort(), await freePort()] as const
  const urls = ports.map((port) => `http://127.0.0.1:${port}`)
  const { CURFEW_KAFKA_BROKERS: brokers = '', CURFEW_MONGODB_URL: mongo = '', ...env } = fleet.env
  const led = (line: string): string =>
    ledText(line, {
      'localhost:9092': brokers,
      'mongodb://localhost:27017/curfew': mongo,
      'http://localhost:3000': urls[0] ?? '',
      '3010': String(ports[1]),
    })
  const given = { CURFEW_PORT: String(ports[0]), CURFEW_ORDERS_PORT: String(ports[2]) }
  makeClone(dir)
  const start = async (index: number): Promise<Running> => {
    const lines = [led(exported), led(commands[index] ?? '').replace('npx', 'exec npx')]
    return startTyped({ dir, env: { ...env, ...given } }, lines.join('\n'), async () => true)
  }
  return { urls, start }
}

const firstGateway = (scale: Scale): Promise<void> =>
  withFleet(scale, (fleet) =>
    inTempFolder('page', async (dir) => {
      const { urls, start } = await typedAtScale(fleet, dir)
      const [gatewayUrl = '', , ordersUrl = ''] = urls
      // They are ready only after the gateway made the keys of the log.
      const running = [await start(1), await start(2)]
      try {
        const told = /log-mac\.json.*waiting for this file/
        const wait = (): boolean => running.every(({ output }) => told.test(output()))
        await until('they say what they wait for', wait)
        const user = await fleet.addUser('alice')
        running.push(await start(0))
        for (const url of urls) await until(`${url} is ready`, () => isAnswered(url), 90_000)
        const visitor = await loggedIn(fleet, gatewayUrl, user)
        await until('the guard accepts', async () => (await visitor.asks(ordersUrl)) === 200)
        const thief = visitor.copy()
        assert.is((await visitor.post(`${gatewayUrl}/logout`)).status, 200)
        await until('the guard refuses', async () => (await thief.asks(ordersUrl)) === 401)
      } finally {
        const codes = await Promise.all(running.map(({ stop }) => stop()))
        assert.equal([...new Set(codes)], [0])
      }
    }),
  )

const foreignKeys = (scale: Scale): Promise<void> =>
  withFleet(scale, async (fleet) => {
    await fleet.gateway()
    const stranger = fleet.command(['gateway'], {
      CURFEW_PORT: String(await freePort()),
      CURFEW_KEYS_DIR: `${fleet.dir}/keys-of-another-fleet`,
    })
    await hasFailed(stranger, /KEYS_INVALID/, /CURFEW_KEYS_DIR/)
    // Keys as an older version had them: each gateway would sign events with a ring of its own.
    const copied = `${fleet.dir}/keys-without-events`
    await cp(`${fleet.dir}/keys`, copied, { recursive: true })
    await rm(`${copied}/events-mac.json`)
    const alone = fleet.command(['gateway'], {
      CURFEW_PORT: String(await freePort()),
      CURFEW_KEYS_DIR: copied,
    })
    await hasFailed(alone, /KEYS_INVALID/, /events-mac\.json/)
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
  'as README.md starts them, a projector and a service wait for the first gateway': () =>
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
