import { receiverOf, storedReceiver } from '../../../../shared/adapters/memory/receiver-format.ts'
import { isAuthError } from '../../../../shared/kernel/errors.ts'
import { storedOnce } from '../../../contracts/older-receivers.ts'
import { aReceiver } from '../../../contracts/receivers.ts'
import { assert, claims } from '../../../support/suite.ts'

claims('stored receivers', {
  'of format 1 are about everybody, and the rest of them is as it was': () => {
    const subjects = { all: true, rules: [] }
    assert.equal(receiverOf(storedOnce('format1')), { ...aReceiver(), subjects })
  },

  'of format 2 are read and written as they were': () => {
    assert.equal(receiverOf(storedOnce('format2')), aReceiver())
    assert.equal(storedReceiver(aReceiver()), storedOnce('format2'))
  },

  'of a later version are refused': () => {
    try {
      receiverOf({ ...storedOnce('format2'), format: 3 })
      assert.unreachable()
    } catch (error) {
      assert.ok(isAuthError(error, 'DATA_INVALID'))
    }
  },
})
