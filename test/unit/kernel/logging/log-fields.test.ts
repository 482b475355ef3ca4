import { AuthError } from '../../../../shared/kernel/errors.ts'
import { loggableFields } from '../../../../shared/kernel/logging/log-fields.ts'
import { assert, claims } from '../../../support/suite.ts'

type Shown = Readonly<{ stack?: string; cause?: Shown; message: string }>
const shown = (error: Error): Shown => loggableFields({ error })['error'] as Shown

claims('fields of a log', {
  'a failure that is told in a sentence has no stack, and no cause of the system has one': () => {
    const cause = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })
    const told = shown(new AuthError('STORE_UNAVAILABLE', 'the disk is full', { cause }))
    assert.is(told.message, 'the disk is full')
    assert.is(told.stack, undefined)
    assert.is(told.cause?.message, 'ENOSPC: no space left')
    assert.is(told.cause?.stack, undefined)
    assert.is(shown(Object.assign(new Error('x'), { code: -30_792 })).stack, undefined)
  },

  'a defect has its place, also as the cause of a failure that has a code': () => {
    const defect = new TypeError('x is undefined')
    assert.match(shown(defect).stack ?? '', 'log-fields.test.ts')
    assert.match(shown(new AuthError('INTERNAL', 'unexpected')).stack ?? '', 'log-fields')
    const wrapped = shown(new AuthError('STORE_UNAVAILABLE', 'no answer', { cause: defect }))
    assert.match(wrapped.cause?.stack ?? '', 'log-fields.test.ts')
  },
})
