import fc from 'fast-check'
import { type Expiring, ExpiryHeap } from '../../../../shared/guard/open-connections/expiry-heap.ts'
import type { RevocationKey } from '../../../../shared/kernel/ids.ts'
import { signAccess } from '../../../../shared/tokens/signing/sign-token.ts'
import { aJti, aSid, aSub } from '../../../support/fakes/builders.ts'
import { accessClaims, accessRing } from '../../../support/fakes/sample-tokens.ts'
import { assert, claims } from '../../../support/suite.ts'
import { freshGuard, type Guarded, verdictOf } from '../../../support/worlds/guarded.ts'
import { type Watched, watched } from '../../../support/worlds/open-world.ts'

const seed = 20_261_129
const numRuns = 100
const few = <T>(make: () => T): T[] => Array.from({ length: 3 }, make)
const [sids, jtis, subs] = [few(aSid), few(aJti), few(aSub)]
const clients = ['web', 'app', 'tv']
const one = fc.nat(2)
const cutoff = fc.nat(4)

const opening = fc.record({
  op: fc.constant('open' as const),
  of: fc.tuple(one, one, one, one),
  epoch: fc.record({ sub: cutoff, client: cutoff, all: fc.integer({ min: 2, max: 4 }) }),
  seconds: fc.integer({ min: 1, max: 60 }),
})
const revoking = fc.record({
  op: fc.constant('revoke' as const),
  kind: fc.constantFrom('jti', 'sid', 'sub', 'client', 'all'),
  which: one,
  cutoff,
})
const stopping = fc.record({ op: fc.constant('stop' as const), which: fc.nat(30) })
const waiting = fc.record({ op: fc.constant('wait' as const), ms: fc.nat(20_000) })
const resetting = fc.record({ op: fc.constant('reset' as const), isPassed: fc.boolean() })
const operation = fc.oneof(
  { weight: 6, arbitrary: opening },
  { weight: 3, arbitrary: revoking },
  { weight: 2, arbitrary: stopping },
  { weight: 2, arbitrary: waiting },
)
const anyOperation = fc.oneof(
  { weight: 12, arbitrary: operation },
  { weight: 1, arbitrary: resetting },
)
type Drawn = typeof anyOperation extends fc.Arbitrary<infer T> ? T : never
type Opening = Extract<Drawn, { op: 'open' }>

const keyOf = (kind: string, which: number): RevocationKey => {
  const names: Readonly<Record<string, readonly string[]>> = { jti: jtis, sid: sids, sub: subs }
  const id = (names[kind] ?? clients)[which]
  return kind === 'all' ? 'all' : (`${kind}:${id}` as RevocationKey)
}

const claimsOf = ({ of: [sid, jti, sub, client], epoch, seconds }: Opening, nowMs: number) => {
  const iat = Math.floor(nowMs / 1_000)
  const ids = { sid: sids[sid], jti: jtis[jti], sub: subs[sub], client_id: clients[client] }
  return accessClaims({ ...ids, epoch, iat, exp: iat + seconds })
}

type Open = Watched & { token: string; isStopped: boolean }
type World = Guarded & Readonly<{ all: Open[] }>

const apply = async ({ guard, feed, clock, all }: World, drawn: Drawn): Promise<void> => {
  switch (drawn.op) {
    case 'open': {
      const named = claimsOf(drawn, clock.now())
      const token = signAccess(accessRing, named)
      all.push({ token, ...watched(guard, { claims: named }), isStopped: false })
      return
    }
    case 'revoke': {
      const isCutoff = !['jti', 'sid'].includes(drawn.kind)
      feed.revoke(keyOf(drawn.kind, drawn.which), isCutoff ? drawn.cutoff : null)
      return
    }
    case 'wait':
      await clock.advance(drawn.ms)
      return
    case 'reset':
      feed.reset()
      feed.caughtUp()
      if (drawn.isPassed) feed.closeTime(clock.now() + 1_001)
      return
    case 'stop': {
      const open = all[drawn.which]
      open?.stop()
      if (open?.told.length === 0) open.isStopped = true
    }
  }
}

/** After each operation, those who wait on are good, and nobody was told who had stopped. */
const play = async (operations: readonly Drawn[]): Promise<void> => {
  const world = { ...(await freshGuard({ onStale: 'allow' })), all: [] as Open[] }
  for (const drawn of operations) {
    await apply(world, drawn)
    const waits = world.all.filter(({ told, isStopped }) => told.length === 0 && !isStopped)
    for (const { token } of waits) assert.match(await verdictOf(world.guard, token), /^accepted/)
    assert.is(world.guard.metrics().openCallers, waits.length)
  }
  const told = world.all.filter((open) => open.told.length > 0)
  assert.ok(told.every((open) => open.told.length === 1 && !open.isStopped))
  // A new reading that passed the former one may not know any more what that one was told.
  if (operations.some(({ op }) => op === 'reset')) return
  for (const { token } of told) assert.match(await verdictOf(world.guard, token), /^refused/)
}

claims('open callers, by drawn operations', {
  'who is told is exactly who would be refused': () =>
    fc.assert(fc.asyncProperty(fc.array(operation, { maxLength: 40 }), play), { seed, numRuns }),

  'nobody goes on who would be refused, also over new readings': () =>
    fc.assert(fc.asyncProperty(fc.array(anyOperation, { maxLength: 40 }), play), { seed, numRuns }),

  'the heap gives out what is due first, whatever was taken from its middle': () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20), fc.boolean())), fc.nat(), (drawn, salt) => {
        const heap = new ExpiryHeap<Expiring>()
        const members = drawn.map(([until]): Expiring => ({ until, place: -1 }))
        for (const member of members) heap.add(member)
        const kept = members.filter((_, index) => (drawn[(index + salt) % drawn.length] ?? [])[1])
        for (const member of members) {
          if (kept.includes(member)) continue
          assert.equal([heap.delete(member), heap.delete(member)], [true, false])
        }
        const order: number[] = []
        for (let { first } = heap; first; first = heap.first) {
          order.push(first.until)
          heap.delete(first)
        }
        assert.equal(
          order,
          kept.map(({ until }) => until).sort((a, b) => a - b),
        )
      }),
      { seed, numRuns: 200 },
    ),
})
