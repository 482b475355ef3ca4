import fc from 'fast-check'
import type { RelayParts } from '../../../services/gateway/relay.ts'
import { relayStep } from '../../../services/gateway/relay.ts'
import { openMemoryEventStore } from '../../../shared/adapters/memory/event-store.ts'
import type { NewCommit } from '../../../shared/events/commit.ts'
import { covers } from '../../../shared/events/log-coverage.ts'
import { readRevocationRecord } from '../../../shared/events/revocation-reader.ts'
import type { RevocationItem } from '../../../shared/events/revocation-record.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { silentLogger } from '../../../shared/kernel/logger.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import { aRevocationCommit, aRevoked, aRing, hourMs } from '../../support/builders.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { prunableLog } from '../../support/prunable-log.ts'
import { relayOver } from '../../support/relay-over.ts'
import { assert, claims } from '../../support/suite.ts'

const revocations = { topic: 'auth.revocations', partition: 0 } as const
const tickMs = 250

type Acknowledged = Readonly<{ key: string; at: EpochMs; until: EpochMs }>
type Step =
  | Readonly<{ do: 'revoke'; acknowledge: boolean; minutes: number }>
  | Readonly<{ do: 'relay'; gateway: 0 | 1 }>
  | Readonly<{ do: 'prune'; part: number }>
  | Readonly<{ do: 'wait'; ms: number }>

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('revoke' as const),
      acknowledge: fc.boolean(),
      minutes: fc.integer({ min: 1, max: 30 }),
    }),
    fc.record({
      do: fc.constant('relay' as const),
      gateway: fc.constantFrom(0 as const, 1 as const),
    }),
    fc.record({
      do: fc.constant('relay' as const),
      gateway: fc.constantFrom(0 as const, 1 as const),
    }),
    fc.record({
      do: fc.constant('prune' as const),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 900_000 }) }),
  ),
  { minLength: 4, maxLength: 24 },
)

const readAll = async (log: EventLog, from: number): Promise<readonly RevocationItem[]> => {
  const { start, end } = await log.bounds(revocations)
  const items: RevocationItem[] = []
  for (let offset = Math.max(from, start); offset < end; offset += 1) {
    const raw = await log.recordAt(revocations, offset)
    if (raw) items.push(readRevocationRecord(aRing(), raw))
  }
  return items
}

type World = Readonly<{
  log: EventLog
  prune: (start: number) => void
  gateways: readonly RelayParts[]
  clock: ReturnType<typeof fakeClock>
  acknowledged: Acknowledged[]
}>

const world = (): World => {
  const clock = fakeClock()
  const { log, prune } = prunableLog()
  const store = openMemoryEventStore({ clock })
  const gateways = [0, 1].map(() => relayOver({ store, log, clock, logger: silentLogger }))
  return { log, prune, gateways, clock, acknowledged: [] }
}

const revoke = async (
  { gateways: [gateway], clock, acknowledged }: World,
  { acknowledge, minutes }: Extract<Step, { do: 'revoke' }>,
): Promise<void> => {
  if (!gateway) return
  const until = (clock.now() + minutes * 60_000) as EpochMs
  const event = aRevoked({ expiresAt: until })
  const commit: NewCommit = aRevocationCommit({
    events: [event],
    expiresAt: (clock.now() + 48 * hourMs) as EpochMs,
  })
  await gateway.store.append(commit)
  // The handler's own publication, which may come before the relay's first look at the log.
  if (acknowledge) await gateway.publisher.publish(commit).catch(() => {})
  acknowledged.push({ key: event.data.key, at: clock.now(), until })
}

const run = async (world: World, step: Step): Promise<void> => {
  const { clock, log, prune, gateways } = world
  if (step.do === 'revoke') return revoke(world, step)
  if (step.do === 'wait') return clock.advance(step.ms)
  if (step.do === 'prune') {
    const { start, end } = await log.bounds(revocations)
    return prune(start + Math.round((end - start) * step.part))
  }
  const gateway = gateways[step.gateway]
  if (gateway) await relayStep(gateway).catch(() => {})
}

/** Every place where a reader could begin now, held against every closed time that it would meet. */
const readersAreRight = async ({ log, acknowledged }: World): Promise<void> => {
  const { start, end } = await log.bounds(revocations)
  const all = await readAll(log, start)
  for (let began = start; began <= end; began += 1) {
    const known = new Set<string>()
    for (const item of all) {
      if (item.offset < began) continue
      if (item.kind === 'revocation') known.add(item.revocation.key)
      if (item.kind !== 'closed' || !covers(item.closed, began)) continue
      const { t, low } = item.closed
      const lacks = acknowledged.filter(
        ({ key, at, until }) => at < t && until > t && !known.has(key),
      )
      assert.equal(lacks, [], `began at ${began}, low ${low}, closed ${t} at ${item.offset}`)
    }
  }
}

claims('where one must have begun to read', {
  'whatever is revoked, relayed and deleted: who is told to be fresh knows all': async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (drawn) => {
        const one = world()
        for (const step of drawn) {
          await run(one, step)
          await readersAreRight(one)
        }
      }),
      { numRuns: 150 },
    )
  },

  'after two more runs whoever begins where the log begins by now is fresh and knows all':
    async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (drawn) => {
          const one = world()
          for (const step of drawn) await run(one, step)
          for (let turn = 0; turn < 3; turn += 1) {
            await one.clock.advance(tickMs)
            await run(one, { do: 'relay', gateway: 0 })
          }
          const { start } = await one.log.bounds(revocations)
          const closed = (await readAll(one.log, start)).findLast(({ kind }) => kind === 'closed')
          assert.ok(closed?.kind === 'closed', 'no time was closed')
          assert.ok(covers(closed.closed, start), `the log begins at ${start}: not fresh`)
          await readersAreRight(one)
        }),
        { numRuns: 100 },
      )
    },
})
