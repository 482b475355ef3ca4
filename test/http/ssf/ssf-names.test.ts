import { unsubscribe as offChannel, subscribe as onChannel } from 'node:diagnostics_channel'
import type { ClientRequest } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { withName } from '../../support/fakes/fake-names.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { call, env, logOut, push, sharedKeys } from '../../support/worlds/ssf-desk.ts'

const name = 'receiver.example'
/** Of the 6bone, which is no more: public by its form, and routed nowhere. */
const far = '3ffe::1'
const strict = { ...env, CURFEW_RECEIVERS_PRIVATE: 'false' }
const keys = await sharedKeys()

type Scene = Readonly<{
  port: number
  /** Connections to this machine at `port`. */
  arrived: () => number
  /** Addresses that sockets were given to connect to, of names. */
  told: readonly string[]
}>

const withScene = async (work: (scene: Scene) => Promise<void>): Promise<void> => {
  let arrived = 0
  const server = createServer((socket) => {
    arrived += 1
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const told: string[] = []
  const note = (message: unknown): void => {
    const { request } = message as { request: ClientRequest }
    request.socket?.on(
      'lookup',
      (_error: Error | null, address: string, _: unknown, host: string) => {
        if (host === name && address !== undefined) told.push(address)
      },
    )
  }
  onChannel('http.client.request.start', note)
  try {
    const { port } = server.address() as AddressInfo
    await work({ port, arrived: () => arrived, told })
  } finally {
    offChannel('http.client.request.start', note)
    await new Promise((resolve) => server.close(resolve))
  }
}

/** A stream to `name`, made while it meant nothing in particular; and a logout to tell of. */
const subscribed = async (world: World, port: number): Promise<void> => {
  const delivery = { method: push, endpoint_url: `https://${name}:${port}/events` }
  assert.is((await call(world, 'POST', '/ssf/streams', { delivery })).status, 201)
  await logOut(world)
}

claims('names of receivers', {
  // asvs: 1.3.6
  'that turn private after the registration are refused, and nothing is connected to': () =>
    inWorld({ env: strict, keys }, (world) =>
      withScene(async ({ port, arrived, told }) => {
        const tries: (readonly string[])[] = []
        const turns = [['127.0.0.1'], [far, '127.0.0.1'], ['127.0.0.1']]
        const answer = (): readonly string[] => {
          const addresses = turns[tries.length] ?? []
          tries.push(addresses)
          return addresses
        }
        await withName(name, answer, async () => {
          await subscribed(world, port)
          // The last try begins when those before it have failed.
          await until('it was tried', () => tries.length === turns.length)
          assert.equal(told, [])
          assert.is(arrived(), 0)
        })
      }),
    ),

  // asvs: 1.3.6
  'are looked up once for each delivery, and the addresses that were judged are connected to': () =>
    inWorld({ env: strict, keys }, (world) =>
      withScene(async ({ port, arrived, told }) => {
        // Rebinding: a name that is public for who judges, and private for who connects.
        let asked = 0
        const answer = (): readonly string[] => {
          asked += 1
          return asked === 1 ? [far] : ['127.0.0.1']
        }
        await withName(name, answer, async () => {
          await subscribed(world, port)
          await until('it was given an address', () => told.length > 0)
          assert.equal([told, asked], [[far], 1])
          assert.is(arrived(), 0)
        })
      }),
    ),
})
