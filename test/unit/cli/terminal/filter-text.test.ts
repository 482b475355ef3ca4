import fc from 'fast-check'
import { filterText } from '../../../../services/cli/terminal/filter-text.ts'
import { assert, claims } from '../../../support/suite.ts'

claims('what a reading asked for', {
  'is shown as it is typed, instants too, and without what was not asked': () => {
    const instants = fc.date({ noInvalidDate: true, min: new Date(0) })
    fc.assert(
      fc.property(instants, instants, (one, other) => {
        const filter = { user: null, kind: 'TokenRevoked', since: +one, until: +other }
        const text = `kind=TokenRevoked since=${one.toISOString()} until=${other.toISOString()}`
        assert.is(filterText(filter), text)
      }),
    )
    assert.is(filterText(undefined), '')
    assert.is(filterText({ user: null }), '')
  },
})
