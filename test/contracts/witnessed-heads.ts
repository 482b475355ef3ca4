import type { WitnessedHead, WitnessedHeads } from '../../shared/ports/witnessed-heads.ts'
import { contract } from '../support/contract.ts'
import { assert } from '../support/suite.ts'

const log = 'a'.repeat(64)
const headOf = (size: number): WitnessedHead => ({ size, root: `root ${size}`, note: `n${size}` })

export const witnessedHeadsContract = contract<WitnessedHeads>('witnessed heads', {
  'the newest head of each log is there once it was put in the place of the one before': async (
    heads,
  ) => {
    assert.is(await heads.latest(log), null)
    assert.equal(await heads.advance(log, 0, headOf(4)), headOf(4))
    assert.equal(await heads.advance(log, 4, headOf(9)), headOf(9))
    assert.equal(await heads.latest(log), headOf(9))
    assert.is(await heads.latest('b'.repeat(64)), null)
  },

  'of those who ask to follow the same head one does, and the others hear which': async (heads) => {
    await heads.advance(log, 0, headOf(4))
    const asked = [5, 6, 7, 8, 9].map((size) => heads.advance(log, 4, headOf(size)))
    const inForce = new Set((await Promise.all(asked)).map(({ size }) => size))
    assert.is(inForce.size, 1)
    assert.is((await heads.latest(log))?.size, [...inForce][0])
    assert.is((await heads.advance(log, 3, headOf(20))).size, [...inForce][0])
  },

  'the same head may be put again, with other signatures': async (heads) => {
    await heads.advance(log, 0, headOf(4))
    const again = { ...headOf(4), note: 'signed later' }
    assert.equal(await heads.advance(log, 4, again), again)
    assert.equal(await heads.latest(log), again)
  },
})
