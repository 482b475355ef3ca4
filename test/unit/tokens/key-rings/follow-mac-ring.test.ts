import { copyFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasValidMac, signRecord } from '../../../../shared/events/record-mac.ts'
import { systemEntropy as entropy } from '../../../../shared/kernel/entropy.ts'
import {
  followEventsRing,
  followMacRing,
  keyFileNames,
  loadRing,
  openKeyFiles,
  rotateRing,
  saveRing,
} from '../../../../shared/tokens/key-rings/index.ts'
import { aRevocationRecord, aRing } from '../../../support/fakes/builders.ts'
import { type FakeClock, fakeClock } from '../../../support/fakes/fake-clock.ts'
import { assert, claims } from '../../../support/suite.ts'
import { inTempFolder } from '../../../support/temp-folder.ts'
import { until } from '../../../support/until.ts'

type Kind = 'mac' | 'events'
const rotated = async (dir: string, kind: Kind, clock: FakeClock): Promise<void> => {
  const ring = await loadRing(kind, dir)
  const made = { alg: 'HS256', entropy, at: clock.now(), overlapMs: null } as const
  await saveRing(dir, rotateRing(ring, made), entropy)
}
/** Moves time until what was read anew shows. */
const readAnew = (clock: FakeClock, isThere: () => boolean): Promise<void> =>
  until('the file was read anew', async () => {
    await clock.advance(5_000)
    return isThere()
  })

claims('a MAC ring that follows its file', {
  'knows the next key before it signs, and the old one after it': () =>
    inTempFolder('follow', async (root) => {
      const dir = join(root, 'keys')
      const clock = fakeClock()
      const { mac, events } = await openKeyFiles({ dir, entropy })
      const path = (kind: Kind): string => join(dir, keyFileNames[kind])
      const readers = {
        mac: await followMacRing(path('mac'), { clock }),
        events: await followEventsRing(path('events'), mac, { clock }),
      }
      assert.is(readers.events.ring.fleet, mac.fleet)
      try {
        for (const kind of ['mac', 'events'] as const) {
          const { ring } = readers[kind]
          const record = aRevocationRecord(aRing())
          const signedNow = async () => {
            const { mac: m, events: e } = await openKeyFiles({ dir, entropy })
            const writer = kind === 'mac' ? m : e
            const mark = signRecord(writer, record)
            return { ...record, headers: { ...record.headers, 'curfew-mac': mark } }
          }
          const before = await signedNow()
          await rotated(dir, kind, clock)
          const after = await signedNow()
          assert.is.not(before.headers['curfew-mac'], after.headers['curfew-mac'])
          // The reader's file was not read anew yet: the next key stood in it.
          assert.ok(hasValidMac(ring, before) && hasValidMac(ring, after), kind)
          const keys = ring.keys
          await readAnew(clock, () => ring.keys !== keys)
          assert.is(ring.keys.size, 3)
          await rotated(dir, kind, clock)
          const last = await signedNow()
          for (const one of [before, after, last]) assert.ok(hasValidMac(ring, one), kind)
        }
        assert.is.not(events.active, readers.events.ring.active)
      } finally {
        await readers.mac.close()
        await readers.events.close()
      }
    }),

  'goes on with the keys that it has while its file is damaged, gone or another ring': () =>
    inTempFolder('follow', async (root) => {
      const dir = join(root, 'keys')
      const clock = fakeClock()
      await openKeyFiles({ dir, entropy })
      await openKeyFiles({ dir: join(root, 'other'), entropy })
      const path = join(dir, keyFileNames.mac)
      const good = join(root, 'good.json')
      await copyFile(path, good)
      const told: string[] = []
      const onTrouble = ({ message }: Error): void => void told.push(message)
      const { ring, trouble, close } = await followMacRing(path, { clock, onTrouble })
      const { active, keys } = ring
      const hurts = {
        'is damaged': () => writeFile(path, 'half a file'),
        'does not exist': () => rm(path),
        'is another ring': () => copyFile(join(root, 'other', keyFileNames.mac), path),
      }
      try {
        for (const [problem, hurt] of Object.entries(hurts)) {
          await hurt()
          await readAnew(clock, () => trouble()?.message.includes(problem) ?? false)
          await clock.advance(20_000)
          assert.equal([ring.active, ring.keys.size], [active, keys.size])
          await copyFile(good, path)
          await readAnew(clock, () => trouble() === null)
        }
        assert.is(told.length, 3, 'each trouble is told once')
      } finally {
        await close()
      }
    }),
})
