import { readJwt, withReceiver } from '../../support/servers/receiver-server.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { basic } from '../../support/worlds/service-desk.ts'
import {
  caep,
  call,
  env,
  poll,
  sharedKeys,
  subscribe,
  subscribePolling,
} from '../../support/worlds/ssf-desk.ts'

const keys = await sharedKeys()
const desk = basic('desk:a-fourth-long-secret')
const settings = {
  ...env,
  CURFEW_SERVICE_CLIENTS: `${env.CURFEW_SERVICE_CLIENTS},desk:a-fourth-long-secret:users`,
}

/** Whose sessions a SET says are over, and why. */
const saidOf = (token: string): string => {
  const { sub_id: subject, events } = readJwt(token).claims as {
    sub_id: { sub?: string }
    events: Record<string, { reason_admin?: { en: string } }>
  }
  return `${subject.sub}: ${events[`${caep}/session-revoked`]?.reason_admin?.en}`
}

/** Disables an account, or deletes it, at any gateway; what must be told of it. */
const ended = async (world: World, { url }: Pick<World, 'url'>, how: 'PATCH' | 'DELETE') => {
  const { sub } = await world.addUser()
  const change = how === 'PATCH' ? { active: false } : null
  const { status } = await call({ url }, how, `/users/${sub}`, change, desk)
  assert.ok(status === 200 || status === 204, `${how} was answered ${status}`)
  return `${sub}: The user was ${how === 'PATCH' ? 'disabled' : 'deleted'}.`
}

claims('accounts that are disabled or deleted', {
  'are told of at once, also right behind a change of the stream, and at another gateway': () =>
    inWorld({ env: settings, keys, gateways: 2 }, (world) =>
      withReceiver(async (receiver) => {
        const [here, there] = world.gateways
        assert.ok(here && there)
        const expected: string[] = []
        const both = async (): Promise<void> => {
          expected.push(await ended(world, there, 'PATCH'))
          expected.push(await ended(world, here, 'DELETE'))
        }
        const streams = [await subscribe(world, receiver), await subscribePolling(world)]
        await both()
        const each = async (path: string, method: string, body: object): Promise<void> => {
          for (const stream_id of streams) {
            const { status } = await call(world, method, path, { stream_id, ...body })
            assert.is(status, 200)
          }
          await both()
        }
        await each('/ssf/streams', 'PATCH', { description: 'begun anew' })
        await each('/ssf/status', 'POST', { status: 'paused' })
        await each('/ssf/status', 'POST', { status: 'enabled' })
        // A change of the stream amid a push has it sent again.
        const told = (tokens: readonly string[]) => [
          ...new Set(tokens.map(saidOf).filter((said) => said.includes('The user was'))),
        ]
        await until('all were pushed', () => told(receiver.taken).length >= expected.length)
        assert.equal(told(receiver.taken).sort(), [...expected].sort())
        const [, polled = ''] = streams
        const fetched = async () => told(Object.values((await poll(world, polled)).sets))
        await until('all are fetched', async () => (await fetched()).length === expected.length)
        assert.equal((await fetched()).sort(), [...expected].sort())

        for (const status of ['disabled', 'enabled']) {
          for (const stream_id of streams) {
            await call(world, 'POST', '/ssf/status', { stream_id, status })
          }
        }
        const last = await ended(world, there, 'PATCH')
        await until('it was pushed', () => told(receiver.taken).includes(last))
        await until('it is fetched', async () => (await fetched()).includes(last))
      }),
    ),
})
