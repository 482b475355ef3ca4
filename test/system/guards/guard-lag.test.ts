import type { RevocationItem } from '../../../shared/events/revocation-record.ts'
import { createGuard } from '../../../shared/guard/create-guard.ts'
import { fixedKeys } from '../../../shared/guard/keys/key-source.ts'
import { fraction } from '../../../shared/kernel/entropy.ts'
import type { EpochMs, EventId } from '../../../shared/kernel/ids.ts'
import type { AccessClaims } from '../../../shared/tokens/claims.ts'
import { createRing } from '../../../shared/tokens/key-rings/key-ring.ts'
import { signAccess } from '../../../shared/tokens/signing/sign-token.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { aRevocation, fakeFeed, firstLog } from '../../support/fakes/fake-feed.ts'
import { accessClaims, audience, issuer } from '../../support/fakes/sample-tokens.ts'
import { seededEntropy } from '../../support/fakes/seeded-entropy.ts'
import { assert, claims } from '../../support/suite.ts'

/** Of each kind of position. */
const pairs = 50_000
const pairsARound = 200
const entropy = seededEntropy('lag')
const chance = (share: number): boolean => fraction(entropy) < share
// HMAC, so that 100,000 tokens take seconds: which algorithm signed is not what is looked at.
const ring = createRing('access', { alg: 'HS256', entropy })
const far = 9_000_000_000_000

type Tally = { pairs: number; staleWith: number; staleWithout: number; refusedWithout: number }

/** A log, and a view of it that lags: what was appended is told later, by `tell`. */
const laggingWorld = async () => {
  const clock = fakeClock()
  const feed = fakeFeed()
  const guard = createGuard({
    issuer,
    audience,
    feed,
    clock,
    keys: fixedKeys(ring),
    onStale: 'deny',
  })
  await guard.start()
  feed.closeTime(clock.now())
  feed.caughtUp()
  const untold: RevocationItem[] = []
  let offset = 1
  const next = (): number => {
    offset += 1
    return offset
  }
  const tick = { t: clock.now() as number }
  return {
    guard,
    clock,
    /** A logout that was acknowledged: its record lies in the log, at this position. */
    append: ({ sid }: AccessClaims): string => {
      const revocation = aRevocation(`sid:${sid}`, null, far)
      const id = `s/${sid}:1:0` as EventId
      untold.push({ kind: 'revocation', id, offset: next(), revocation })
      return `${firstLog}:${offset}`
    },
    /** The store's tick now: what was appended before is in the log before the next closed time. */
    pending: (): string => `t:${tick.t}`,
    close: (): void => {
      tick.t = Math.max(tick.t + 1, clock.now())
      const closed = { t: tick.t as EpochMs, logId: firstLog, low: 0 }
      untold.push({ kind: 'closed', offset: next(), closed })
    },
    /** Tells up to `count` items. */
    tell: (count: number): void => {
      for (const item of untold.splice(0, count)) feed.tell(item)
    },
    untold: () => untold.length,
  }
}
type Kind = 'acknowledged' | 'pending'
type World = Awaited<ReturnType<typeof laggingWorld>>

/** Logouts and checks in random order with the telling; each pair is asked both ways. */
const round = async (world: World, kind: Kind, tally: Tally): Promise<void> => {
  const waiting: Promise<unknown>[] = []
  for (let pair = 0; pair < pairsARound; pair += 1) {
    const claimed = accessClaims()
    const token = signAccess(ring, claimed)
    const acknowledged = world.append(claimed)
    const minPosition = kind === 'acknowledged' ? acknowledged : world.pending()
    if (chance(0.3)) world.close()
    if (chance(0.6)) world.tell(Math.floor(fraction(entropy) * 6))
    const without = await world.guard.check(token)
    if (without.outcome === 'accepted') tally.staleWithout += 1
    else if (without.outcome === 'refused') tally.refusedWithout += 1
    const withPosition = world.guard.check(token, { minPosition })
    waiting.push(
      withPosition.then(({ outcome }) => {
        tally.pairs += 1
        if (outcome !== 'refused') tally.staleWith += 1
      }),
    )
  }
  // Closed times are a millisecond apart: the clock must keep up with them.
  await world.clock.advance(pairsARound)
  world.close()
  while (world.untold() > 0) {
    world.tell(1 + Math.floor(fraction(entropy) * 20))
  }
  await Promise.all(waiting)
}

const prove = async (kind: Kind): Promise<void> => {
  const world = await laggingWorld()
  const tally: Tally = { pairs: 0, staleWith: 0, staleWithout: 0, refusedWithout: 0 }
  for (let done = 0; done < pairs; done += pairsARound) await round(world, kind, tally)
  await world.guard.close()
  assert.equal([tally.pairs, tally.staleWith], [pairs, 0])
  // The proof that the claim can fail, and that the view did not merely lag for ever.
  assert.is(tally.staleWithout + tally.refusedWithout, pairs)
  assert.ok(tally.staleWithout > 5_000, `${tally.staleWithout} stale answers`)
  assert.ok(tally.refusedWithout > 5_000, `${tally.refusedWithout} prompt answers`)
}

claims('50,000 checks after a logout, behind a lagging feed', {
  'shown its position none accepts, and without it many do': () => prove('acknowledged'),
  'shown the position of a pending one, none accepts either': () => prove('pending'),
})
