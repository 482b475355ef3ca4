import type { ClientId, EpochMs } from '../../shared/kernel/ids.ts'
import type { GuardRegistry, GuardReport } from '../../shared/ports/guard-registry.ts'
import { contract } from '../support/contract.ts'
import { aClient, later, noon } from '../support/fakes/builders.ts'
import { assert } from '../support/suite.ts'
import { race } from '../support/until.ts'

const aReport = (over: Partial<GuardReport> = {}): GuardReport => ({
  client: aClient,
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
const bound = { since: noon, max: 10 }
const everything = -1 as EpochMs

export const guardRegistryContract = contract<GuardRegistry>('guard registry', {
  'a report is listed as it was noted; the newest of an instance stands': async (registry) => {
    const head = { origin: 'a/heads', size: 3, root: 'r'.repeat(43) }
    const first = aReport({ trail: { state: 'consistent', head, seenAt: later(900), ageMs: 1.5 } })
    assert.is(await registry.note(first, bound), 'noted')
    assert.equal(await registry.list(noon, 10), [first])
    const second = aReport({
      reportedAt: later(2_000),
      ready: false,
      closedTime: null,
      stalenessMs: null,
      trail: { state: 'unreachable', head: null, seenAt: null, ageMs: null },
    })
    await registry.note(second, bound)
    await registry.note(aReport({ reportedAt: later(1_500) }), bound)
    assert.equal(await registry.list(noon, 10), [second])
  },

  'clients and instances have entries of their own, in order of name': async (registry) => {
    const other = 'other' as ClientId
    const all = [
      aReport({ name: 'b', instance: 'a2' }),
      aReport({ name: 'a', client: other }),
      aReport({ name: 'b' }),
    ]
    for (const one of all) await registry.note(one, bound)
    const listed = await registry.list(noon, 10)
    assert.equal(
      listed.map(({ name, instance }) => `${name} ${instance}`),
      ['a a1', 'b a1', 'b a2'],
    )
    assert.is((await registry.list(noon, 2)).length, 2)
    assert.equal(await registry.list(noon, 0), [])
  },

  'those that have not reported of late are left out, and swept': async (registry) => {
    await registry.note(aReport({ instance: 'old', reportedAt: later(10) }), bound)
    await registry.note(aReport({ instance: 'new', reportedAt: later(500) }), bound)
    const listed = await registry.list(later(10), 10)
    assert.equal(
      listed.map(({ instance }) => instance),
      ['new'],
    )
    await registry.sweep(later(10), 10)
    assert.ok((await registry.list(everything, 10)).some(({ instance }) => instance === 'new'))
  },

  'a client has at most as many as told; one that is known goes on': async (registry) => {
    const two = { since: noon, max: 2 }
    assert.is(await registry.note(aReport({ instance: 'a' }), two), 'noted')
    assert.is(await registry.note(aReport({ instance: 'b' }), two), 'noted')
    assert.is(await registry.note(aReport({ instance: 'c' }), two), 'full')
    assert.is(await registry.note(aReport({ instance: 'a', revocations: 9 }), two), 'noted')
    const later2 = { since: later(5_000), max: 2 }
    const late = aReport({ instance: 'c', reportedAt: later(6_000) })
    assert.is(await registry.note(late, later2), 'noted', 'those of before count no more')
  },

  'a client that is full crowds out no other': async (registry) => {
    const two = { since: noon, max: 2 }
    for (const instance of ['a', 'b']) await registry.note(aReport({ instance }), two)
    for (const client of ['other', 'third'] as ClientId[]) {
      assert.is(await registry.note(aReport({ client, instance: 'a' }), two), 'noted')
    }
    assert.is(await registry.note(aReport({ instance: 'c' }), two), 'full')
    const listed = await registry.list(noon, 10)
    assert.equal(
      listed.map(({ client, instance }) => `${client} ${instance}`).sort(),
      [`${aClient} a`, `${aClient} b`, 'other a', 'third a'].sort(),
    )
  },

  '20 racing reports of one instance leave the newest': async (registry) => {
    await race(20, (index) => registry.note(aReport({ reportedAt: later(index + 1) }), bound))
    const [kept, ...others] = await registry.list(noon, 10)
    assert.equal([kept?.instance, others.length], ['a1', 0])
  },
})
