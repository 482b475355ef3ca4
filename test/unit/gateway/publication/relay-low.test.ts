import fc from 'fast-check'
import { type RelayDeps, relayStep } from '../../../../services/gateway/publication/relay.ts'
import { openMemoryEventStore } from '../../../../shared/adapters/memory/event-store.ts'
import type { NewCommit } from '../../../../shared/events/commit.ts'
import { covers } from '../../../../shared/events/log-coverage.ts'
import { readRevocationRecord } from '../../../../shared/events/read-revocation-record.ts'
import type { RevocationItem } from '../../../../shared/events/revocation-record.ts'
import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import { silentLogger } from '../../../../shared/kernel/logger.ts'
import type { EventLog } from '../../../../shared/ports/event-log.ts'
import type { EventStore } from '../../../../shared/ports/event-store.ts'
import { aRevocationCommit, aRevoked, aRing, hourMs } from '../../../support/fakes/builders.ts'
import { fakeClock } from '../../../support/fakes/fake-clock.ts'
import { prunableLog } from '../../../support/fakes/prunable-log.ts'
import { relayOver } from '../../../support/fakes/relay-over.ts'
import { assert, claims } from '../../../support/suite.ts'

const revocations = { topic: 'auth.revocations', partition: 0 } as const
const tickMs = 250

type Acknowledged = Readonly<{ key: string; at: EpochMs; until: EpochMs }>
type Step =
  /** `late`: the record lies in the log, and the answer comes with the next scan of the store. */
  | Readonly<{ do: 'revoke'; answer: 'at once' | 'late' | 'none'; minutes: number }>
  /** `meanwhile`: somebody logs out between the scan and the closed time. */
  | Readonly<{ do: 'relay'; gateway: 0 | 1; meanwhile: boolean }>
  | Readonly<{ do: 'prune'; part: number }>
  | Readonly<{ do: 'wait'; ms: number }>

const relayed = fc.record({
  do: fc.constant('relay' as const),
  gateway: fc.constantFrom(0 as const, 1 as const),
  meanwhile: fc.boolean(),
})
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('revoke' as const),
      answer: fc.constantFrom('at once' as const, 'late' as const, 'none' as const),
      minutes: fc.integer({ min: 1, max: 30 }),
    }),
    relayed,
    relayed,
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
  gateways: readonly RelayDeps[]
  clock: ReturnType<typeof fakeClock>
  acknowledged: Acknowledged[]
  hooks: Hooks
}>

/** Where the drawn steps reach into a run. */
type Hooks = {
  /** Answers of the log that are held back until the store was scanned. */
  readonly late: (() => void)[]
  answersLate: boolean
  beforeClosing: (() => Promise<void>) | null
}

const hookedLog = (log: EventLog, hooks: Hooks): EventLog => ({
  ...log,
  publish: async (records) => {
    const before = records[0]?.key === 'closed' ? hooks.beforeClosing : null
    hooks.beforeClosing = before ? null : hooks.beforeClosing
    await before?.()
    const isLate = hooks.answersLate
    hooks.answersLate = false
    const offsets = await log.publish(records)
    if (isLate) await new Promise<void>((resolve) => hooks.late.push(resolve))
    return offsets
  },
})

const answerAll = ({ late }: Hooks): void => {
  for (const answer of late.splice(0)) answer()
}

const hookedStore = (store: EventStore, hooks: Hooks): EventStore => ({
  ...store,
  relayScan: async (...given) => {
    const scan = await store.relayScan(...given)
    answerAll(hooks)
    return scan
  },
})

const world = (): World => {
  const clock = fakeClock()
  const { log, prune } = prunableLog()
  const hooks: Hooks = { late: [], answersLate: false, beforeClosing: null }
  const store = hookedStore(openMemoryEventStore({ clock }), hooks)
  const gateways = [0, 1].map(() =>
    relayOver({ store, log: hookedLog(log, hooks), clock, logger: silentLogger }),
  )
  return { log, prune, gateways, clock, acknowledged: [], hooks }
}

/** A few turns, since a publisher that is behind leaves the commit to the relay. */
const heldBack = async ({ late }: Hooks): Promise<void> => {
  const before = late.length
  for (let turn = 0; turn < 20 && late.length === before; turn += 1) await Promise.resolve()
}

const revoke = async (
  { gateways: [gateway], clock, acknowledged, hooks }: World,
  { answer, minutes }: Extract<Step, { do: 'revoke' }>,
): Promise<void> => {
  if (!gateway) return
  // One request of a gateway is in flight at a time: the next waits for the answer before it.
  answerAll(hooks)
  const until = (clock.now() + minutes * 60_000) as EpochMs
  const event = aRevoked({ expiresAt: until })
  const commit: NewCommit = aRevocationCommit({
    events: [event],
    expiresAt: (clock.now() + 48 * hourMs) as EpochMs,
  })
  await gateway.store.append(commit)
  hooks.answersLate = answer === 'late'
  // The handler's own publication, which may come before the relay's first look at the log.
  const published = answer === 'none' ? null : gateway.publisher.publish(commit).catch(() => {})
  if (answer === 'late') await heldBack(hooks)
  else await published
  hooks.answersLate = false
  acknowledged.push({ key: event.data.key, at: clock.now(), until })
}

const run = async (world: World, step: Step): Promise<void> => {
  const { clock, log, prune, gateways, hooks } = world
  if (step.do === 'revoke') return revoke(world, step)
  if (step.do === 'wait') return clock.advance(step.ms)
  if (step.do === 'prune') {
    const { start, end } = await log.bounds(revocations)
    return prune(start + Math.round((end - start) * step.part))
  }
  const gateway = gateways[step.gateway]
  const once = { do: 'revoke', answer: 'at once', minutes: 9 } as const
  const logOut = (): Promise<void> => revoke(world, once)
  hooks.beforeClosing = step.meanwhile ? logOut : null
  if (gateway) await relayStep(gateway).catch(() => {})
  hooks.beforeClosing = null
  answerAll(hooks)
}

/** Each place where a reader could begin now, held against each closed time it would meet. */
const readersAreRight = async ({ log, acknowledged }: World): Promise<void> => {
  const { start, end } = await log.bounds(revocations)
  const all = await readAll(log, start)
  for (let began = start; began <= end; began += 1) {
    const known = new Set<string>()
    let isCovered = false
    let newest = 0
    for (const item of all) {
      if (item.offset < began) continue
      if (item.kind === 'revocation') known.add(item.revocation.key)
      if (item.kind !== 'closed') continue
      const isNewer = item.closed.t > newest
      newest = Math.max(newest, item.closed.t)
      if (isCovered && isNewer) {
        assert.ok(covers(item.closed, began), `covered from ${began} on, and then no more`)
      }
      if (!covers(item.closed, began)) continue
      isCovered = true
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
            await run(one, { do: 'relay', gateway: 0, meanwhile: false })
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
