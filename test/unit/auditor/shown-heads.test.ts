import { headsIn } from '../../../services/auditor/heads/index.ts'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import { compareHeads } from '../../../shared/trail-heads/compare-heads.ts'
import { parseHeads } from '../../../shared/trail-heads/head-answer.ts'
import { HeadTracker, verifiersOf } from '../../../shared/trail-heads/head-tracker.ts'
import { assert, claims } from '../../support/suite.ts'
import { LivingTrail } from '../../support/trail/living-trail.ts'

claims('the heads that an auditor shows', {
  'are no proof when any byte of a tile was changed: damage is no other past': async () => {
    const trail = LivingTrail.begun()
    trail.grow(40)
    const followed = new HeadTracker([])
    followed.take(await trail.answer(null))
    trail.grow(230)
    trail.renew()
    trail.grow(3)
    const { disk } = trail.files
    const known = verifiersOf(trail.keys())
    const tiles = [...disk.keys()].filter((path) => /heads\/tile\/\d/.test(path))
    let refused = 0
    for (const path of tiles) {
      const whole = disk.get(path) ?? Buffer.alloc(0)
      for (let at = 0; at < whole.length; at += 97) {
        const changed = Buffer.from(whole)
        changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
        disk.set(path, changed)
        const shown = await headsIn(trail.files)
          .newest(followed.known())
          .catch((error: unknown) => error)
        if (typeof shown === 'string') {
          // A hash that these proofs do not need.
          const answer = parseHeads(shown)
          assert.is(answer && compareHeads(followed.kept, answer, known).state, 'consistent')
        } else {
          assert.ok(isAuthError(shown, 'TRAIL_INVALID'), String(shown))
          refused += 1
        }
      }
      disk.set(path, whole)
    }
    assert.ok(refused > 20, `${refused}`)
    assert.is(followed.take(await trail.answer(followed.known())).state, 'consistent')
  },

  'are on the disk for good before anybody is shown them, which is made sure once for each':
    async () => {
      const trail = LivingTrail.begun()
      const settled: string[] = []
      let fails = false
      const heads = headsIn(trail.files, async (folder) => {
        if (fails) throw new Error('the disk is full')
        settled.push(folder)
      })
      const ask = () => heads.newest(null).catch((error: Error) => error.message)
      await ask()
      await ask()
      assert.is(settled.length, 1)
      trail.grow(1)
      fails = true
      assert.is(await ask(), 'the disk is full')
      fails = false
      assert.ok((await ask())?.startsWith('{'))
      assert.is(settled.length, 2)
    },
})
