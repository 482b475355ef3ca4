import {
  guardChanges,
  guardKey,
  type KnownGuard,
} from '../../../../services/gateway/guards/guard-changes.ts'
import type { ClientId, EpochMs } from '../../../../shared/kernel/ids.ts'
import type { GuardReport } from '../../../../shared/ports/guard-registry.ts'
import { later, noon } from '../../../support/fakes/builders.ts'
import { Dice } from '../../../support/fakes/dice.ts'
import { assert, claims } from '../../../support/suite.ts'

const aReport = (over: Partial<GuardReport> = {}): GuardReport => ({
  client: 'shop' as ClientId,
  instance: 'a1',
  name: 'orders',
  feed: 'kafka',
  ready: true,
  closedTime: noon,
  stalenessMs: 1_250,
  revocations: 3,
  reportedAt: later(1_000),
  ...over,
})
const types = (known: ReadonlyMap<string, KnownGuard>, reports: readonly GuardReport[]) =>
  guardChanges(known, reports).map(({ event }) => event.type)
const knowing = (...reports: readonly KnownGuard[]): ReadonlyMap<string, KnownGuard> =>
  new Map(reports.map((report) => [guardKey(report), report]))

claims('what became of a guard', {
  'is told when it attaches, goes stale, is fresh again and goes, and not in between': () => {
    const report = aReport()
    assert.equal(types(knowing(), [report]), ['GuardAttached'])
    assert.equal(types(knowing(report), [aReport({ reportedAt: later(6_000) })]), [])
    const stale = aReport({ ready: false })
    assert.equal(types(knowing(report), [stale]), ['GuardStale'])
    assert.equal(types(knowing(stale), [stale]), [])
    assert.equal(types(knowing(stale), [report]), ['GuardFresh'])
    assert.equal(types(knowing(report), []), ['GuardGone'])
  },

  'has one name at every gateway, and another each time it happens': () => {
    const nameOf = (known: ReadonlyMap<string, KnownGuard>, report?: GuardReport): string =>
      guardChanges(known, report ? [report] : [])[0]?.name ?? ''
    const [seen, seenLater] = [aReport(), aReport({ reportedAt: later(6_000) })]
    const stale = { ready: false, closedTime: later(30_000) }
    const names = new Set([
      // Two gateways that looked at different reports of it.
      nameOf(knowing(seen), aReport(stale)),
      nameOf(knowing(seenLater), aReport({ ...stale, reportedAt: later(11_000) })),
    ])
    assert.is(names.size, 1)
    names.add(nameOf(knowing(seen), aReport({ ...stale, closedTime: later(90_000) })))
    names.add(nameOf(knowing(aReport(stale)), aReport({ closedTime: later(60_000) })))
    names.add(nameOf(knowing(), seen))
    names.add(nameOf(knowing(), aReport({ instance: 'a2' })))
    names.add(nameOf(knowing(seen)))
    names.add(nameOf(knowing(seenLater)))
    assert.is(names.size, 7)
  },

  'follows the guards of any history: told of as it is at the end of it': () => {
    const dice = new Dice('guard histories')
    for (let run = 0; run < 200; run += 1) {
      const told = new Map<string, boolean>()
      const known = new Map<string, KnownGuard>()
      const truth = new Map<string, GuardReport>()
      const look = (): void => {
        for (const { key, event } of guardChanges(known, [...truth.values()])) {
          if (event.type === 'GuardGone') told.delete(key)
          else told.set(key, event.type !== 'GuardStale')
          const report = truth.get(key)
          if (event.type === 'GuardGone' || !report) known.delete(key)
          else known.set(key, event.type === 'GuardAttached' ? { ...report, ready: true } : report)
        }
      }
      for (let step = 0; step < 30; step += 1) {
        const instance = `g${dice.below(4)}`
        const report = aReport({ instance, ready: dice.chance(60) })
        if (dice.chance(20)) truth.delete(guardKey(report))
        else truth.set(guardKey(report), { ...report, closedTime: (noon + step) as EpochMs })
        if (dice.chance(50)) look()
      }
      look()
      look() // Who attached stale is told of twice.
      const now = [...truth].map(([key, { ready }]) => [key, ready] as const)
      assert.equal([...told].sort(), now.sort())
    }
  },
})
