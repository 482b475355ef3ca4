import type { AuthEvent } from '../../../shared/events/event.ts'
import { type HeardLine, heardLines } from '../../support/processes/heard-lines.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { loggedEvents } from '../../support/views/logged-events.ts'
import { openWorld, type World } from '../../support/worlds/gateway-world.ts'
import { basic } from '../../support/worlds/service-desk.ts'
import { json, rawRequest } from '../raw-request.ts'

const service = 'manager:p4rV9sQ2mX7tB1nK6wZ3'
const settings = { CURFEW_SERVICE_CLIENTS: `${service}:revoke` }

type Scene = Readonly<{ world: World; lines: readonly HeardLine[] }>

const inScene = async (limit: number, prove: (scene: Scene) => Promise<void>): Promise<void> => {
  const { lines, logger } = heardLines()
  const env = { ...settings, CURFEW_MASS_REVOCATIONS_MAX: String(limit) }
  const world = await openWorld({ env, logger, gateways: 2 })
  try {
    await prove({ world, lines })
  } finally {
    await world.close()
  }
}

/** By turns at one gateway and at the other. */
const revoke = async ({ world }: Scene, targets: readonly object[]): Promise<void> => {
  for (const [index, target] of targets.entries()) {
    const gateway = world.gateways[index % 2] ?? world
    const headers = { ...json, ...basic(service) }
    const body = JSON.stringify(target)
    const { status, text } = await rawRequest(`${gateway.url}/revocations`, { headers, body })
    assert.is(status, 200, text)
  }
}

const everyone = { scope: 'all' }
const client = { scope: 'client', id: 'curfew' }
const typed = async ({ world }: Scene, type: AuthEvent['type']): Promise<readonly AuthEvent[]> =>
  (await loggedEvents(world.state.log)).map(({ event }) => event).filter((e) => e.type === type)

claims('mass revocations', {
  'beyond the limit of an hour, at any gateway, are one event with who did it, and one line': () =>
    inScene(2, async (scene) => {
      await revoke(scene, [everyone, client])
      assert.equal(await typed(scene, 'RevocationsSurged'), [])
      await revoke(scene, [everyone, client, everyone])
      const surged = async () => (await typed(scene, 'RevocationsSurged')).length > 0
      await until('the event is in the log', surged)
      // The counts of the two behind it have been taken by then.
      await until('all are told', async () => (await typed(scene, 'TokenRevoked')).length === 5)
      const [told, ...more] = await typed(scene, 'RevocationsSurged')
      assert.equal(more, [])
      assert.ok(told?.type === 'RevocationsSurged')
      const { limit, windowMs, key, actor } = told.data
      assert.equal([limit, windowMs], [2, 3_600_000])
      assert.match(key, /^(all|client:curfew)$/)
      assert.equal(actor, { by: 'service', id: 'manager' })
      const said = scene.lines.filter(({ fields }) => fields['event'] === 'revocations_surged')
      assert.equal(
        said.map(({ level }) => level),
        ['warn'],
      )
      assert.is(said[0]?.fields['by'], 'service:manager')
    }),

  'of one user at a time are none': () =>
    inScene(1, async (scene) => {
      const users = await Promise.all(Array.from({ length: 5 }, () => scene.world.addUser()))
      await revoke(
        scene,
        users.map(({ sub }) => ({ scope: 'subject', id: sub })),
      )
      await until('all are told', async () => (await typed(scene, 'TokenRevoked')).length === 5)
      assert.equal(await typed(scene, 'RevocationsSurged'), [])
    }),

  'are not counted where the limit is 0': () =>
    inScene(0, async (scene) => {
      await revoke(scene, Array(4).fill(everyone))
      await until('all are told', async () => (await typed(scene, 'TokenRevoked')).length === 4)
      assert.equal(await typed(scene, 'RevocationsSurged'), [])
    }),
})
