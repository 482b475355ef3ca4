import { receiverOf, storedReceiver } from '../../../../shared/adapters/memory/receiver-format.ts'
import { isAuthError } from '../../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import { storedOnce } from '../../../contracts/older-receivers.ts'
import { aReceiver } from '../../../contracts/receivers.ts'
import { assert, claims } from '../../../support/suite.ts'

claims('stored receivers', {
  'of format 1 are about everybody, and the rest of them is as it was': () => {
    const subjects = { all: true, rules: [] }
    assert.equal(receiverOf(storedOnce('format1')), { ...aReceiver(), subjects })
  },

  'of format 2 took something nobody knows when, and the rest of them is as it was': () => {
    assert.equal(receiverOf(storedOnce('format2')), aReceiver({ deliveredAt: null }))
  },

  'of format 3 are read, and written as 2, which older versions read': () => {
    const receiver = aReceiver({ deliveredAt: 1_700_000_000_000 as EpochMs })
    assert.equal(receiverOf(storedOnce('format3')), receiver)
    assert.equal(storedReceiver(receiver), { ...storedOnce('format3'), format: 2 })
  },

  'of a later version are refused': () => {
    try {
      receiverOf({ ...storedOnce('format3'), format: 4 })
      assert.unreachable()
    } catch (error) {
      assert.ok(isAuthError(error, 'DATA_INVALID'))
    }
  },
})
