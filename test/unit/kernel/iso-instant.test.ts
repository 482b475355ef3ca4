import { isoInstant } from '../../../shared/kernel/iso-instant.ts'
import { Dice } from '../../support/fakes/dice.ts'
import { assert, claims } from '../../support/suite.ts'

const lastInstant = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

claims('instants as people type them', {
  'an instant is read as the one that was written, whatever its zone and precision': () => {
    const dice = new Dice('instants')
    for (let turn = 0; turn < 500; turn += 1) {
      const at = (dice.below(2 ** 31) * 4_096 + dice.below(4_096)) % lastInstant
      const text = new Date(at).toISOString()
      assert.is(isoInstant(text), at, text)
      const minutes = Math.floor(at / 60_000) * 60_000
      assert.is(isoInstant(`${text.slice(0, 16)}Z`), minutes, text)
      assert.is(isoInstant(text.slice(0, 10)), Math.floor(at / 86_400_000) * 86_400_000, text)
      const hours = dice.below(14)
      const local = new Date(minutes + hours * 3_600_000)
      if (local.getTime() > lastInstant) continue
      const zoned = `${local.toISOString().slice(0, 16)}+${String(hours).padStart(2, '0')}:00`
      assert.is(isoInstant(zoned), minutes, zoned)
    }
  },

  'what names no instant is none, and no day of another month': () => {
    const days = ['2026-02-29', '2026-04-31', '2026-13-01', '2026-00-10', '2026-02-30T00:00:00Z']
    const loose = ['5', '', 'yesterday', '2026', '2026-11', '30/11/2026', 'Mon Nov 30 2026', '7d']
    const noZone = ['2026-11-30T09:00', '2026-11-30T09:00:00', '2026-11-30 09:00:00Z']
    const outside = ['1969-12-31', '2026-11-30T25:00Z', '2026-11-30T09:60Z', '+002026-11-30']
    for (const text of [...days, ...loose, ...noZone, ...outside, '2026-11-30\n']) {
      assert.is(isoInstant(text), null, text)
    }
  },
})
