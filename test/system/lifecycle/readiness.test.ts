import { MongoClient } from 'mongodb'
import { notRun } from '../../support/not-run.ts'
import { type Fleet, type Member, type Scale, withFleet } from '../../support/processes/fleet.ts'
import type { Settings } from '../../support/processes/processes.ts'
import { becomes, readyz } from '../../support/requests/readyz.ts'
import { loggedIn } from '../../support/requests/visitor.ts'
import { findKafka } from '../../support/servers/kafka-server.ts'
import { startOwnMongo } from '../../support/servers/mongo-server.ts'
import { startRefusingBroker } from '../../support/servers/refusing-broker.ts'
import { freePort, type ServerControl } from '../../support/servers/server-process.ts'
import { openTcpProxy, type TcpProxy } from '../../support/servers/tcp-proxy.ts'
import { assert, type Claims, claims } from '../../support/suite.ts'

type World = Readonly<{
  scale: Scale
  kafka: ServerControl
  mongo: ServerControl
  proxy: TcpProxy
  /** Makes the server refuse commands, or takes that back. */
  failing: (data: object | null) => Promise<void>
}>

const quick: Settings = { CURFEW_READY_WITHIN: '2s', CURFEW_STORE_TIMEOUT: '1s' }

type Site = World & Readonly<{ fleet: Fleet; gateway: Member; projector: Member }>

const onSite =
  (world: World, prove: (site: Site) => Promise<void>): (() => Promise<void>) =>
  () =>
    withFleet(
      world.scale,
      async (fleet) => {
        const gateway = await fleet.gateway()
        const projector = await fleet.projector()
        await becomes(gateway.url, 'ready')
        await prove({ ...world, fleet, gateway, projector })
      },
      quick,
    )

type Trouble = Readonly<{ begin: () => unknown; end: () => unknown; says: RegExp }>

const storeTroubles = ({ mongo, proxy, failing }: Site): readonly Trouble[] => [
  { begin: () => mongo.freeze(), end: () => mongo.thaw(), says: /no answer for/ },
  { begin: () => mongo.kill9(), end: () => mongo.restart(), says: /no answer for/ },
  {
    begin: () => {
      proxy.refuseNew(true)
      proxy.killAll()
    },
    end: () => proxy.refuseNew(false),
    says: /no server to write to|connection broke/,
  },
  {
    begin: () => failing({ failCommands: ['findAndModify'], errorCode: 10_107 }),
    end: () => failing(null),
    says: /not the primary/,
  },
  {
    begin: () =>
      failing({
        failCommands: ['findAndModify'],
        writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' },
      }),
    end: () => failing(null),
    says: /a majority of the replica set did not confirm/,
  },
]

const storeRows = (world: World) =>
  onSite(world, async (site) => {
    const { gateway, projector } = site
    for (const { begin, end, says } of storeTroubles(site)) {
      await begin()
      try {
        const told = await becomes(gateway.url, 'unready', ({ parts }) =>
          says.test(parts['store'] ?? ''),
        )
        assert.ok(told.notReady.includes('store'))
        assert.not.match(JSON.stringify(told), '127.0.0.1')
        if (says.source === 'no answer for') {
          const view = await becomes(projector.url, 'unready')
          assert.ok(view.notReady.includes('view'))
        }
      } finally {
        await end()
      }
      await becomes(gateway.url, 'ready')
      await becomes(projector.url, 'ready')
    }
  })

const logRows = (world: World) =>
  onSite(world, async ({ fleet, gateway, kafka }) => {
    const user = await fleet.addUser('alice')
    const troubles: readonly Trouble[] = [
      { begin: () => kafka.kill9(), end: () => kafka.restart(), says: /is down|does not answer/ },
      { begin: () => kafka.freeze(), end: () => kafka.thaw(), says: /does not answer/ },
    ]
    for (const { begin, end, says } of troubles) {
      await begin()
      try {
        const told = await becomes(gateway.url, 'degraded', ({ parts }) =>
          says.test(parts['log'] ?? ''),
        )
        assert.equal(told.notReady, [])
        assert.ok(told.degraded.includes('log'))
        await loggedIn(fleet, gateway.url, user)
        for (let look = 0; look < 200; look += 1) {
          assert.is((await readyz(gateway.url))?.status, 'degraded', 'it does not flap')
        }
      } finally {
        await end()
      }
      await becomes(gateway.url, 'ready')
    }
  })

/** A gateway that is not awaited. */
const starting = async (fleet: Fleet, over: Settings): Promise<string> => {
  const port = String(await freePort())
  fleet.command(['gateway'], { CURFEW_PORT: port, ...over })
  return `http://127.0.0.1:${port}`
}

const beforeTheLog = ({ scale, kafka }: World): Claims => ({
  'without Kafka it is not ready before its first complete run, and then it is': () =>
    withFleet(
      scale,
      async (fleet) => {
        await kafka.kill9()
        try {
          const url = await starting(fleet, {})
          const told = await becomes(url, 'unready', ({ parts }) => parts['store'] === 'ok')
          assert.match(told.parts['relay'] ?? '', /starting: no complete run yet; the log/)
          await kafka.restart()
          await becomes(url, 'ready')
        } finally {
          await kafka.restart()
        }
      },
      quick,
    ),

  'with a wrong password for Kafka it is not ready, and says so': () =>
    withFleet(
      scale,
      async (fleet) => {
        const url = await starting(fleet, {
          CURFEW_KAFKA_BROKERS: await startRefusingBroker(),
          CURFEW_KAFKA_SASL_MECHANISM: 'plain',
          CURFEW_KAFKA_USERNAME: 'curfew',
          CURFEW_KAFKA_PASSWORD: 'a-password-of-nobody',
        })
        fleet.keepSecret('a-password-of-nobody')
        await becomes(url, 'unready', ({ parts }) =>
          /refuses our credentials: mend CURFEW_KAFKA/.test(parts['relay'] ?? ''),
        )
      },
      quick,
    ),
})

const beforeTheStore = ({ scale, mongo, failing }: World): Claims => ({
  'without MongoDB it is not ready, and then it is': () =>
    withFleet(
      scale,
      async (fleet) => {
        await mongo.kill9()
        try {
          const url = await starting(fleet, {})
          const told = await becomes(url, 'unready')
          assert.match(told.parts['store'] ?? '', /not reached yet/)
          await mongo.restart()
          await becomes(url, 'ready')
        } finally {
          await mongo.restart()
        }
      },
      quick,
    ),

  'with indexes that are refused it is not ready, with the fix, until they are granted': () =>
    withFleet(
      scale,
      async (fleet) => {
        await failing({ failCommands: ['createIndexes'], errorCode: 13 })
        try {
          const url = await starting(fleet, {})
          await becomes(url, 'unready', ({ parts }) =>
            /grant it readWrite on/.test(parts['store'] ?? ''),
          )
          await failing(null)
          await becomes(url, 'ready')
        } finally {
          await failing(null)
        }
      },
      quick,
    ),
})

const failingOf =
  (url: string): World['failing'] =>
  async (data) => {
    const client = new MongoClient(url)
    try {
      const mode = data === null ? 'off' : 'alwaysOn'
      const point = { configureFailPoint: 'failCommand', mode, ...(data ? { data } : {}) }
      await client.db('admin').command(point)
    } finally {
      await client.close()
    }
  }

const proveAll = async (): Promise<void> => {
  const mongo = await startOwnMongo(['--enable-test-commands'])
  const kafka = await findKafka()
  if ('missing' in mongo) return notRun('readiness', mongo.missing)
  if ('missing' in kafka) return notRun('readiness', kafka.missing)
  if (!mongo.control || !kafka.control) return notRun('readiness', 'the servers are not our own')
  const target = Number(new URL(mongo.url).port)
  const proxy = await openTcpProxy({ listen: 0, target, frames: 'none' })
  const mongoUrl = `mongodb://127.0.0.1:${proxy.port}/?directConnection=true`
  const world: World = {
    scale: { brokers: kafka.brokers, mongoUrl },
    kafka: kafka.control,
    mongo: mongo.control,
    proxy,
    failing: failingOf(mongo.url),
  }
  claims('readiness', {
    'a store that does not answer, or refuses, is not ready, and is ready again': storeRows(world),
    'Kafka alone is degraded, with the reason, and is ready again': logRows(world),
    ...beforeTheLog(world),
    ...beforeTheStore(world),
  })
}

await proveAll()
