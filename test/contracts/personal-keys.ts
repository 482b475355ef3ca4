import type { KeyOwner } from '../../shared/events/personal-fields.ts'
import type { EpochMs } from '../../shared/kernel/ids.ts'
import type { Erasure, PersonalKeys } from '../../shared/ports/personal-keys.ts'
import { contract } from '../support/contract.ts'
import { assert } from '../support/suite.ts'
import { race } from '../support/until.ts'

const ann: KeyOwner = 'sub:ann'
const bob: KeyOwner = 'sub:bob'
const erasureOf = (owner: KeyOwner, over: Partial<Erasure> = {}): Erasure => ({
  ...{ owner, at: 5 as EpochMs, by: 'administrator:root', open: true },
  ...over,
})

export const personalKeysContract = contract<PersonalKeys>('keys of persons', {
  'the first key of an owner is the key, whoever asks later': async (keys) => {
    assert.equal(await keys.find([ann, bob]), [null, null])
    assert.is(await keys.obtain(ann, 'first'), 'first')
    assert.is(await keys.obtain(ann, 'second'), 'first')
    assert.is(await keys.obtain(bob, 'of bob'), 'of bob')
    assert.equal(await keys.find([bob, 'sub:nobody', ann]), ['of bob', null, 'first'])
  },

  'all who race for a key get the same': async (keys) => {
    for (const owner of ['sub:a', 'client:b', 'day:2026-11-30'] as const) {
      const got = await race(8, (index) => keys.obtain(owner, `made ${index}`))
      assert.is(new Set(got).size, 1)
      assert.equal(await keys.find([owner]), [got[0] ?? null])
    }
  },

  'who was erased has no key, and never gets one': async (keys) => {
    await keys.obtain(ann, 'first')
    await keys.obtain(bob, 'of bob')
    assert.is(await keys.erase(erasureOf(ann)), 'erased')
    assert.is(await keys.erase(erasureOf('sub:never')), 'erased')
    for (const owner of [ann, 'sub:never'] as const) {
      assert.is(await keys.obtain(owner, 'again'), null)
      assert.equal(await keys.find([owner, bob]), [null, 'of bob'])
    }
  },

  'of racing erasures and requests for a key none leaves a key': async (keys) => {
    await race(8, (index) =>
      index % 2 === 0 ? keys.obtain(ann, `made ${index}`) : keys.erase(erasureOf(ann)),
    )
    assert.equal(await keys.find([ann]), [null])
    assert.equal(await keys.erasure(ann), erasureOf(ann))
  },

  'the first erasure stays, and is open until it is settled': async (keys) => {
    assert.is(await keys.erasure(ann), null)
    await keys.obtain(bob, 'of bob')
    assert.is(await keys.erasure(bob), null)
    await keys.erase(erasureOf(ann))
    await keys.erase(erasureOf(bob, { by: null, open: false }))
    assert.is(await keys.erase(erasureOf(ann, { by: 'system:gateway' })), 'before')
    assert.equal(await keys.openErasures(9), [erasureOf(ann)])
    assert.equal(await keys.openErasures(0), [])
    await keys.settle(ann)
    await keys.settle('sub:never')
    assert.equal(await keys.openErasures(9), [])
    assert.equal(await keys.erasure(ann), erasureOf(ann, { open: false }))
    assert.is(await keys.obtain('sub:never', 'a key'), 'a key', 'settling erases nobody')
    assert.equal(await keys.erasure(bob), erasureOf(bob, { by: null, open: false }))
  },

  'keys of days go before a day, and others stay': async (keys) => {
    const days: readonly KeyOwner[] = ['day:2026-08-31', 'day:2026-09-01', 'day:2026-09-02']
    for (const owner of [...days, 'sub:day:1', 'client:a'] as const) await keys.obtain(owner, 'key')
    assert.is(await keys.dropDays('2026-09-02'), 2)
    assert.is(await keys.dropDays('2026-09-02'), 0)
    assert.equal(await keys.find(days), [null, null, 'key'])
    assert.equal(await keys.find(['sub:day:1', 'client:a']), ['key', 'key'])
  },
})
