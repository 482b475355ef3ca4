import { GuardWatch } from '../../../../services/gateway/guards/guard-watch.ts'
import { openMemoryGuardRegistry } from '../../../../shared/adapters/memory/guard-registry.ts'
import type { AuthEvent } from '../../../../shared/events/event.ts'
import { GuardMeter } from '../../../../shared/guard/reporting/guard-meter.ts'
import type { ClientId, EpochMs } from '../../../../shared/kernel/ids.ts'
import type { GuardReport } from '../../../../shared/ports/guard-registry.ts'
import { withContext } from '../../../support/other-rooms.ts'
import { assert, claims } from '../../../support/suite.ts'
import { race, until } from '../../../support/until.ts'
import { loggedEvents } from '../../../support/views/logged-events.ts'
import { inWorld, type World } from '../../../support/worlds/gateway-world.ts'

const bound = { since: 0 as EpochMs, max: 100_000 }
const ofGuards = (type: AuthEvent['type']): boolean =>
  type.startsWith('Guard') || type === 'PropagationMeasured' || type === 'TrailDisputed'

type Scene = Readonly<{
  world: World
  watches: readonly GuardWatch[]
  /** All watches look, at once. */
  look: () => Promise<unknown>
  say: (over?: Partial<GuardReport>) => Promise<unknown>
  moved: (ms: number) => void
  told: () => Promise<readonly AuthEvent[]>
}>

/** Three gateways that look at one registry, and a store's clock that the test moves. */
const inScene = (prove: (scene: Scene) => Promise<void>): Promise<void> =>
  inWorld({}, async (world) => {
    const guards = openMemoryGuardRegistry()
    const { storeClock } = world.rooms.context
    let aheadMs = 0
    const now = (): EpochMs => (storeClock.now() + aheadMs) as EpochMs
    const moving = Object.assign(Object.create(storeClock), { now })
    const { context, publisher } = withContext(world.rooms, { storeClock: moving })
    const deps = { context, publisher, guards }
    const watches = [new GuardWatch(deps), new GuardWatch(deps), new GuardWatch(deps)]
    await prove({
      ...{ world, watches },
      look: () => race(watches.length, async (index) => watches[index]?.look()),
      say: (over = {}) =>
        guards.note(
          {
            ...{ client: 'shop' as ClientId, instance: 'a1', name: 'orders', feed: 'kafka' },
            ...{ ready: true, closedTime: now(), stalenessMs: 1_000, revocations: 0 },
            reportedAt: now(),
            ...over,
          },
          bound,
        ),
      moved: (ms) => {
        aheadMs += ms
      },
      told: async () => {
        await publisher.drain()
        const all = await loggedEvents(world.state.log)
        return all.map(({ event }) => event).filter(({ type }) => ofGuards(type))
      },
    })
  })

claims('the watch over attached guards', {
  'tells each change once, of however many gateways look': () =>
    inScene(async ({ look, say, moved, told }) => {
      await say()
      await look()
      await say({ ready: false, closedTime: 1_000 as EpochMs })
      await look()
      await say()
      await look()
      moved(61_000)
      await look()
      await look()
      const types = (await told()).map(({ type }) => type)
      const all = ['GuardAttached', 'GuardFresh', 'GuardGone', 'GuardStale']
      assert.equal([...types].sort(), all)
    }),

  'tells a fleet that attaches at once bit by bit, and all of it': () =>
    inScene(async ({ watches, say, told }) => {
      const [watch] = watches
      for (let n = 0; n < 50; n += 1) await say({ instance: `g${n}` })
      const counts: number[] = []
      for (let looks = 0; looks < 4; looks += 1) {
        await watch?.look()
        counts.push((await told()).length)
      }
      assert.equal(counts, [20, 40, 50, 50])
    }),

  'tells what guards dispute of the trail once, bit by bit': () =>
    inScene(async ({ look, say, told }) => {
      const head = { origin: 'auth.example/audit/1/heads', size: 7, root: 'r'.repeat(44) }
      const disputes = async () =>
        (await told()).flatMap(({ type, data }) =>
          type === 'TrailDisputed' && 'instance' in data ? [data.instance] : [],
        )
      for (let n = 0; n < 30; n += 1) {
        const state = n < 25 ? 'rewritten' : 'consistent'
        await say({ instance: `g${n}`, trail: { state, head, seenAt: null, ageMs: null } })
      }
      await look()
      assert.is((await disputes()).length, 20)
      for (let looks = 0; looks < 3; looks += 1) await look()
      const all = Array.from({ length: 25 }, (_, n) => `g${n}`)
      assert.equal([...(await disputes())].sort(), all.sort())
      await say({ instance: 'g0', trail: { state: 'shorter', head, seenAt: null, ageMs: null } })
      await look()
      assert.is((await disputes()).length, 26, 'another finding is told too')
    }),

  'tells once a minute how long guards took, and nothing in a quiet minute': () =>
    inScene(async ({ look, say, moved, told }) => {
      const meter = new GuardMeter()
      const sayCounted = () => say({ refusals: meter.refusalSeconds })
      await sayCounted()
      await look()
      for (let minute = 0; minute < 4; minute += 1) {
        if (minute % 2 === 0) for (let n = 0; n < 10; n += 1) meter.countRefusalDelay(40)
        moved(60_000)
        await sayCounted()
        await look()
        await look()
      }
      await until('they are told', async () => (await told()).length >= 3)
      const measured = (await told()).filter(({ type }) => type === 'PropagationMeasured')
      assert.is(measured.length, 2)
      for (const { data } of measured) {
        assert.ok('guards' in data)
        assert.equal(
          data.guards.map(({ count, p50Ms, maxMs }) => [count, p50Ms, maxMs]),
          [[10, 50, 50]],
        )
        assert.is(data.to - data.from, 60_000)
      }
    }),
})
