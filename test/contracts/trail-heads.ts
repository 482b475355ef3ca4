import type { Closable } from '../../shared/kernel/lifecycle.ts'
import type { TrailHeads } from '../../shared/ports/trail-heads.ts'
import { parseHeads } from '../../shared/trail-heads/head-answer.ts'
import { HeadTracker } from '../../shared/trail-heads/head-tracker.ts'
import { contract } from '../support/contract.ts'
import { assert } from '../support/suite.ts'
import { LivingTrail } from '../support/trail/living-trail.ts'

/** Heads of a trail that the claim goes on with; `null`: nothing is signed yet. */
export type ShownTrail = Closable & Readonly<{ show: (trail: LivingTrail | null) => TrailHeads }>

export const trailHeadsContract = contract<ShownTrail>('trail heads', {
  'there is none while nothing is signed': async ({ show }) => {
    assert.is(await show(null).newest(null), null)
    assert.is(await show(null).newest({ origin: 'auth.example/heads', size: 4 }), null)
  },

  'what is answered leads from the head that is known to the newest': async ({ show }) => {
    const trail = LivingTrail.begun()
    const heads = show(trail)
    const followed = new HeadTracker([])
    for (const goOn of [() => trail.grow(3), () => trail.renew(), () => trail.grow(300)]) {
      const answer = parseHeads((await heads.newest(followed.known())) ?? '')
      assert.ok(answer)
      assert.is(followed.take(answer).state, 'consistent')
      const [newest] = (await trail.answer(null)).lives
      assert.is(answer.lives.at(-1)?.head, newest?.head)
      goOn()
    }
  },

  'of a log that nobody has, and of a size that it did not reach, the newest is shown': async ({
    show,
  }) => {
    const trail = LivingTrail.begun()
    trail.grow(3)
    const [newest] = (await trail.answer(null)).lives
    const [origin = ''] = newest?.head.split('\n') ?? []
    for (const known of [
      { origin: 'elsewhere/heads', size: 1 },
      { origin, size: 99 },
    ]) {
      const answer = parseHeads((await show(trail).newest(known)) ?? '')
      assert.equal(answer?.lives, [{ head: newest?.head, first: null, proof: [] }])
    }
  },

  'files that are damaged are no head': async ({ show }) => {
    const trail = LivingTrail.begun()
    for (const path of trail.files.disk.keys()) {
      if (path.endsWith('heads/checkpoint')) trail.files.disk.set(path, Buffer.from('rubbish'))
    }
    const failed = await show(trail)
      .newest(null)
      .catch(() => 'failed')
    assert.is(failed, 'failed')
  },
})
